package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
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
	"modspec/engine/train/cpu/asm"
)

// paperDense is the paper's dense setting with many seeds, the first and the last
// step recorded.
const paperDense = `name: paper-dense
method: grid
seeds: %d
steps: 300
record: ends
precision: float32
parameters:
  lr: {value: 0.16}
`

// BenchmarkSweep runs the paper's dense setting for 65,536 copies × 300 steps, from
// the sweep file to the Parquet tables on the disk, on all cores. It reports
// network-steps/s and the share of the multiply-add peak that the steps'
// arithmetic (10,800 multiply-adds each in reduced coordinates) amounts to.
func BenchmarkSweep(b *testing.B) {
	const copies, steps, work = 65536, 300, 3 * 50 * 9 * 8
	for b.Loop() {
		runSweep(b, fmt.Sprintf(paperDense, copies))
	}
	rate := copies * steps * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "network-steps/s")
	b.ReportMetric(100*rate*work/(peak()*float64(runtime.GOMAXPROCS(0))), "%peak")
}

// runSweep does what modspec sweep run does.
func runSweep(b *testing.B, text string) {
	ctx := context.Background()
	file, err := spec.Parse("sweep.yaml", []byte(text), []train.Kind{model.Kind})
	if err != nil {
		b.Fatal(err)
	}
	points, err := space.Enumerate(ctx, file)
	if err != nil {
		b.Fatal(err)
	}
	plan, err := plan.New(points, plan.Options{})
	if err != nil {
		b.Fatal(err)
	}
	backend, err := cpu.New(cpu.Options{Precision: cpu.Float32})
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	summary, err := runner.Run(ctx, runner.Options{
		Dir: filepath.Join(b.TempDir(), "out"), Sweep: store.SweepOf(points, false),
		Chunks: points.Chunks(plan.ChunkCopies), Copy: points.Copy, Backend: model.Backend(backend),
		Provenance: results.NewProvenance(backend.Name(), file.Precision, nil, time.Now()),
	})
	if err != nil {
		b.Fatal(err)
	}
	if summary.Done != points.Copies() {
		b.Fatalf("%d of %d copies are done", summary.Done, points.Copies())
	}
}

// peak measures multiply-adds a second of one core in float32, the best of twenty
// tries.
func peak() float64 {
	kernels := asm.Sets[float32]()[0]
	best := 0.0
	for range 20 {
		start := time.Now()
		n := kernels.Probe(200_000 / kernels.Lanes)
		best = max(best, float64(n)/time.Since(start).Seconds())
	}
	return best
}
