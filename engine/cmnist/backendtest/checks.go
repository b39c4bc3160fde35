package backendtest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"modspec/engine/cmnist"
)

// checkGradients holds a step of every network against the gradient by hand, and
// that one against differences of the loss by hand.
func checkGradients(b cmnist.Backend, roundoff float64) error {
	for _, n := range networks {
		j := goodJob()
		j.Runs = j.Runs[:1]
		j.Runs[0].Network = n
		// One step on all images, so long that the gradient is not lost in the
		// rounding of what it is added to.
		j.Epochs, j.Batch, j.LearningRate = 1, j.Data.Train.Count(), 1
		before, err := j.Start(0)
		if err != nil {
			return err
		}
		order := j.Runs[0].Stream.Permutation(j.Data.Train.Count(), 0)
		want := literalGradient(n, composition, before.Parameters, j.Data.Train, order)
		if err := differences(n, before.Parameters, want, j.Data.Train, order); err != nil {
			return fmt.Errorf("the suite's own gradient of the network %q: %w", n.Name, err)
		}
		r, err := train(b, j)
		if err != nil {
			return err
		}
		if err := r.ended(j); err != nil {
			return fmt.Errorf("the network %q: %w", n.Name, err)
		}
		after := r.saved[0][1].Parameters
		// An element of the gradient is a sum over images and places of products of
		// what comes from below and from above, each within span roundings; every
		// rounding is relative to a sum of absolute values, which stays within
		// cancels times the largest element of its list.
		terms := 2*span(n, composition) + float64(len(order)*composition.Height()*composition.Width())
		const cancels = 16
		err = each(want, after, func(where string, g, w []float64) error {
			start := list(before.Parameters, where)
			got := make([]float64, len(g))
			for i := range got {
				got[i] = start[i] - w[i]
			}
			bound := roundoff * (cancels*terms*largest(g) + 2*largest(start))
			if d := deviation(g, got); !(d <= bound) {
				return fmt.Errorf("the network %q: the gradient of the %s is off by %.3g of %.3g, but rounding explains %.3g at most", n.Name, where, d, largest(g), bound)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// list returns the list of numbers that each calls by a name.
func list(p cmnist.Parameters, name string) []float64 {
	var found []float64
	_ = each(p, p, func(where string, a, _ []float64) error {
		if where == name {
			found = a
		}
		return nil
	})
	return found
}

// differences holds some elements of a gradient against central differences. With
// a step h the difference is off by the loss's third derivative times h²/6, 0 for
// a loss that is quadratic in every single parameter while no ReLU turns, and by
// the roundings of two losses, length·u·L each, over 2h. ReLU turns bend it where
// a value is within h of 0; the few images of a job leave few of those, and three
// steps of different size do not all meet one.
func differences(n cmnist.Network, p, gradient cmnist.Parameters, x *cmnist.Examples, batch []int) error {
	loss := literalLoss(n, composition, p, x, batch)
	length := 2*span(n, composition) + float64(composition.Outputs(cmnist.BothBlocks)*len(batch))
	rng := rand.New(rand.NewPCG(1, 2))
	return each(p, gradient, func(where string, w, g []float64) error {
		for range 2 {
			i := rng.IntN(len(w))
			kept := w[i]
			var off, bound float64
			for _, h := range []float64{0x1p-16, 0x1p-19, 0x1p-22} {
				w[i] = kept + h
				up := literalLoss(n, composition, p, x, batch)
				w[i] = kept - h
				down := literalLoss(n, composition, p, x, batch)
				w[i] = kept
				off, bound = math.Abs((up-down)/(2*h)-g[i]), length*0x1p-53*loss/h
				if off <= bound {
					break
				}
			}
			if !(off <= bound) {
				return fmt.Errorf("element %d of the %s is off by %.3g of %.3g, but rounding explains %.3g at most", i, where, off, g[i], bound)
			}
		}
		return nil
	})
}

// checkAnswers holds what is measured before any training against the answers by
// hand.
func checkAnswers(b cmnist.Backend, roundoff float64) error {
	for _, n := range networks {
		j := goodJob()
		j.Runs = j.Runs[:1]
		j.Runs[0].Network, j.Epochs = n, 0
		r, err := train(b, j)
		if err != nil {
			return err
		}
		if len(r.observations[0]) != 1 {
			return fmt.Errorf("the network %q was observed %d times in no epochs, want once", n.Name, len(r.observations[0]))
		}
		start, err := j.Start(0)
		if err != nil {
			return err
		}
		err = each(start.Parameters, r.saved[0][0].Parameters, func(where string, want, got []float64) error {
			if d := deviation(want, got); d > roundoff*largest(want) {
				return fmt.Errorf("the network %q: the %s start off by %.3g, more than one rounding", n.Name, where, d)
			}
			return nil
		})
		if err != nil {
			return err
		}
		want, _ := cmnist.Observe(background, j, n, 0, func(x *cmnist.Examples, i int, to []float64) {
			copy(to, literal(n, composition, start.Parameters, x, i))
		})
		if err := sameObservation(r.observations[0][0], want, 16*roundoff*span(n, composition)); err != nil {
			return fmt.Errorf("the network %q: %w", n.Name, err)
		}
	}
	return nil
}

// sameObservation compares errors to a relative bound and shares of images to as
// many images as sit on an edge, which is one: the largest of ten answers can
// change hands within rounding.
func sameObservation(got, want cmnist.Observation, bound float64) error {
	if got.Epoch != want.Epoch || got.Diverged != want.Diverged || (got.Probe == nil) != (want.Probe == nil) {
		return fmt.Errorf("observed as %+v, want %+v", got, want)
	}
	measures := map[string][2]cmnist.Measure{"train": {got.Train, want.Train}, "test": {got.Test, want.Test}, "unseen": {got.Unseen, want.Unseen}}
	if got.Probe != nil {
		measures["recombined"] = [2]cmnist.Measure{got.Probe.Recombined, want.Probe.Recombined}
		for name, v := range map[string][2]float64{"company": {got.Probe.Company, want.Probe.Company}, "style": {got.Probe.Style, want.Probe.Style}} {
			// A ratio of differences of answers: it loses what they have in common,
			// for which the answers' own scale, 1, stands.
			if !close(v[0], v[1], 64*bound*math.Max(1, math.Abs(v[1]))) {
				return fmt.Errorf("%s is %v, want %v", name, v[0], v[1])
			}
		}
	}
	for name, m := range measures {
		for what, v := range map[string][2]float64{
			"compositional error":     {m[0].Compositional, m[1].Compositional},
			"non-compositional error": {m[0].NonCompositional, m[1].NonCompositional},
		} {
			if !close(v[0], v[1], bound*math.Max(1, v[1])) {
				return fmt.Errorf("the %s %s is %v, want %v within %.2g", name, what, v[0], v[1], bound)
			}
		}
		const edge = 1.0 / 6 // one image of the fewest in a set
		if !close(m[0].AllDigits, m[1].AllDigits, edge) || !close(m[0].Number, m[1].Number, edge) || len(m[0].Digit) != len(m[1].Digit) {
			return fmt.Errorf("the %s shares are %+v, want %+v", name, m[0], m[1])
		}
		for p := range m[0].Digit {
			if !close(m[0].Digit[p], m[1].Digit[p], edge) {
				return fmt.Errorf("the %s shares are %+v, want %+v", name, m[0], m[1])
			}
		}
	}
	return nil
}

// close reports whether two numbers differ by no more than a bound, or neither
// exists.
func close(a, b, bound float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= bound
}

// checkTraining compares several epochs with training by hand. How far roundings
// carry is found by training a second time by hand, from parameters disturbed by
// noise relative to their size: what that moves, scaled from noise to the roundings
// of all steps.
func checkTraining(b cmnist.Backend, roundoff float64) error {
	return compareTraining(b, goodJob(), roundoff)
}

func checkMomentum(b cmnist.Backend, roundoff float64) error {
	j := goodJob()
	j.Momentum = 0.9
	j.LearningRate /= 10
	return compareTraining(b, j, roundoff)
}

func compareTraining(b cmnist.Backend, j *cmnist.Job, roundoff float64) error {
	r, err := train(b, j)
	if err != nil {
		return err
	}
	if err := r.ended(j); err != nil {
		return err
	}
	for run := range j.Runs {
		state, err := j.Start(run)
		if err != nil {
			return err
		}
		other, err := j.Start(run)
		if err != nil {
			return err
		}
		const noise = 0x1p-30
		rng := rand.New(rand.NewPCG(3, uint64(run)))
		_ = each(other.Parameters, other.Parameters, func(_ string, a, _ []float64) error {
			for i := range a {
				a[i] *= 1 + noise*(2*rng.Float64()-1)
			}
			return nil
		})
		length := 2*span(j.Runs[run].Network, composition) + float64(j.Batch)
		for epoch := 1; epoch <= j.Epochs; epoch++ {
			literalTraining(j, run, state)
			literalTraining(j, run, other)
			steps := float64(epoch) * math.Ceil(float64(j.Data.Train.Count())/float64(j.Batch))
			err := each(state.Parameters, r.saved[run][epoch].Parameters, func(where string, want, got []float64) error {
				moved := deviation(want, list(other.Parameters, where))
				bound := 2 * roundoff * steps * length * (moved/noise + largest(want)/16)
				if d := deviation(want, got); !(d <= bound) {
					return fmt.Errorf("run %d, epoch %d: the %s are off by %.3g of %.3g, but rounding explains %.3g at most", run+1, epoch, where, d, largest(want), bound)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// checkGoingOn: a run that goes on from a checkpoint, momentum and all, ends with
// the same bits as one that never stopped.
func checkGoingOn(b cmnist.Backend, _ float64) error {
	for _, momentum := range []float64{0, 0.5} {
		j := goodJob()
		j.Momentum, j.Epochs = momentum, 3
		whole, err := train(b, j)
		if err != nil {
			return err
		}
		for run := range j.Runs {
			j.Runs[run].From = whole.saved[run][1+run]
		}
		rest, err := train(b, j)
		if err != nil {
			return err
		}
		for run := range j.Runs {
			last := len(rest.saved[run]) - 1
			if last != 2-run {
				return fmt.Errorf("run %d, going on from epoch %d of 3, was observed %d times", run+1, 1+run, last+1)
			}
			if err := sameCheckpoint(rest.saved[run][last], whole.saved[run][3]); err != nil {
				return fmt.Errorf("run %d, going on from epoch %d: %w", run+1, 1+run, err)
			}
		}
	}
	return nil
}

func sameCheckpoint(got, want *cmnist.Checkpoint) error {
	if got.Epoch != want.Epoch {
		return fmt.Errorf("it ends at epoch %d, want %d", got.Epoch, want.Epoch)
	}
	same := func(where string, a, b []float64) error {
		for i := range a {
			if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
				return fmt.Errorf("element %d of the %s is %v, want %v", i, where, b[i], a[i])
			}
		}
		return nil
	}
	if err := each(want.Parameters, got.Parameters, same); err != nil {
		return err
	}
	if (got.Velocity == nil) != (want.Velocity == nil) {
		return errors.New("one has a velocity and the other has not")
	}
	return each(want.Velocity, got.Velocity, same)
}
