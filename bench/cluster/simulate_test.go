package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// TestUndisturbed compares with the closed form: every round of nodes takes what a
// shard takes.
func TestUndisturbed(t *testing.T) {
	for _, c := range []struct{ shards, nodes int }{{1, 1}, {8, 8}, {9, 8}, {7, 8}, {1000, 64}} {
		w := &workload{shards: c.shards, nodes: c.nodes, begin: 5, again: 5, train: 20, keep: 7}
		o := simulate(w, random(0))
		rounds := math.Ceil(float64(c.shards) / float64(c.nodes))
		// Whole numbers of seconds below 2⁵³ add up exactly.
		if !o.done || o.wall != 25*rounds || o.nodeSeconds != 25*float64(c.shards) || o.training != 20*float64(c.shards) || o.failed+o.preempted != 0 {
			t.Errorf("%d shards on %d nodes: %+v", c.shards, c.nodes, o)
		}
	}
}

// mean returns the mean of a quantity over simulations, and its standard error.
func mean(w *workload, trials int, of func(outcome) float64) (mean, standardError float64) {
	var sum, squares float64
	for i := range trials {
		v := of(simulate(w, random(uint64(i))))
		sum += v
		squares += v * v
	}
	n := float64(trials)
	mean = sum / n
	return mean, math.Sqrt((squares/n - mean*mean) / (n - 1))
}

// TestRestartsFromNothing compares with the known expectation for work of length L
// that starts over at every failure, at rate λ, each followed by R: (1/λ + R)(e^{λL} − 1).
func TestRestartsFromNothing(t *testing.T) {
	const length, rate, repair = 30.0, 0.05, 4.0
	// No part is ever kept: the first would be longer than the work.
	w := &workload{shards: 1, nodes: 1, begin: 10, again: 0, train: 20, keep: 1e9, failures: rate, repair: repair}
	got, e := mean(w, 20000, func(o outcome) float64 { return o.wall })
	want := (1/rate + repair) * (math.Exp(rate*length) - 1)
	// Six standard errors: once in 5·10⁸ seeds, and the seeds are fixed.
	if math.Abs(got-want) > 6*e {
		t.Errorf("the mean is %.3f ± %.3f, the expectation %.3f", got, e, want)
	}
}

// TestPreemptionLosesNothing: with nothing to begin, preempted work takes its own
// time and no more, and is preempted as often as the rate says.
func TestPreemptionLosesNothing(t *testing.T) {
	const length, rate = 100.0, 0.1
	w := &workload{shards: 1, nodes: 1, train: length, keep: 1, preemptions: rate}
	busy := simulate(w, random(3)).nodeSeconds
	// A sum of some tens of terms below 100: each addition rounds by 100·2⁻⁵³.
	if o := simulate(w, random(3)); math.Abs(busy-length) > 200*100*0x1p-53 || o.preempted == 0 {
		t.Errorf("%v node-seconds for %v seconds of work; %+v", busy, length, o)
	}
	got, e := mean(w, 20000, func(o outcome) float64 { return float64(o.preempted) })
	if math.Abs(got-rate*length) > 6*e {
		t.Errorf("%.3f ± %.3f preemptions, expected %v", got, e, rate*length)
	}
}

// TestFailureKeepsParts: what a failure loses is the training since the last part.
func TestFailureKeepsParts(t *testing.T) {
	w := &workload{shards: 1, nodes: 1, train: 100, keep: 0.001, failures: 0.1}
	o := simulate(w, random(5))
	// Each of the failures loses less than a part.
	if o.failed == 0 || o.nodeSeconds-100 > float64(o.failed)*w.keep || o.nodeSeconds < 100 {
		t.Errorf("%+v", o)
	}
}

// TestNoProgress: a cluster that preempts faster than a process begins never ends,
// and the simulation does.
func TestNoProgress(t *testing.T) {
	w := &workload{shards: 2, nodes: 2, begin: 1000, again: 1000, train: 10, keep: 1, preemptions: 1}
	if o := simulate(w, random(1)); o.done || o.training > 0 {
		t.Errorf("%+v", o)
	}
}

func TestSettings(t *testing.T) {
	for _, s := range []settings{
		{copies: 0, cores: 1, steps: 1, trials: 1}, {copies: math.NaN(), cores: 1, steps: 1, trials: 1}, {copies: 1 << 33, cores: 1, steps: 1, trials: 1},
		{copies: 1, cores: 0, steps: 1, trials: 1}, {copies: 1, cores: 1, steps: 0, trials: 1}, {copies: 1, cores: 1, steps: 1},
		{copies: 1, cores: 1, steps: 1, trials: 1, copiesPerSecond: 5}, // measured where?
	} {
		if err := s.check(); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
	var d divisions
	for _, text := range []string{"", "8", "8x", "x8", "0x1", "1x0", "8x8,"} {
		if err := d.Set(text); err == nil {
			t.Errorf("%q reads as %v", text, d)
		}
	}
	if err := d.Set("8x4,1000x64"); err != nil || len(d) != 2 || d[1] != (division{1000, 64}) {
		t.Errorf("divisions %v, %v", d, err)
	}
}

// TestMeasureAndTable: rates are measured and the table has a row for every
// division and scenario.
func TestMeasureAndTable(t *testing.T) {
	s := settings{copies: 1e6, cores: 4, steps: 3, record: "ends", trials: 3}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	r, err := measure(context.Background(), s.steps, s.record)
	if err != nil {
		t.Fatal(err)
	}
	if r.point <= 0 || r.list <= 0 || r.train <= 0 || r.merge <= 0 || r.bytes < 8 {
		t.Errorf("rates %+v", r)
	}
	var b bytes.Buffer
	r.print(&b, &s)
	printTable(&b, &s, r)
	for _, d := range s.shards {
		row := fmt.Sprintf("\n| %d × %d |", d.shards, d.nodes)
		if n := strings.Count(b.String(), row); n != len(scenarios) {
			t.Errorf("%d rows of %d shards on %d nodes, want %d:\n%s", n, d.shards, d.nodes, len(scenarios), b.String())
		}
	}
}
