package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"modspec/engine/kind/images"
	"modspec/engine/report"
	"modspec/engine/study"
	"modspec/engine/sweep"
)

// An imageStudy is the study of compositional MNIST, ready to run.
type imageStudy struct {
	space *sweep.Space
	full  bool
}

// images returns the image study, or nil if it is not asked for.
func (f *reproduceFlags) images(ctx context.Context) (*imageStudy, error) {
	if !f.all && !slices.Contains(f.only, study.Images.ID) {
		return nil, nil
	}
	text := study.ImagesSweep(f.full)
	if f.data != "" {
		digest, err := images.Find(f.data)
		if err != nil {
			return nil, err
		}
		text += fmt.Sprintf("  data: {value: %q}\n", digest)
	}
	file, err := sweep.Parse(study.Images.ID, []byte(text), kinds)
	if err != nil {
		return nil, err
	}
	space, err := sweep.Enumerate(ctx, file)
	return &imageStudy{space, f.full}, err
}

// run trains into a folder of its own, where it goes on, and draws.
func (s *imageStudy) run(ctx context.Context, out string, progress *progress) (report.Section, error) {
	progress.begin(study.Images.Title)
	section, err := s.section(ctx, out, progress)
	if err != nil {
		progress.abandon()
		return section, err
	}
	progress.done(section)
	return section, ctx.Err()
}

func (s *imageStudy) section(ctx context.Context, out string, progress *progress) (report.Section, error) {
	section := report.Section{ID: study.Images.ID, Title: study.Images.Title, Source: study.Images.Source, Runs: study.Images.Runs}
	if s.full {
		section.Runs = study.Images.RunsFull
	}
	started := time.Now()
	dir := filepath.Join(out, study.Images.ID)
	f := runFlags{backendFlags: backendFlags{backend: "cpu"}}
	plan, shard, err := f.plan(s.space)
	if err != nil {
		return section, err
	}
	backend, err := f.openKinds(s.space.File.Precision)
	if err != nil {
		return section, err
	}
	defer backend.Close()
	o := sweepOptions(s.space, plan, shard, dir, backend)
	o.Notice = progress.note
	if _, err := sweep.Run(ctx, o); err != nil {
		return section, err
	}
	if section.Claims, err = study.ImagesClaims(sweep.Runs(dir)); err != nil {
		return section, err
	}
	if section.Figures, err = drawImages(out, dir, s.space.File.Schedule.Every); err != nil {
		return section, err
	}
	section.Seconds = time.Since(started).Seconds()
	return section, nil
}

// drawImages draws the figures of a sweep of the kind images into a folder.
func drawImages(out, dir string, epoch int) ([]report.Drawing, error) {
	figures, err := study.ImagesFigures(sweep.Runs(dir), sweep.Trajectories(dir), epoch)
	if err != nil {
		return nil, err
	}
	var drawings []report.Drawing
	for _, fig := range figures {
		drawing, err := report.Draw(out, fig)
		if err != nil {
			return nil, err
		}
		drawings = append(drawings, drawing)
	}
	return drawings, nil
}
