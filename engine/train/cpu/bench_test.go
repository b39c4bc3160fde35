package cpu

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/cpu/asm"
)

// A setting is a training that the backend is timed on.
type setting struct {
	name   string
	arch   network.Architecture
	point  dataset.Point
	rule   network.Rule
	rate   float64
	batch  int
	steps  int
	copies int
}

var paper = dataset.NewPoint(3, 3, 1, 3, 1, 1)

var settings = []setting{
	{"dense", network.Dense(50), paper, network.Rule{}, 0.16, 0, 300, 1024},
	{"split", network.Split(50), paper, network.Rule{}, 0.16, 0, 300, 512},
	{"shallow", network.Shallow(), paper, network.Rule{}, 0.04, 0, 300, 2048},
	{"hebbian", network.Dense(50), paper, network.Rule{Beta: 0.001}, 0.08, 0, 300, 64},
	{"anti-hebbian", network.Dense(50), paper, network.Rule{Beta: -0.001}, 0.08, 0, 300, 64},
	{"contrastive-hebbian", network.Dense(50), paper, network.Rule{Gamma: 1}, 0.04, 0, 300, 128},
	{"batches-of-3", network.Dense(50), paper, network.Rule{}, 0.16, 3, 300, 64},
	{"depth-3", network.Dense(50, 50, 50), paper, network.Rule{}, 0.16, 0, 300, 64},
	{"middle", network.Dense(60), dataset.NewPoint(6, 6, 3, 3, 1, 1), network.Rule{}, 0.16, 0, 50, 64},
	{"large", network.Dense(256), dataset.NewPoint(8, 8, 3, 3, 1, 1), network.Rule{}, 0.16, 0, 10, 2},
}

func (s setting) job() *linear.Job {
	task := &linear.Task{Point: s.point, Batch: s.batch}
	job := &linear.Job{Architecture: s.arch, Steps: s.steps}
	for seed := range s.copies {
		job.Copies = append(job.Copies, linear.Copy{
			Task: task, Rule: s.rule, LearningRate: s.rate,
			Stream: random.Stream{Seed: uint64(seed)}, InitScale: 0.01 / 50,
		})
	}
	return job
}

// stepWork is the number of multiply-adds in the products of a copy's step, in
// the coordinates that it trains in: 3·n_out·h·ρ for a hidden layer, 2·n_out·ρ
// (E and η E) for none. The rest of a step is not counted, nor are starts and recordings.
func stepWork(b *testing.B, s setting) float64 {
	t, err := newTask(s.arch, &linear.Task{Point: s.point, Batch: s.batch}, s.rule)
	if err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for _, m := range t.modules {
		out, n, hidden := float64(m.hi-m.lo), float64(m.coords), m.module.Hidden
		if len(hidden) == 0 {
			sum += 2 * out * n
			continue
		}
		below := n
		for l, h := range append(append([]int{}, hidden...), m.hi-m.lo) {
			if l > 0 { // forward, back and its own increment
				sum += 3 * float64(h) * below * n
			}
			below = float64(h)
		}
		examples := float64(t.batch)
		if !t.diagonal {
			sum += 2 * out * n * examples
		}
		if t.gamma {
			sum += out*out*n + out*out*float64(hidden[len(hidden)-1])
		}
		if t.beta > 0 {
			sum += 3 * float64(hidden[0]) * n * examples
		} else if t.beta < 0 {
			sum += 2 * float64(hidden[0]) * n * examples
		}
	}
	return sum
}

// peak measures multiply-adds a second of one thread, the best of several tries.
func peak[F asm.Float](k *asm.Kernels[F]) float64 {
	best := 0.0
	for range 20 {
		start := time.Now()
		n := k.Probe(200_000 / k.Lanes)
		best = max(best, float64(n)/time.Since(start).Seconds())
	}
	return best
}

// BenchmarkTrain times whole jobs, starts and the two recordings included, and
// reports network-steps/s and the share of the peak of as many threads, measured
// beside it.
func BenchmarkTrain(b *testing.B) {
	for _, s := range settings {
		for _, precision := range []Precision{Float32, Float64} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/%d", s.name, precision, threads), func(b *testing.B) {
					backend, err := New(Options{Precision: precision, Threads: threads})
					if err != nil {
						b.Fatal(err)
					}
					benchmarkJob(b, backend, s, threads)
				})
			}
		}
	}
}

// BenchmarkStart times what a small job takes beside its steps: one copy, one step,
// one job after the other on a backend.
func BenchmarkStart(b *testing.B) {
	backend, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	s := settings[0]
	s.copies = 1
	job := s.job()
	job.Steps, job.Schedule = 1, train.Schedule{}
	b.ReportAllocs()
	for b.Loop() {
		if err := backend.Train(context.Background(), job, discard{}); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is a recorder that keeps nothing.
type discard struct{}

func (discard) Observe(int, linear.Observation) error { return nil }
func (discard) Finish(int, linear.Final) error        { return nil }

func benchmarkJob(b *testing.B, backend *Backend, s setting, threads int) {
	job := s.job()
	work := stepWork(b, s)
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		if err := backend.Train(context.Background(), job, discard{}); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	top := peak(asm.Sets[float32]()[0])
	if backend.Precision() == Float64 {
		top = peak(asm.Sets[float64]()[0])
	}
	steps := float64(s.steps*s.copies) / best.Seconds()
	b.ReportMetric(steps, "network-steps/s")
	b.ReportMetric(100*steps*work/(top*float64(threads)), "%peak")
	b.ReportMetric(2*top/1e9, "peak-GFLOP/s")
}

// BenchmarkStep times the steps of one group alone: no starts, no recordings, one
// thread. Its share of the peak is the kernels' own.
func BenchmarkStep(b *testing.B) {
	for _, s := range settings {
		b.Run(s.name+"/float32", func(b *testing.B) { benchmarkStep[float32](b, s, bySize) })
		b.Run(s.name+"/float64", func(b *testing.B) { benchmarkStep[float64](b, s, bySize) })
	}
}

func benchmarkStep[F asm.Float](b *testing.B, s setting, where sides) {
	p := &pool[F]{threads: 1, kernels: asm.Sets[F]()[0], wide: asm.Sets[float64]()[0], sides: where}
	s.copies = p.kernels.Lanes
	job := s.job()
	t, err := newTask(job.Architecture, job.Copies[0].Task, s.rule)
	if err != nil {
		b.Fatal(err)
	}
	g := newGroup(p.kernels, p.wide, t, p.lanesOf(t), 1)
	for l := range g.lanes {
		g.lanes[l] = &lane{l, &job.Copies[l], t}
	}
	err = g.wide.load(g.net, g.lanes, func(l *lane) (*network.Weights, error) {
		_, w, err := job.Start(l.index)
		return w, err
	})
	if err != nil {
		b.Fatal(err)
	}
	g.net.prepare(g.lanes)
	// Turns of at least a millisecond, long against the clock.
	turn := max(1, int(2e8/(stepWork(b, s)*float64(len(g.lanes)))))
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		for range turn {
			clear(g.norm)
			g.net.forward(g.norm)
			for l := range g.lanes {
				if !g.g.finite(g.norm, l) {
					b.Fatal("the network diverged: its time would mean nothing")
				}
			}
			g.net.update()
		}
		best = min(best, time.Since(start))
	}
	steps := float64(turn*len(g.lanes)) / best.Seconds()
	top := peak(p.kernels)
	b.ReportMetric(steps, "network-steps/s")
	b.ReportMetric(100*steps*stepWork(b, s)/top, "%peak")
	b.ReportMetric(2*top/1e9, "peak-GFLOP/s")
}

// BenchmarkSweep times the paper's dense setting at the size of a sweep, 65,536
// copies × 300 steps on two threads, and reports the memory taken from the
// system too: it must not grow with the number of copies.
func BenchmarkSweep(b *testing.B) {
	backend, err := New(Options{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	s := settings[0]
	s.copies = 65_536
	benchmarkJob(b, backend, s, 2)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
}
