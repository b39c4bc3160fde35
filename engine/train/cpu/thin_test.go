package cpu

import (
	"fmt"
	"testing"
	"time"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/cpu/asm"
)

// A copy has the same bits whether it is trained by itself or in lanes beside
// others, in all it records and in the step at which it diverges.
func TestFewCopiesKeepBits(t *testing.T) {
	var sets []string
	for _, k := range asm.Sets[float32]() {
		if k.Slides() {
			sets = append(sets, k.Set)
		}
	}
	if sets == nil {
		t.Skip("kernels in assembly alone train copies by themselves, and there are none here")
	}
	for _, arch := range []network.Architecture{network.Dense(50), network.Dense(1), network.Dense(130), network.Split(7), network.Shallow()} {
		for _, point := range []dataset.Point{paper, dataset.NewPoint(1, 1, 1, 0, 1, 1), dataset.NewPoint(4, 4, 2, 1, 3, 1), dataset.NewPoint(5, 5, 1, 2, 1, 1)} {
			for _, set := range sets {
				compareFew(t, arch, point, set)
			}
		}
	}
}

func compareFew(t *testing.T, arch network.Architecture, point dataset.Point, set string) {
	b, err := New(Options{Threads: 1, Kernels: set})
	if err != nil {
		t.Fatal(err)
	}
	job := &linear.Job{Architecture: arch, Steps: 60, Schedule: train.Schedule{Every: 7}}
	for i := range 16 {
		job.Copies = append(job.Copies, linear.Copy{
			Task: &linear.Task{Point: point}, LearningRate: []float64{0.1, 40, 0.02, 5}[i%4], InitScale: 0.2, Stream: random.Stream{Seed: uint64(i)},
		})
	}
	all := collect(t, b, job)
	diverged := 0
	for _, picked := range [][]int{{0}, {1}, {3, 2}} {
		some := *job
		some.Copies = nil
		for _, i := range picked {
			some.Copies = append(some.Copies, job.Copies[i])
		}
		for k, got := range collect(t, b, &some) {
			want := all[picked[k]]
			name := fmt.Sprintf("%v at %v on %s: copy %d of %d", arch, point, set, picked[k], len(picked))
			if got.Final.Step != want.Final.Step || got.Final.Diverged != want.Final.Diverged || len(got.Trajectory) != len(want.Trajectory) {
				t.Errorf("%s ends at step %d (diverged: %v), want %d (%v)", name, got.Final.Step, got.Final.Diverged, want.Final.Step, want.Final.Diverged)
				continue
			}
			if want.Final.Diverged {
				diverged++
			}
			observed, weights := numbersOf(got)
			wantObserved, wantWeights := numbersOf(want)
			if distance(observed, wantObserved) != 0 || distance(weights, wantWeights) != 0 {
				t.Errorf("%s has other bits than among 16", name)
			}
		}
	}
	if diverged == 0 {
		t.Errorf("%v at %v: no copy diverges", arch, point)
	}
}

// BenchmarkFew times a step of a bundle with few copies, each by itself and in
// lanes: mostThin is where the two meet.
func BenchmarkFew(b *testing.B) {
	for _, k := range asm.Sets[float32]() {
		if !k.Slides() {
			continue
		}
		for _, copies := range []int{1, 2, 3, 4} {
			for name, thin := range map[string]bool{"thin": true, "lanes": false} {
				b.Run(fmt.Sprintf("%s/%d/%s", k.Set, copies, name), func(b *testing.B) { benchmarkFew(b, k, copies, thin) })
			}
		}
	}
}

func benchmarkFew(b *testing.B, k *asm.Kernels[float32], copies int, thin bool) {
	s := settings[0]
	s.copies = copies
	job := s.job()
	task, err := newTask(job.Architecture, job.Copies[0].Task, s.rule)
	if err != nil {
		b.Fatal(err)
	}
	g := newGroup(k, asm.Sets[float64]()[0], task, k.Lanes, 1)
	for l := range copies {
		g.lanes[l] = &lane{l, &job.Copies[l], task}
	}
	err = g.wide.load(g.net, g.lanes, func(l *lane) (*network.Weights, error) {
		_, w, err := job.Start(l.index)
		return w, err
	})
	if err != nil {
		b.Fatal(err)
	}
	g.net.prepare(g.lanes)
	net := g.net.(*fusedNet[float32])
	net.few = nil
	if thin {
		net.few = net.copiesOf(g.lanes)
	}
	const turn = 1000
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		for range turn {
			clear(g.norm)
			g.net.forward(g.norm)
			g.net.update()
		}
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(copies*turn)/best.Seconds(), "network-steps/s")
}
