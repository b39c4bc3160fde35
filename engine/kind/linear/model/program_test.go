package model_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"modspec/engine/backend"
	programs "modspec/engine/backend/reference"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/train/reference"
	"modspec/engine/train/traintest"
)

// programSettings are networks with and without times to half, predictions and test
// examples, and one that diverges.
var programSettings = []map[string]string{
	{"hidden": "12", "steps": "120"},
	{"arch": "shallow", "r": "1.5", "steps": "60"},
	{"arch": "split", "hidden": "9", "depth": "2", "init_scale": "0.2"},
	{"arch": "partitioned", "hidden": "6", "batch": "3", "input_bits": "0,2", "output_bits": "2", "lr": "0.05"},
	{"modules": "both>both:4; omega>gamma:3x2; gamma>omega:0", "ky": "2", "init_scale": "0.3", "lr": "0.03"},
	{"rule": "hebbian", "hidden": "5", "train_examples": "5"},
	{"rule": "anti-hebbian", "hidden": "5"},
	{"rule": "contrastive-hebbian", "hidden": "5", "lr": "0.01", "init_scale": "0.1"},
	{"rule": "predictive-coding", "hidden": "5", "lr": "0.01", "batch": "5", "train_examples": "7"},
	{"hidden": "4", "lr": "1e4"},
}

// kept is a recorder that keeps everything.
type kept struct {
	unwanted bool
	observed [][]float64
	steps    []int
	end      train.End
	summary  []results.Value
}

func (k *kept) Wanted() bool { return !k.unwanted }

func (k *kept) Observe(_, step int, metrics []float64) error {
	k.steps = append(k.steps, step)
	k.observed = append(k.observed, slices.Clone(metrics))
	return nil
}

func (k *kept) Finish(_ int, end train.End) (err error) {
	k.end = end
	k.summary, err = end.Summary()
	return err
}

// TestProgramAndFormTellTheSame: what is recorded of a run and its summary are the same,
// but for roundings, whether a form or the program has trained it, and whether
// observations before the last are wanted or not. Roundings: 10⁻¹² of the largest number
// of a metric, see train/reference's TestProgramIsTheReference. A time to half moves by
// the rounding over the slope, which is about the end over the number of steps. What
// theory predicts is computed from equal initial weights, and is equal.
func TestProgramAndFormTellTheSame(t *testing.T) {
	const bound = 1e-12
	ctx := context.Background()
	for _, setting := range programSettings {
		m := resolved(t, setting)
		job := &train.Job{
			Kind: model.Kind, Precision: "float64", Steps: m.Steps(), Schedule: train.Schedule{Every: 3},
			Runs: []train.Run{{Model: m, Stream: train.Stream(model.Kind, m.Parameters(), 4)}},
		}
		var form, own kept
		last := kept{unwanted: true}
		if err := model.Backend(reference.New(1)).Train(ctx, job, &form); err != nil {
			t.Fatal(err)
		}
		b := backend.New(programs.New(1))
		for _, r := range []*kept{&own, &last} {
			if err := b.Train(ctx, job, r); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.EqualFunc(own.summary, last.summary, func(a, b results.Value) bool {
			return a.Text == b.Text && math.Float64bits(a.Number) == math.Float64bits(b.Number)
		}) {
			t.Errorf("%v: the summary is %v, but %v where observations are not wanted", setting, own.summary, last.summary)
		}
		if own.end.Diverged != form.end.Diverged {
			t.Fatalf("%v: the run diverged: %v, want %v", setting, own.end.Diverged, form.end.Diverged)
		}
		scale := map[string]float64{} // the largest number of a metric
		if !own.end.Diverged {
			if !slices.Equal(own.steps, form.steps) {
				t.Fatalf("%v: steps %v are recorded, want %v", setting, own.steps, form.steps)
			}
			for c, column := range linear.Metrics {
				largest := 0.0
				for _, o := range form.observed {
					if v := math.Abs(o[c]); v > largest { // not for NaN
						largest = v
					}
				}
				scale[column.Name] = largest
				for k := range form.observed {
					if a, b := own.observed[k][c], form.observed[k][c]; !(math.Abs(a-b) <= bound*largest) && !(math.IsNaN(a) && math.IsNaN(b)) {
						t.Errorf("%v: %s at step %d is %v, want %v", setting, column.Name, own.steps[k], a, b)
					}
				}
			}
		}
		for c, column := range linear.Summary {
			a, b := own.summary[c], form.summary[c]
			allowed := bound * scale[column.Name]
			switch column.Role {
			case results.Time:
				allowed = bound * float64(job.Steps)
			case results.Prediction:
				allowed = 0
			}
			if a.Text != b.Text || !(math.Abs(a.Number-b.Number) <= allowed) && !(math.IsNaN(a.Number) && math.IsNaN(b.Number)) {
				t.Errorf("%v: %s is %v, want %v", setting, column.Name, a, b)
			}
		}
	}
}

func resolved(t *testing.T, values map[string]string) train.Model {
	t.Helper()
	c := traintest.Case{Name: "linear", Kind: model.Kind, Settings: []map[string]string{values}}
	m, err := c.Model(values)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestProgramsPassTheSuite puts linear networks through the suite of all kinds.
func TestProgramsPassTheSuite(t *testing.T) {
	small := func(more map[string]string) map[string]string {
		s := map[string]string{"bits": "2", "kx": "1", "hidden": "3", "steps": "12", "init_scale": "0.3"}
		for name, v := range more {
			s[name] = v
		}
		return s
	}
	traintest.Suite(t, traintest.Subject{Precision: "float64", Open: func(threads int) (train.Backend, error) {
		return backend.New(programs.New(threads)), nil
	}},
		traintest.Case{Name: "linear, two layers", Kind: model.Kind, Settings: []map[string]string{
			small(nil), small(map[string]string{"r": "1.5", "lr": "0.05", "output_bits": "1"}),
		}, Diverging: small(map[string]string{"lr": "1e4"})},
		traintest.Case{Name: "linear, three layers in batches", Kind: model.Kind, Settings: []map[string]string{
			small(map[string]string{"depth": "2", "batch": "3"}),
		}},
	)
}
