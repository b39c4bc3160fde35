//go:build unix

package programs

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"modspec/engine/kind/images"
	"modspec/engine/program"
	"modspec/engine/random"
	kinds "modspec/engine/train"
	"modspec/engine/train/cpu/asm"
)

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

// BenchmarkStep times single steps of one run on one thread, without starts and
// observations, in turn with the peak. The best of both is what an idle core does.
func BenchmarkStep(b *testing.B) {
	for _, batch := range []int{64, 256} {
		for _, rules := range []int{8, 32} {
			for g := monolithic; g <= truth; g++ {
				m := mixture{encoding: 32, width: 128, batch: batch, rules: rules, gate: g, optimizer: adam}
				training := m.training(b)
				b.Run(fmt.Sprintf("%s/R%d/batch%d/float32", g, rules, batch), func(b *testing.B) { benchmarkStep[float32](b, training, run(1)) })
				b.Run(fmt.Sprintf("%s/R%d/batch%d/float64", g, rules, batch), func(b *testing.B) { benchmarkStep[float64](b, training, run(1)) })
			}
		}
	}
}

func benchmarkStep[F asm.Float](b *testing.B, training *program.Training, given program.Run) {
	e, err := newExecutable[F](training, Options{})
	if err != nil {
		b.Fatal(err)
	}
	w := worker[F]{executable: e, inside: 1, ctx: context.Background(), steps: 1 << 30}
	if err := w.begin(given); err != nil {
		b.Fatal(err)
	}
	best, top := time.Duration(1<<62), 0.0
	for b.Loop() {
		start := time.Now()
		if err := w.advance(); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
		start = time.Now()
		top = max(top, float64(e.kernels.Probe(200_000/e.kernels.Lanes))/time.Since(start).Seconds())
	}
	b.ReportMetric(best.Seconds()*1e6, "µs/step")
	b.ReportMetric(100*float64(training.Step.Cost().Products)/(top*best.Seconds()), "%peak")
	b.ReportMetric(2*top/1e9, "peak-GFLOP/s")
}

// BenchmarkMixture trains the mixtures of E 32, D 128, batch 256, runs side by side,
// and reports steps/s of all runs and the share of the multiply-add peak of as many
// threads that their products have; the peak is measured in between. On a machine that
// others use too, the share of the peak in the processor time that the process had
// says more: %peak-cpu, the best of the turns.
func BenchmarkMixture(b *testing.B) {
	for _, precision := range []Precision{Float32, Float64} {
		for _, rules := range []int{8, 32} {
			for g := monolithic; g <= truth; g++ {
				for _, threads := range []int{1, 2} {
					b.Run(fmt.Sprintf("%s/R%d/%s/%d", g, rules, precision, threads), func(b *testing.B) {
						m := mixture{encoding: 32, width: 128, batch: 256, rules: rules, gate: g, optimizer: adam}
						benchmark(b, m.training(b), Options{Precision: precision, Threads: threads}, 2*threads)
					})
				}
			}
		}
	}
}

// BenchmarkOneRun is a run alone, whose instructions the threads share.
func BenchmarkOneRun(b *testing.B) {
	for g := monolithic; g <= truth; g++ {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", g, threads), func(b *testing.B) {
				m := mixture{encoding: 32, width: 128, batch: 256, rules: 32, gate: g, optimizer: adam}
				benchmark(b, m.training(b), Options{Threads: threads}, 1)
			})
		}
	}
}

// processorTime is what this process has had so far.
func processorTime(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func benchmark(b *testing.B, training *program.Training, o Options, runs int) {
	e, err := Compile(training, o)
	if err != nil {
		b.Fatal(err)
	}
	const steps = 100
	var list []program.Run
	for i := range runs {
		list = append(list, run(uint64(i)))
	}
	best, least, top := time.Duration(1<<62), time.Duration(1<<62), 0.0
	for b.Loop() {
		start, had := time.Now(), processorTime(b)
		if err := e.Train(context.Background(), list, steps, nil, discard{}); err != nil {
			b.Fatal(err)
		}
		best, least = min(best, time.Since(start)), min(least, processorTime(b)-had)
		if o.Precision == Float64 {
			top = max(top, peak(asm.Sets[float64]()[o.set]))
		} else {
			top = max(top, peak(asm.Sets[float32]()[o.set]))
		}
	}
	rate := float64(steps*runs) / best.Seconds()
	b.ReportMetric(rate, "steps/s")
	products := float64(training.Step.Cost().Products)
	b.ReportMetric(100*rate*products/(top*float64(o.Threads)), "%peak")
	b.ReportMetric(100*float64(steps*runs)*products/(top*least.Seconds()), "%peak-cpu")
	b.ReportMetric(2*top/1e9, "peak-GFLOP/s")
}

// BenchmarkImages times single steps of the paper's networks on images, as BenchmarkStep
// does.
func BenchmarkImages(b *testing.B) {
	for _, arch := range []string{"dense", "split"} {
		kind := images.Kind{}
		setting, err := kinds.NewSetting(kind)
		if err != nil {
			b.Fatal(err)
		}
		for name, text := range map[string]string{"arch": arch, "data": "../../../../testdata/mnist", "train": "512", "test": "16", "batch": "16"} {
			i := kind.Parameters().Index(name)
			value, err := kinds.ReadValue(kind, &kind.Parameters()[i], text)
			if err != nil {
				b.Fatal(err)
			}
			setting.Set(i, value)
		}
		model, err := kind.Resolve(setting)
		if err != nil {
			b.Fatal(err)
		}
		training, err := model.Program()
		if err != nil {
			b.Fatal(err)
		}
		given := model.Run(random.Stream{Seed: 1})
		b.Run(arch+"/float32", func(b *testing.B) { benchmarkStep[float32](b, training, given) })
		b.Run(arch+"/float64", func(b *testing.B) { benchmarkStep[float64](b, training, given) })
	}
}
