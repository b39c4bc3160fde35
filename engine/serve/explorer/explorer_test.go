package explorer

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/train/reference"
)

var plain = &Explorer{Open: func() (linear.Backend, error) { return reference.New(1), nil }}

func resolve(t *testing.T, given map[string]string) serve.Network {
	t.Helper()
	n, err := plain.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDefaultsAreThePapersDenseExperiment(t *testing.T) {
	n := resolve(t, nil)
	want := results.Parameters{
		Bits: 3, NX: 3, NY: 1, KX: 3, KY: 1, R: 1, InputBits: "0,1,2", OutputBits: "0", Arch: "dense", Hidden: 50, Depth: 1, Rule: "gd",
		LR: 0.16, InitScale: 0.0002, Steps: 300, TrainExamples: 8, Batch: 8, Precision: "float64",
	}
	if n.Parameters != want || n.Seed != 0 {
		t.Errorf("the defaults are %+v, seed %d", n.Parameters, n.Seed)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		given map[string]string
		want  string // part of the error; "" if it is allowed
	}{
		{map[string]string{"bits": "4", "nx": "all", "batch": "all", "train_examples": "all", "seed": "18446744073709551615", "gamma": ""}, ""},
		{map[string]string{"bits": "4.0", "lr": "1e-3", "r": "-0"}, ""},
		{map[string]string{"rule": "hebbian", "beta": "0.5"}, ""},
		{map[string]string{"arch": "shallow", "depth": "3"}, ""}, // of no meaning there
		{map[string]string{"bits": "7"}, "from 1 to 6"},
		{map[string]string{"bits": "0x3"}, "write 3"},
		{map[string]string{"seed": "010"}, "write 10"},
		{map[string]string{"nx": "some"}, "a whole number from 0 to 6, or all"},
		{map[string]string{"r": "NaN"}, "a finite number"},
		{map[string]string{"lr": "-1"}, "a number from 0 to 100"},
		{map[string]string{"init_scale": "1e-30"}, ""},
		{map[string]string{"init_scale": "9e-31"}, "0 or 1e-30 to 1e+30"},
		{map[string]string{"r": "5e-324"}, "0 or 1e-30 to 1e+30"},
		{map[string]string{"ny": "2", "nx": "1"}, "at most n_x = 1"},
		{map[string]string{"ny": "4"}, "3"},
		{map[string]string{"arch": "denes"}, `did you mean "dense"`},
		{map[string]string{"rule": "sgd"}, "learning rule"},
		{map[string]string{"gamma": "1"}, "has no gamma"},
		{map[string]string{"rule": "hebbian", "beta": "-0.5"}, "above 0"},
		{map[string]string{"rule": "predictive-coding", "gamma": "2"}, "below 0"},
		{map[string]string{"rule": "hebbian", "arch": "shallow"}, "hidden"},
		{map[string]string{"train_examples": "9"}, "8"},
		{map[string]string{"batch": "9"}, "9"},
		{map[string]string{"seed": "18446744073709551616"}, "from 0 to 18446744073709551615"},
		{map[string]string{"colour": "red"}, "unknown parameter"},
		{map[string]string{strings.Repeat("x", 10000): "1"}, "unknown parameter"},
		{map[string]string{"kx": "0", "ky": "0", "ny": "0"}, "output"},
	} {
		_, err := plain.Resolve(c.given)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%v is refused: %v", c.given, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400):
			t.Errorf("%.100v gives %v, want one short line with %q", c.given, err, c.want)
		}
	}
}

// TestControlsAreWhatIsAllowed: both ends of every range are taken, and what lies
// beyond is not.
func TestControlsAreWhatIsAllowed(t *testing.T) {
	c := plain.Controls()
	for i := range settings {
		s := &settings[i]
		limits, ranged := c.Limits[s.name]
		if ranged != (s.kind != textKind && s.kind != seedKind) {
			t.Errorf("%s has the limits %v", s.name, limits)
		}
		if !ranged {
			continue
		}
		for v, allowed := range map[float64]bool{limits[0]: true, limits[1]: true, limits[0] - 1: false, limits[1] + 1: false} {
			if _, err := s.number(numberText(v)); (err == nil) != allowed {
				t.Errorf("%s = %v: %v", s.name, v, err)
			}
		}
	}
	for name := range c.Defaults {
		if !slices.ContainsFunc(settings, func(s setting) bool { return s.name == name }) {
			t.Errorf("the default %s is of no setting", name)
		}
	}
}

func numberText(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func TestSteps(t *testing.T) {
	for _, c := range []struct{ steps, points string }{{"300", "200"}, {"1", "2"}, {"20000", "1024"}, {"7", "1024"}, {"20000", "2"}} {
		n := resolve(t, map[string]string{"steps": c.steps})
		points := 0
		for _, r := range c.points {
			points = 10*points + int(r-'0')
		}
		steps := plain.Steps(n, points)
		if len(steps) > points || len(steps) < 2 || steps[0] != 0 || steps[len(steps)-1] != n.Parameters.Steps || !slices.IsSorted(steps) {
			t.Errorf("%s steps in %s points are %d, from %d to %d", c.steps, c.points, len(steps), steps[0], steps[len(steps)-1])
		}
		if 3*len(steps) < min(points, n.Parameters.Steps) {
			t.Errorf("%s steps in %s points are %d, far fewer than allowed", c.steps, c.points, len(steps))
		}
	}
}

// TestLossOfAKnownMap: theory's loss where every mode has strength 0 is ½ · mean
// of ‖y‖², computed from the targets themselves, and at the end of learning that
// of the least-squares map: what the inputs cannot tell.
func TestLossOfAKnownMap(t *testing.T) {
	for _, given := range []map[string]string{
		{}, {"arch": "split", "ny": "2"}, {"arch": "partitioned", "r": "2", "kx": "1"}, {"arch": "shallow", "kx": "0"}, {"nx": "2", "ny": "2"}, {"nx": "1", "kx": "0", "ny": "0"},
	} {
		n := resolve(t, given)
		p := dataset.NewPoint(n.Parameters.Bits, n.Parameters.NX, n.Parameters.NY, n.Parameters.KX, n.Parameters.KY, n.Parameters.R)
		y, err := p.Y()
		if err != nil {
			t.Fatal(err)
		}
		rows, cols := y.Dims()
		power := 0.0
		for i := range rows {
			for j := range cols {
				power += y.At(i, j) * y.At(i, j) / (2 * float64(cols))
			}
		}
		got, err := plain.Predict(context.Background(), n, []int{0}, 0)
		if err != nil {
			t.Fatal(err)
		}
		// Sums of at most P terms of the size of the result, and the roots in each
		// asymptote: some ten roundings a term.
		if loss := got.Discrete[0].Train.Total; math.Abs(loss-power) > 10*float64(p.Examples())*0x1p-53*power {
			t.Errorf("%v: with nothing learned the loss is %v, want %v", given, loss, power)
		}
		if got.End.Train.Total < 0 || got.End.Train.Total > power {
			t.Errorf("%v: the loss ends at %v of %v", given, got.End.Train.Total, power)
		}
		// Trained long enough from a fair start the network comes to that end.
		long := map[string]string{"steps": "20000", "init_scale": "0.1", "lr": "0.1", "hidden": "20"}
		for k, v := range given {
			long[k] = v
		}
		ending := resolve(t, long)
		var last results.State
		_, err = plain.Train(context.Background(), ending, 2, func(_ int, s results.State) error { last = s; return nil })
		if err != nil {
			t.Fatal(err)
		}
		// e^{−ηδ·20000} of a mode is left: with δ ≥ r²/P = 1/8 less than a rounding. The
		// loss is then what stays, and squares of roundings.
		if off := math.Abs(last.Train.Total - got.End.Train.Total); off > 1000*0x1p-53*power {
			t.Errorf("%v: the loss ends at %v, theory's at %v", given, last.Train.Total, got.End.Train.Total)
		}
	}
}

func TestTooMuchWork(t *testing.T) {
	n := resolve(t, map[string]string{"bits": "6", "kx": "8", "ky": "8", "hidden": "256", "depth": "4", "steps": "20000"})
	_, err := plain.Train(context.Background(), n, 10, func(int, results.State) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "multiply-adds") {
		t.Errorf("the largest network of all: %v", err)
	}
	p, err := plain.Predict(context.Background(), n, plain.Steps(n, 10), math.NaN())
	if err != nil || p.Work <= maxWork {
		t.Errorf("its work is %v, %v", p, err)
	}
}

func TestTheLargestTheoryAnswers(t *testing.T) {
	n := resolve(t, map[string]string{"bits": "6", "kx": "8", "ky": "8", "hidden": "256", "steps": "20000"})
	p, err := plain.Predict(context.Background(), n, plain.Steps(n, 1024), math.NaN())
	if err != nil || p.Discrete == nil || p.Continuous == nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestGivingUp(t *testing.T) {
	n := resolve(t, nil)
	stop := errors.New("enough")
	_, err := plain.Train(context.Background(), n, 100, func(step int, _ results.State) error {
		if step > 100 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Errorf("a training that is told to stop ends with %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := plain.Train(ctx, n, 100, func(int, results.State) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a training that is given up ends with %v", err)
	}
	if _, err := plain.Predict(ctx, n, []int{0, 1}, math.NaN()); !errors.Is(err, context.Canceled) {
		t.Errorf("a prediction that is given up ends with %v", err)
	}
}

// TestExtremeNetworks: theory of what is allowed at the ends has an answer, and of an
// a(0) whose square is none an error. A network without output signal panicked.
func TestExtremeNetworks(t *testing.T) {
	for _, given := range []map[string]string{
		{"ny": "0", "r": "0"}, {"nx": "0", "ny": "0", "r": "0", "arch": "split"}, {"ny": "0", "r": "0", "arch": "shallow"},
		{"init_scale": "1e-30", "r": "1e-30"}, {"init_scale": "10", "lr": "100", "r": "100"}, {"lr": "5e-324"},
	} {
		n := resolve(t, given)
		for start, allowed := range map[float64]bool{
			math.NaN(): true, 0: true, 1e-100: true, 1e100: true, 5e-324: false, 1.1e100: false, math.MaxFloat64: false,
		} {
			p, err := plain.Predict(context.Background(), n, []int{0, 1, 300}, start)
			if (err == nil) != allowed || err == nil && len(p.Discrete) != 3 {
				t.Errorf("%v from %v: %+v, %v", given, start, p, err)
			}
		}
	}
}
