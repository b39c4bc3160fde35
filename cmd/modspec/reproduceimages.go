package main

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"modspec/engine/chart"
	"modspec/engine/cmnist"
	"modspec/engine/cmnist/experiment"
	"modspec/engine/mnist"
	"modspec/engine/plot"
	"modspec/engine/report"
	"modspec/engine/results"
	"modspec/engine/study"
)

// An imageStudy is the study of compositional MNIST, ready to run.
type imageStudy struct {
	set     *mnist.Set
	backend cmnist.Backend
	full    bool
}

// images returns the image study, or nil if it is not asked for.
func (f *reproduceFlags) images() (*imageStudy, error) {
	if !f.all && !slices.Contains(f.only, study.CMNISTID) {
		return nil, nil
	}
	set, err := mnist.Find(f.data)
	if err != nil {
		return nil, err
	}
	backend, _, err := openCMNIST("cpu", 0)
	if err != nil {
		return nil, err
	}
	return &imageStudy{set, backend, f.full}, nil
}

// run trains into a folder of its own and draws. Of the reduced study what an earlier
// run left is begun anew; the full one goes on where it stopped.
func (s *imageStudy) run(ctx context.Context, out string, progress *progress) (report.Section, error) {
	progress.begin(study.CMNISTTitle)
	started := time.Now()
	dir := filepath.Join(out, study.CMNISTID)
	rows, err := experiment.Run(ctx, experiment.Options{
		Dir: dir, Config: study.CMNIST(s.full), Set: s.set, Backend: s.backend, Resume: s.full, Anew: !s.full, Notice: progress.note,
	})
	if err != nil {
		progress.abandon()
		return report.Section{}, err
	}
	section := report.Section{
		ID: study.CMNISTID, Title: study.CMNISTTitle, Runs: study.CMNISTRuns(s.full),
		Source: "section on compositional MNIST", Claims: study.CMNISTClaims(rows),
	}
	if section.Figures, err = drawCMNIST(out, rows); err != nil {
		progress.abandon()
		return report.Section{}, err
	}
	section.Seconds = time.Since(started).Seconds()
	progress.done(section)
	return section, ctx.Err()
}

// drawCMNIST draws the figures of an experiment into a folder.
func drawCMNIST(out string, rows []results.CMNISTEpoch) ([]plot.Drawing, error) {
	var drawings []plot.Drawing
	for _, fig := range chart.CMNISTFigures(rows) {
		drawing, err := plot.Draw(out, fig)
		if err != nil {
			return nil, err
		}
		drawings = append(drawings, drawing)
	}
	return drawings, nil
}
