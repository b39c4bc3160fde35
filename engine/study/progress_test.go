package study

import (
	"math"
	"testing"

	"modspec/engine/results"
)

func TestRelativeProgress(t *testing.T) {
	e := evidenceOf(t, relativeProgress, every)
	judged(t, relativeProgress, e)
	ahead(e.Tables["split"], 3)
	mustNotice(t, relativeProgress, e, "relative-progress/theory", "a simulation one step ahead")
	e.Tables["split"], e.Tables["dense"] = e.Tables["dense"], e.Tables["split"]
	mustNotice(t, relativeProgress, e, "relative-progress/order", "dense taken for split")
}

func TestRelativeProgressNoticesFaults(t *testing.T) {
	claims := func(planted func(networks []progressOf)) []results.Claim {
		var networks []progressOf
		for _, named := range progressSweeps {
			networks = append(networks, newProgress(predicted(t, named)))
		}
		planted(networks)
		return progressClaims(networks)
	}
	mustFail(t, claims(func(networks []progressOf) {
		p := &networks[splitPath].predicted[0]
		p.compositional = append(p.compositional[1:], 1)
		p.nonCompositional = append(p.nonCompositional[1:], 1)
	}), "relative-progress/theory", "a path one step ahead")
	exchanged := func(networks []progressOf) {
		networks[splitPath], networks[densePath] = networks[densePath], networks[splitPath]
	}
	for _, id := range []string{"relative-progress/split", "relative-progress/dense", "relative-progress/order"} {
		mustFail(t, claims(exchanged), id, "dense taken for split")
	}
	mustFail(t, claims(func(networks []progressOf) {
		for k := range networks {
			p := &networks[k].measured[0]
			p.compositional, p.nonCompositional = p.nonCompositional, p.compositional
		}
	}), "relative-progress/diagonal", "the two outputs exchanged")
}

func TestCarriedSlope(t *testing.T) {
	// By hand for the paper's dataset: mode 1 has √(1/8) as much in Γ_y as in Ω_y;
	// the final squared norms are 8/11 onto Ω_y and, onto Γ_y,
	// 1/11 of mode 1, 2·1/11 of mode 2, 5·1/3 of mode 3.
	want := math.Sqrt(1.0/8) * math.Sqrt(8.0/11) / math.Sqrt(3.0/11+5.0/3)
	if got := carriedSlope(paperPoint); math.Abs(got-want) > 16*0x1p-53 {
		t.Errorf("slope %v, want %v", got, want)
	}
}

func TestPath(t *testing.T) {
	p := path{compositional: []float64{0, 0.4, 0.8, 1}, nonCompositional: []float64{0, 0.2, 0.4, 1}}
	for _, c := range []struct{ level, want float64 }{{0, 0}, {0.2, 0.1}, {0.4, 0.2}, {0.6, 0.3}, {1, 1}} {
		// Two differences, a quotient, a product and a sum of numbers up to 1.
		if got := p.nonCompositionalAt(c.level); math.Abs(got-c.want) > 8*0x1p-53 {
			t.Errorf("at %v: %v, want %v", c.level, got, c.want)
		}
	}
	if got := p.nonCompositionalAt(1.5); !math.IsNaN(got) {
		t.Errorf("at a level that is never reached: %v, want NaN", got)
	}
	diagonal := path{compositional: []float64{0, 0.3, 1}, nonCompositional: []float64{0, 0.3, 1}}
	if got := diagonal.area(); math.Abs(got-0.5) > 8*0x1p-53 {
		t.Errorf("area under the diagonal is %v, want 0.5", got)
	}
	if got := diagonal.distance(p); !math.IsNaN(got) {
		t.Errorf("distance of paths of different lengths is %v, want NaN", got)
	}
	if got := (path{}).area(); got != 0 {
		t.Errorf("area of an empty path is %v, want 0", got)
	}
}
