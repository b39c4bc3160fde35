package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
	"modspec/engine/train/cpu"
)

// setting is the paper's dense dataset and network at random learning rates and
// strengths, so that points are as many as copies/1000.
const setting = `name: cluster
method: random
run_cap: %d
seeds: %d
steps: %d
record: %s
parameters:
  lr: {min: 0.02, max: 0.2, distribution: uniform}
  r: {min: 0.5, max: 2, distribution: uniform}
`

// rates are what was measured, in seconds of one core and in bytes.
type rates struct {
	point float64 // finding a point of the sweep, which every process does for all
	list  float64 // listing a copy: its parameters, id and random stream, which a process does for its own
	check float64 // finding the copy of a number, which a process does for those that its folder holds
	train float64 // training a copy, predicting it and writing its row
	merge float64 // bringing a copy of a shard into the merged folder
	bytes float64 // of a copy in the tables

	machine results.Provenance
}

// The sizes of the sweeps that are measured.
const (
	listedPoints  = 2000
	seeds         = 1000
	checkedCopies = 100_000
	trainedPart   = 32 // points whose copies are trained
)

// measure measures the rates on all cores of this machine, in time of the
// processor, which other programs at work do not change much.
func measure(ctx context.Context, steps int, record string) (*rates, error) {
	r := &rates{machine: results.NewProvenance("cpu", "float32", os.Args, time.Now())}
	text := func(points int) string { return fmt.Sprintf(setting, points, seeds, steps, record) }
	began := processor()
	points, err := enumerate(ctx, text(listedPoints))
	if err != nil {
		return nil, err
	}
	found := processor()
	r.point = (found - began) / float64(points.Len())
	plan, err := plan.New(points, plan.Options{})
	if err != nil {
		return nil, err
	}
	found = processor()
	for _, err := range points.Chunks(plan.ChunkCopies) {
		if err != nil {
			return nil, err
		}
	}
	listed := processor()
	r.list = (listed - found) / float64(points.Copies())
	for n := range checkedCopies {
		points.Copy(n)
	}
	r.check = (processor() - listed) / checkedCopies
	return r, r.run(ctx, text(trainedPart))
}

// run trains a small sweep in two shards, and merges them.
func (r *rates) run(ctx context.Context, text string) error {
	dir, err := os.MkdirTemp("", "cluster")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	points, err := enumerate(ctx, text)
	if err != nil {
		return err
	}
	plan, err := plan.New(points, plan.Options{})
	if err != nil {
		return err
	}
	backend, err := cpu.New(cpu.Options{Precision: cpu.Float32})
	if err != nil {
		return err
	}
	defer backend.Close()
	copies := float64(points.Copies())
	var shards []string
	began := processor()
	for i := 1; i <= 2; i++ {
		folder := filepath.Join(dir, fmt.Sprint(i))
		_, err := runner.Run(ctx, runner.Options{
			Dir: folder, Sweep: store.SweepOf(points, points.File.Schedule.PerDecade > 0 || points.File.Schedule.Every > 0),
			Chunks: points.ShardChunks(space.Shard{Index: i, Count: 2}, plan.ChunkCopies), Copy: points.Copy,
			Shard: space.Shard{Index: i, Count: 2}, Backend: model.Backend(backend), Provenance: r.machine,
		})
		if err != nil {
			return err
		}
		shards = append(shards, folder)
	}
	trained := processor()
	r.train = (trained - began) / copies
	merged := filepath.Join(dir, "merged")
	if _, err := store.Merge(ctx, merged, shards, nil); err != nil {
		return err
	}
	r.merge = (processor() - trained) / copies
	status, err := store.ReadStatus(merged)
	r.bytes = float64(status.Bytes) / copies
	return err
}

func enumerate(ctx context.Context, text string) (*space.Space, error) {
	file, err := spec.Parse("sweep.yaml", []byte(text), []train.Kind{model.Kind})
	if err != nil {
		return nil, err
	}
	return space.Enumerate(ctx, file)
}

func (r *rates) print(w io.Writer, s *settings) {
	fmt.Fprintf(w, "Measured on %s, %d cores (%s), commit %s, in processor time:\n\n", r.machine.CPU, runtime.NumCPU(), r.machine.GoVersion, r.machine.Commit)
	fmt.Fprintf(w, "| what | of one core |\n|---|---|\n")
	for _, row := range []struct {
		what    string
		seconds float64
	}{
		{fmt.Sprintf("list, train, predict and write a copy of %d steps", s.steps), r.train}, {"of that, list it", r.list},
		{"find a point", r.point}, {"check a copy that is there", r.check}, {"merge a copy", r.merge},
	} {
		fmt.Fprintf(w, "| %s | %.3g µs |\n", row.what, 1e6*row.seconds)
	}
	fmt.Fprintf(w, "| a copy in the tables (record: %s) | %.0f bytes |\n\n", s.record, r.bytes)
	if s.copiesPerSecond > 0 {
		fmt.Fprintf(w, "A node trains %g copies a second: %s.\n\n", s.copiesPerSecond, s.source)
	}
}
