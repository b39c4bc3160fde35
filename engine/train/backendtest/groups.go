package backendtest

import (
	"errors"
	"fmt"
	"math"

	"modspec/engine/kind/linear"
)

// modeStrengths is the name of the group that theory predicts.
const modeStrengths = "mode strengths"

// groups sorts a run's results into groups, always in the same order.
func (o *oracle) groups(final weights, observations []linear.Observation) []group {
	var list []group
	for m, layers := range final {
		for l, layer := range layers {
			list = append(list, newGroup(fmt.Sprintf("final weights of module %d, layer %d", m+1, l+1), layer.flat()))
		}
	}
	var trained, tested, quadrants, modes, shares []float64
	largest := 0.0 // ‖M‖²
	for _, s := range observations {
		trained = append(trained, s.Train.Total, s.Train.Omega, s.Train.Gamma)
		tested = append(tested, s.Test.Total, s.Test.Omega, s.Test.Gamma)
		q := []float64{s.Quadrants.OmegaOmega, s.Quadrants.GammaOmega, s.Quadrants.OmegaGamma, s.Quadrants.GammaGamma}
		quadrants = append(quadrants, q...)
		modes = append(modes, s.Modes...)
		shares = append(shares, s.Systematicity)
		largest = math.Max(largest, q[0]+q[1]+q[2]+q[3])
	}
	// Residuals are differences from the labels, so losses are relative to theirs.
	losses, tests := newGroup("training losses", trained), newGroup("test losses", tested)
	losses.scale = math.Max(losses.scale, o.labelLoss())
	tests.scale = math.Max(tests.scale, o.labelLoss())
	// Strengths are sums over the map, divided by singular values of which the
	// largest may be part of the sum for the smallest.
	strengths := newGroup(modeStrengths, modes)
	strengths.scale = math.Sqrt(largest) * o.condition()
	return append(list, losses, tests, newGroup("quadrants", quadrants), strengths, newGroup("systematicity", shares))
}

func newGroup(name string, values []float64) group {
	g := group{name: name, values: values}
	for _, v := range values {
		if math.Abs(v) > g.scale { // not for NaN
			g.scale = math.Abs(v)
		}
	}
	return g
}

// labelLoss returns the loss of the answer 0 over all examples.
func (o *oracle) labelLoss() float64 {
	sum := 0.0
	for _, row := range o.ySize {
		for _, v := range row {
			sum += v * v
		}
	}
	return sum / (2 * float64(len(o.y)))
}

// condition returns the largest ratio of two singular values of one module.
func (o *oracle) condition() float64 {
	ratio := 1.0
	for _, m := range o.modules {
		for _, a := range m.modes {
			for _, b := range m.modes {
				ratio = math.Max(ratio, a.SingularValue/b.SingularValue)
			}
		}
	}
	return ratio
}

// deviation returns the largest difference of two lists of one length. NaN stands
// for a number that does not exist and differs from every other by NaN.
func deviation(a, b []float64) float64 {
	worst := 0.0
	for i := range a {
		if math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		if d := math.Abs(a[i] - b[i]); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

// compare returns what a run has wrong, group by group.
func (x *expectation) compare(run linear.Run) error {
	if run.Final.Diverged {
		return fmt.Errorf("it diverged at step %d, but should not", run.Final.Step)
	}
	if len(run.Trajectory) != len(x.observations) {
		return fmt.Errorf("%d observations were recorded, want %d", len(run.Trajectory), len(x.observations))
	}
	for i, s := range run.Trajectory {
		if s.Step != x.observations[i].Step || len(s.Modes) != len(x.observations[i].Modes) {
			return fmt.Errorf("observation %d is of step %d with %d modes, want step %d with %d",
				i, s.Step, len(s.Modes), x.observations[i].Step, len(x.observations[i].Modes))
		}
	}
	got := x.oracle.groups(fromWeights(run.Final.Weights), run.Trajectory)
	if len(got) != len(x.groups) {
		return errors.New("the final weights have other layers than the architecture")
	}
	var wrong []error
	for g, want := range x.groups {
		if len(got[g].values) != len(want.values) {
			wrong = append(wrong, fmt.Errorf("%s: there are %d, want %d", want.name, len(got[g].values), len(want.values)))
			continue
		}
		if d := deviation(want.values, got[g].values); !(d <= want.bound) {
			wrong = append(wrong, fmt.Errorf("%s: off by %.3g of %.3g, but rounding explains %.3g at most", want.name, d, want.scale, want.bound))
		}
	}
	return errors.Join(wrong...)
}
