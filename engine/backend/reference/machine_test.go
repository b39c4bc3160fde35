package reference_test

import (
	"math"
	"strings"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/random"
)

// A run by its machine: the network y = w·x on samples x = ±1 that are drawn anew
// at each step learns w = 2 exactly as the recursion w ← w + η(2 − w) does.
func TestMachine(t *testing.T) {
	d := program.NewDraft()
	w := d.Parameter("w", d.Start.Normal(program.Draw{}, 1))
	b := d.Step
	x := b.Affine(b.Whole(program.Draw{}, 2, 1), 2, -1)
	read := b.Read(w)
	loss := b.Total(b.SquareLoss(b.Multiply(read, x), b.Scale(x, 2)))
	program.SGD{}.Update(d, b.Setting("lr"), []program.Variable{w}, b.Gradient(loss, []program.Value{read}))
	d.Observe.Output("w", d.Observe.Read(w))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	run := program.Run{Streams: []random.Stream{{Seed: 3}}, Settings: []float64{0.25}}
	m, err := reference.NewMachine(training, run)
	if err != nil {
		t.Fatal(err)
	}
	want := run.Streams[0].Normal(0, 0)
	for step := range 20 {
		got, err := m.Observe()
		if err != nil {
			t.Fatal(err)
		}
		// Two roundings a step, each of at most one unit of 2.
		if math.Abs(got[0][0]-want) > float64(4*step)*0x1p-53 || m.Place().Step != step {
			t.Fatalf("after %d steps w is %v, want %v", step, got[0][0], want)
		}
		want += 0.25 * (2 - want)
		if err := m.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := reference.NewMachine(training, program.Run{Streams: run.Streams}); err == nil || !strings.Contains(err.Error(), "the run has 0 settings, but its training has 1: lr") {
		t.Errorf("a run without its setting: %v", err)
	}
}
