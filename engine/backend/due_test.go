package backend_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/kind/linear/model"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// rounds is a keeper that looks, as that of sweeps does, whether a round has begun since
// a run was kept.
type rounds struct {
	*recorder
	now  atomic.Int32
	seen []int32
}

func (r *rounds) Due(run, _ int) bool                { return r.now.Load() != r.seen[run] }
func (*rounds) Keep([]int, []train.Checkpoint) error { return nil }

// asking is an executor that only asks whether a checkpoint is due, once a step.
type asking struct{ backend.Executor }

func (asking) Train(_ context.Context, _ *program.Training, _ []program.Run, steps int, _ []int, s backend.Sink) error {
	for step := range steps {
		if s.Due(0, step) {
			return s.Keep(step, []int{0}, make([][][]float64, 1))
		}
	}
	return nil
}

// BenchmarkDue compares a question whether a checkpoint is due with a step of the smallest
// linear network that a program trains: the best of some turns of each.
func BenchmarkDue(b *testing.B) {
	k := model.Kind
	s, err := train.NewSetting(k)
	if err != nil {
		b.Fatal(err)
	}
	const steps = 20_000
	for name, v := range map[string]float64{"bits": 1, "kx": 0, "hidden": 1, "steps": steps} {
		s.Set(k.Parameters().Index(name), results.Value{Number: v})
	}
	m, err := k.Resolve(s)
	if err != nil {
		b.Fatal(err)
	}
	executor, err := programs.New(programs.Options{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	job := &train.Job{Kind: k, Precision: "float32", Steps: steps, Runs: []train.Run{{Model: m, Stream: random.Stream{Seed: 1}}}}
	best := [2]time.Duration{time.Hour, time.Hour}
	for b.Loop() {
		for i, e := range []backend.Executor{executor, asking{executor}} {
			began := time.Now()
			if err := backend.New(e).Train(b.Context(), job, &rounds{recorder: newRecorder(), seen: make([]int32, 1)}); err != nil {
				b.Fatal(err)
			}
			best[i] = min(best[i], time.Since(began))
		}
	}
	b.ReportMetric(float64(best[0].Nanoseconds())/steps, "ns/step")
	b.ReportMetric(float64(best[1].Nanoseconds())/steps, "ns/question")
	b.ReportMetric(100*float64(best[1])/float64(best[0]), "%")
}
