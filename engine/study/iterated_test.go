package study

import (
	"context"
	"math"
	"testing"

	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
	"modspec/engine/theory"
	"modspec/engine/train/reference"
)

func TestIteratedLearning(t *testing.T) {
	if !testing.Short() {
		judged(t, iteratedLearning, evidenceOf(t, iteratedLearning, every))
		return
	}
	// Setting (b) is a fiftieth of the work.
	for _, k := range []int{denseB, splitB, shallowB} {
		lineages, err := iteratedNetworks(1, 1)[k].run(context.Background(), reference.New(0))
		if err != nil {
			t.Fatal(err)
		}
		if d := lineages[0].deviation(); !(d <= collapseTolerance) {
			t.Errorf("network %d deviates by %v", k, d)
		}
	}
}

func TestIteratedLearningNoticesFaults(t *testing.T) {
	networks := iteratedNetworks(1, 2)
	// Setting (b) stands in for (a), which would take most of the time.
	lineages := make([][]lineage, len(networks))
	for k, from := range map[int]int{
		denseB: denseB, splitB: splitB, shallowB: shallowB,
		denseA: denseB, splitA: splitB, shallowA: shallowB, splitCut: splitB,
	} {
		var err error
		if lineages[k], err = networks[from].run(context.Background(), reference.New(0)); err != nil {
			t.Fatal(err)
		}
	}
	claims := func(k int, planted func(l *lineage)) []results.Claim {
		faulty := append([][]lineage(nil), lineages...)
		faulty[k] = append([]lineage(nil), lineages[k]...)
		for i := range faulty[k] { // in every seed: some claims count seeds
			l := &faulty[k][i]
			l.measured = append([]prediction.Sample(nil), l.measured...)
			l.predicted = append([]prediction.Sample(nil), l.predicted...)
			planted(l)
		}
		return iteratedClaims(networks, faulty, 0.975)
	}
	teacherIgnored := func(of func(l *lineage) []prediction.Sample) func(l *lineage) {
		return func(l *lineage) {
			for g := range of(l) {
				of(l)[g] = of(l)[0]
			}
		}
	}
	measured := func(l *lineage) []prediction.Sample { return l.measured }
	foreseen := func(l *lineage) []prediction.Sample { return l.predicted }

	mustFail(t, claims(splitB, teacherIgnored(measured)), "iterated-learning/prediction-collapse", "a network that ignores its teacher")
	// Of two seeds that are purged with probability 0.975 at least one must be.
	mustFail(t, claims(splitB, teacherIgnored(measured)), "iterated-learning/split-purged", "a network that ignores its teacher")
	for _, id := range []string{"prediction", "shallow"} {
		mustFail(t, claims(shallowB, teacherIgnored(measured)), "iterated-learning/"+id, "a network that ignores its teacher")
	}
	mustFail(t, claims(denseB, teacherIgnored(measured)), "iterated-learning/dense-ends-on-floor", "a network that ignores its teacher")
	mustFail(t, claims(splitB, teacherIgnored(foreseen)), "iterated-learning/prediction-collapse", "theory that ignores the teacher")
	mustFail(t, claims(shallowB, teacherIgnored(foreseen)), "iterated-learning/prediction", "theory that ignores the teacher")
	mustFail(t, claims(shallowB, func(l *lineage) { l.predicted = l.predicted[1:] }), "iterated-learning/prediction", "theory one generation short")
	mustFail(t, claims(denseB, func(l *lineage) { l.measured[3].Quadrants = l.measured[3].Quadrants.Scale(0.99) }),
		"iterated-learning/dense-floor", "a generation half a percent below the floor")
	mustFail(t, claims(denseB, func(l *lineage) {
		last := &l.measured[len(l.measured)-1]
		last.Quadrants = last.Quadrants.Scale(0.9)
	}), "iterated-learning/kept", "a compositional norm that shrinks by 5 %")
	mustFail(t, claims(splitA, func(*lineage) {}), "iterated-learning/split-not-cut", "setting (b) in place of (a)")
	mustFail(t, claims(denseA, func(*lineage) {}), "iterated-learning/dense-keeps-mode-2", "setting (b) in place of (a)")
	mustFail(t, claims(splitCut, func(l *lineage) { l.measured = l.measured[:5] }), "iterated-learning/split-cut-short", "too few generations")
}

// One direction over generations, against the closed form of its fate: the
// shallow network keeps q = 1 − (1−ηδ)^T of its labels and (1−ηδ)^T of its start,
// so a_g = q·a_{g−1} + (1−q)·a(0).
func TestPredictGenerationsOfShallowNetwork(t *testing.T) {
	mode := theory.Mode{Kind: theory.Asked, Multiplicity: 1, SingularValue: 2, InputEigenvalue: 2.5, InputShare: 1, OutputShare: 1}
	const start, eta, steps = 0.01, 0.04, 35
	samples := predictGenerations([]directionSet{{mode: mode, starts: []float64{start}}}, eta, steps, 6)
	q := 1 - math.Pow(1-eta*2.5, steps)
	want := 0.8
	for g, s := range samples {
		want = q*want + (1-q)*start
		// Each generation adds a handful of roundings.
		if math.Abs(s.Modes[0]-want) > float64(g+1)*8*0x1p-53 || math.Abs(s.Quadrants.Compositional()-want) > float64(g+2)*8*0x1p-53 {
			t.Errorf("generation %d: strength %v and norm %v, want %v", g, s.Modes[0], s.Quadrants.Compositional(), want)
		}
	}
}

// The estimate of a mode's lifetime beside the recursion itself, for modes that
// last for a few and for hundreds of generations. e^{x−L}/x counts until the mode
// is gone and takes its loss as small, so a factor of two is what it claims.
func TestLifetimeAgainstRecursion(t *testing.T) {
	networks := iteratedNetworks(1, 1)
	for _, c := range []struct {
		network int
		kind    theory.Kind
	}{{denseA, theory.Other}, {splitB, theory.LeftOut}, {splitA, theory.Other}} {
		n := networks[c.network]
		module := n.arch.Modules[len(n.arch.Modules)-1]
		modes := theory.Modes(n.task.Point, module.View())
		var set directionSet
		for _, m := range modes {
			if m.Kind == c.kind {
				set = directionSet{mode: m, hidden: 1, starts: []float64{theory.MeanDeepStart(hidden, n.scale)}}
			}
		}
		generations := 0
		for a := set.mode.Asymptote(); a > set.mode.Asymptote()/2 && generations < 1000; generations++ {
			a = set.learn(a, set.starts[0], n.eta, n.steps)
		}
		estimate := n.lifetime(c.kind)
		if ratio := float64(generations) / estimate; !(ratio >= 0.5 && ratio <= 2) { // NaN is neither
			t.Errorf("network %d, %v: halved after %d generations, estimate %v", c.network, c.kind, generations, estimate)
		}
	}
}

// TestLifetimeWithoutAMode: a kind of which a network has no mode has no lifetime and
// keeps nothing that could be named; one that it has, of one direction or of more, has
// both.
func TestLifetimeWithoutAMode(t *testing.T) {
	n := iteratedNetworks(1, 1)[denseA]
	seen := map[int]bool{}
	for _, kind := range []theory.Kind{theory.Asked, theory.LeftOut, theory.Other, theory.NotGiven} {
		_, multiplicity, _ := n.modeOf(kind)
		seen[min(multiplicity, 2)] = true
		lifetime, kept := n.lifetime(kind), n.leastKept(kind)
		if known := multiplicity > 0; math.IsNaN(lifetime) == known || math.IsNaN(kept) == known {
			t.Errorf("%v, of %d directions: lifetime %v, kept %v", kind, multiplicity, lifetime, kept)
		}
	}
	if len(seen) != 3 {
		t.Errorf("there were kinds of 0, 1, or more directions: %v, want all three", seen)
	}
}

// Theory without training tells the settings apart: nearly every start is purged
// at the 35 steps of (b), and none at the 1250 of (a). Of 50 starts of probability
// 0.98 fewer than 45 are purged with probability 10⁻³.
func TestPredictPurge(t *testing.T) {
	networks := iteratedNetworks(1, 1)
	purged, err := networks[splitB].predictPurge(50)
	if err != nil {
		t.Fatal(err)
	}
	if purged < 45.0/50 {
		t.Errorf("setting (b): %v of the starts are purged, want 0.9 at least", purged)
	}
	kept, err := networks[splitA].predictPurge(5)
	if err != nil {
		t.Fatal(err)
	}
	if kept != 0 {
		t.Errorf("setting (a): %v of the starts are purged, want none", kept)
	}
}
