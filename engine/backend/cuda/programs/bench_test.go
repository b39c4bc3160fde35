//go:build gpu

package programs

import (
	"context"
	"fmt"
	"testing"

	"modspec/engine/cuda"
	"modspec/engine/kind/images"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// BenchmarkMixture trains mixtures side by side, and reports run-steps a second beside what
// Count predicts for an H200. It says nothing on the stand-in, where it is skipped.
func BenchmarkMixture(b *testing.B) {
	d := opened(b)
	if d.Name == cuda.StandInName {
		b.Skip("the stand-in's speed says nothing; run this on a GPU")
	}
	for _, rules := range []int{8, 32} {
		training := mixture{rules: rules, encoding: 32, width: 128, batch: 256}.training(b)
		for _, o := range []Options{{}, {TF32: true}} {
			for _, runs := range []int{16, 64, 1024} {
				b.Run(fmt.Sprintf("rules=%d/tf32=%v/runs=%d", rules, o.TF32, runs), func(b *testing.B) {
					report, err := Count(training, o)
					if err != nil {
						b.Fatal(err)
					}
					x, err := Compile(d, training, o)
					if err != nil {
						b.Fatal(err)
					}
					job := &Job{Runs: runsOf(training, make([]float64, runs)...), Steps: 500}
					for b.Loop() {
						if err := x.Train(context.Background(), job, newKept()); err != nil {
							b.Fatal(err)
						}
					}
					rate := float64(b.N) * float64(job.Steps) * float64(runs) / b.Elapsed().Seconds()
					b.ReportMetric(rate, "run-steps/s")
					b.ReportMetric(rate*report.Step.Seconds(runs, H200)/float64(runs), "of-predicted")
				})
			}
		}
	}
}

// BenchmarkImages trains convolutional networks of the paper side by side, and reports
// images a second beside what Count predicts for an H200. It is skipped on the stand-in.
func BenchmarkImages(b *testing.B) {
	d := opened(b)
	if d.Name == cuda.StandInName {
		b.Skip("the stand-in's speed says nothing; run this on a GPU")
	}
	k := images.Kind{}
	for _, arch := range []string{"dense", "split"} {
		s, err := train.NewSetting(k)
		if err != nil {
			b.Fatal(err)
		}
		s.Set(k.Parameters().Index("arch"), results.Value{Text: arch})
		s.Set(k.Parameters().Index("data"), results.Value{Text: "../../../../testdata/mnist"})
		m, err := k.Resolve(s)
		if err != nil {
			b.Fatal(err)
		}
		training, err := m.Program()
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range []Options{{}, {TF32: true}} {
			report, err := Count(training, o)
			if err != nil {
				b.Fatal(err)
			}
			x, err := Compile(d, training, o)
			if err != nil {
				b.Fatal(err)
			}
			for _, runs := range []int{1, 10, 40} {
				b.Run(fmt.Sprintf("arch=%s/tf32=%v/runs=%d", arch, o.TF32, runs), func(b *testing.B) {
					job := &Job{Steps: 20}
					for seed := range runs {
						job.Runs = append(job.Runs, m.Run(random.Stream{Seed: uint64(seed)}))
					}
					for b.Loop() {
						if err := x.Train(context.Background(), job, newKept()); err != nil {
							b.Fatal(err)
						}
					}
					steps := float64(b.N) * float64(job.Steps) * float64(runs) / b.Elapsed().Seconds()
					b.ReportMetric(steps*float64(s.Values[k.Parameters().Index("batch")].Number), "images/s")
					b.ReportMetric(steps*report.Step.Seconds(runs, H200)/float64(runs), "of-predicted")
				})
			}
		}
	}
}
