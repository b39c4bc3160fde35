package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modspec/engine/results"
	"modspec/engine/study"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// sweepsFolder is the folder of a reproduction that holds the sweeps of its studies: of
// each its file and its folder.
const sweepsFolder = "sweeps"

// dataParameter is the parameter of kinds whose data are files.
const dataParameter = "data"

// studySweeps are the sweeps of some studies, each once, in the order in which the
// studies name them.
type studySweeps struct {
	out     string // folder of the reproduction
	list    []plannedSweep
	open    func(f *backendFlags, precision string) (train.Backend, error)
	seconds map[string]float64 // of training, by name
}

type plannedSweep struct {
	study.Sweep
	space   *space.Space
	plan    *plan.Plan
	backend backendFlags
}

// planSweeps reads and checks every sweep before the first is trained. Into which folder is
// for the caller to say.
func planSweeps(ctx context.Context, f *reproduceFlags, studies []study.Study) (*studySweeps, error) {
	s := &studySweeps{open: (*backendFlags).openKinds, seconds: map[string]float64{}}
	for _, of := range studies {
		for _, named := range of.Sweeps {
			if slices.ContainsFunc(s.list, func(p plannedSweep) bool { return p.Name == named.Name }) {
				continue
			}
			file, err := spec.Parse(named.Name+".yaml", []byte(named.Text), kinds)
			if err == nil && f.data != "" && readsFiles(file) {
				named.Text += fmt.Sprintf("  %s: {value: %q}\n", dataParameter, f.data)
				file, err = spec.Parse(named.Name+".yaml", []byte(named.Text), kinds)
			}
			if err != nil {
				return nil, err
			}
			if readsFiles(file) { // all else in the file is right
				if _, err := interruptible(ctx, func() (train.Model, error) { return file.Model(0) }); err != nil {
					return nil, badInput(fmt.Errorf("sweep %s: %w (--data)", named.Name, err))
				}
			}
			points, err := space.Enumerate(ctx, file)
			if err != nil {
				return nil, err
			}
			run := runFlags{backendFlags: f.backendFlags}
			if run.backend == "reference" && file.Precision != "float64" { // which it has not
				run.backend = "cpu"
			}
			plan, _, err := run.plan(points)
			if err == nil {
				err = plan.Check()
			}
			if err != nil {
				return nil, badInput(fmt.Errorf("sweep %s: %w", named.Name, err))
			}
			s.list = append(s.list, plannedSweep{named, points, plan, run.backendFlags})
		}
	}
	if f.data != "" && !slices.ContainsFunc(s.list, func(p plannedSweep) bool { return readsFiles(p.space.File) }) {
		return nil, badInput(errors.New("--data is for studies of images, which are among these with --all or by their names (--list)"))
	}
	return s, nil
}

// readsFiles reports whether the data of a sweep's networks are files.
func readsFiles(f *spec.File) bool { return f.Kind.Parameters().Index(dataParameter) >= 0 }

func (s *studySweeps) dir(name string) string { return filepath.Join(s.out, sweepsFolder, name) }

// discard removes what earlier processes left of the sweeps: all of it, or all that this
// one may not go on with, since another program, another backend or another file made it.
// What is no folder of a sweep is left alone, and so is one that a process works in:
// runner.Run says what is wrong with it.
func (s *studySweeps) discard(all bool, now *results.Provenance) error {
	for _, p := range s.list {
		dir := s.dir(p.Name)
		status, err := store.ReadStatus(dir)
		if err != nil || status.State == store.StateRunning {
			continue
		}
		other := status.Fingerprint != p.space.Fingerprint() || status.Backend != p.backend.backend ||
			slices.ContainsFunc(status.Processes, func(then results.Provenance) bool {
				return then.Version != now.Version || then.Commit != now.Commit || then.Tree != now.Tree || then.ArithmeticName() != now.ArithmeticName()
			})
		if !all && !other {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("cannot remove the old results in %s: %w", dir, errNo(err))
		}
	}
	return nil
}

// train trains what the folders do not hold yet, with one display of progress for all
// sweeps.
func (s *studySweeps) train(ctx context.Context, stdout, stderr io.Writer, provenance results.Provenance) error {
	if len(s.list) == 0 {
		return nil
	}
	backends := map[string]train.Backend{} // by precision
	defer func() {
		for _, b := range backends {
			b.Close()
		}
	}()
	watch, began := newSweepProgress(stderr), time.Now()
	defer watch.end()
	var all runner.Progress // of the sweeps before
	for _, p := range s.list {
		all.Total += p.plan.Own
	}
	for _, p := range s.list {
		precision := p.space.File.Precision
		if backends[precision] == nil {
			b, err := s.open(&p.backend, precision)
			if err != nil {
				return badInput(err)
			}
			backends[precision] = b
		}
		var now runner.Progress // of this sweep
		summary, err := s.trainOne(ctx, p, runner.Options{
			Backend: backends[precision], Provenance: provenance, Notice: watch.notice,
			Progress: func(of runner.Progress) {
				now = of
				watch.show(runner.Progress{
					Done: all.Done + of.Done, Total: all.Total, Trained: all.Trained + of.Trained, Diverged: all.Diverged + of.Diverged,
					NetworkSteps: all.NetworkSteps + of.NetworkSteps, Elapsed: time.Since(began),
				})
			},
		})
		if err != nil {
			err = fmt.Errorf("sweep %s: %w", p.Name, err)
			if errors.Is(err, context.Canceled) { // it says what is kept and how to go on
				err = exitError{exitInterrupted, err}
			}
			return err
		}
		s.seconds[p.Name] = float64(summary.Seconds)
		all.Done, all.Trained, all.Diverged = all.Done+now.Done, all.Trained+now.Trained, all.Diverged+now.Diverged
		all.NetworkSteps += now.NetworkSteps
	}
	watch.end()
	_, err := fmt.Fprintf(stdout, "%s of %s trained in %.1f s; tables: %s\n", counted(all.Trained, "network", "networks"),
		counted(len(s.list), "sweep", "sweeps"), time.Since(began).Seconds(), filepath.Join(s.out, sweepsFolder))
	return err
}

// trainOne trains what is missing of one sweep, with its file beside its folder.
func (s *studySweeps) trainOne(ctx context.Context, p plannedSweep, o runner.Options) (runner.Summary, error) {
	o.Dir = s.dir(p.Name)
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o777); err != nil {
		return runner.Summary{}, fmt.Errorf("cannot make the folder %s: %w", filepath.Dir(o.Dir), errNo(err))
	}
	if err := results.WriteFile(o.Dir+".yaml", func(w io.Writer) error {
		_, err := io.WriteString(w, p.Text)
		return err
	}); err != nil {
		return runner.Summary{}, err
	}
	o.Provenance.Backend, o.Provenance.Precision = o.Backend.Name(), p.space.File.Precision
	o.Sweep, o.Chunks, o.Copy = store.SweepOf(p.space, p.plan.Trajectories), p.space.Chunks(p.plan.ChunkCopies), p.space.Copy
	return runner.Run(ctx, o)
}

// tables returns the tables of a study's sweeps by name, and how long this process
// trained them.
func (s *studySweeps) tables(of study.Study) (tables map[string]*study.Table, seconds float64, err error) {
	tables = map[string]*study.Table{}
	for _, named := range of.Sweeps {
		if tables[named.Name], err = study.ReadTable(s.dir(named.Name)); err != nil {
			return nil, 0, err
		}
		seconds += s.seconds[named.Name]
	}
	return tables, seconds, nil
}
