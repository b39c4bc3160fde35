package compare

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A rival is a contender in a workload: its row and what trains once.
type rival struct {
	row *Row
	run func() (float64, error) // seconds; nil if it does not run
	end func()
	// units is how many network-steps or images a repetition has.
	units  float64
	joules float64
	times  []float64 // how many times faster the baseline was just before each repetition
}

// A repetition is one training of a contender.
type repetition struct {
	rate   float64
	joules float64
}

// keep adds a repetition to what is known of a contender, and what the machine had to
// give beside it.
func (r *rival) keep(one repetition, seen float64) {
	r.row.Rates = append(r.row.Rates, one.rate)
	r.joules += one.joules
	if r.row.seen == 0 || seen < r.row.seen {
		r.row.seen = seen
	}
}

// leave ends a contender and completes its row.
func (r *rival) leave() {
	if r.end != nil {
		r.end()
	}
	if n := float64(len(r.row.Rates)) * r.units; r.joules > 0 && n > 0 {
		r.row.Joules = 1e6 * r.joules / n
	}
	if len(r.times) > 0 {
		r.row.Times, r.row.TimesLow, r.row.TimesHigh = median(r.times), slices.Min(r.times), slices.Max(r.times)
	}
}

// rounds is how often a pair takes turns: less often where a turn of ours takes long,
// which is steadier too, and where the run has taken long already.
func (c *comparison) rounds(ours *rival) int {
	switch {
	case ours.row.First > 2, c.Hurry > 0 && time.Since(c.began) > c.Hurry:
		return min(c.Rounds, 2)
	case ours.row.First > 0.4 || ours.row.Workload == "sweep":
		return min(c.Rounds, 3)
	}
	return c.Rounds
}

// alone lets ours train once.
func (c *comparison) alone(ctx context.Context, ours *rival) error {
	return c.undisturbed(ctx, func() (func(float64), error) {
		mine, err := c.turn(ctx, ours)
		return func(seen float64) { ours.keep(mine, seen) }, err
	})
}

// pair lets ours and another train once each, one right after the other. Another
// that fails has had its last turn.
func (c *comparison) pair(ctx context.Context, ours, other *rival) error {
	return c.undisturbed(ctx, func() (func(float64), error) {
		mine, err := c.turn(ctx, ours)
		if err != nil {
			return nil, err
		}
		alone := func(seen float64) { ours.keep(mine, seen) }
		if other.run == nil { // it failed in a repetition that was not kept
			return alone, nil
		}
		theirs, err := c.turn(ctx, other)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			other.run, other.times = nil, nil
			other.row.Status, other.row.Reason, other.row.Rates = Failed, err.Error(), nil
			fmt.Fprintf(c.Log, "  %-28s %-8s %s: %s\n", other.row.Who, other.row.Form, Failed, err)
			return alone, nil
		}
		return func(seen float64) {
			ours.keep(mine, seen)
			other.keep(theirs, seen)
			other.times = append(other.times, mine.rate/theirs.rate)
		}, nil
	})
}

// undisturbed lets contenders take their turns, and once more where the machine was
// not quiet before or after, as long as there is patience. What is not kept was
// disturbed by what the looks saw alone: nobody's rate decides. turns returns what
// keeps its repetitions.
func (c *comparison) undisturbed(ctx context.Context, turns func() (keep func(seen float64), err error)) error {
	for {
		began := time.Now()
		before := c.last.seen // right after the repetition before this one
		if began.Sub(c.last.at) > fresh {
			before = c.look()
		}
		keep, err := turns()
		if err != nil {
			return err
		}
		seen := min(before, c.look())
		if c.result.Limits.quiet(seen) || !c.waits(ctx, began) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			keep(seen)
			return nil
		}
		c.result.Repeated++
	}
}

// waits waits until the machine is quiet and reports true; false if patience, of
// which all since began is spent, ends before.
func (c *comparison) waits(ctx context.Context, began time.Time) bool {
	left := c.Patience - time.Since(began)
	defer func() { c.Patience = max(0, c.Patience-time.Since(began)) }()
	timer := time.NewTicker(pause)
	defer timer.Stop()
	for end := time.Now().Add(left); time.Now().Before(end); {
		if c.result.Limits.quiet(c.look()) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
		}
	}
	return false
}

// look glances at the machine and remembers what it saw.
func (c *comparison) look() float64 {
	c.last.seen = c.glance()
	c.last.at = time.Now()
	return c.last.seen
}

// fresh is how long what a look at the machine saw is taken to hold.
const fresh = 10 * time.Millisecond

// pause is how long it is left to itself when the machine is not quiet.
const pause = 500 * time.Millisecond

// turn lets a contender train once.
func (c *comparison) turn(ctx context.Context, r *rival) (repetition, error) {
	var before []uint64
	if c.meter != nil {
		before, _ = c.meter.read()
	}
	seconds, err := r.run()
	if ctx.Err() != nil {
		return repetition{}, ctx.Err()
	}
	if err != nil {
		return repetition{}, fmt.Errorf("%s: %w", r.row.Who, err)
	}
	one := repetition{rate: r.units / seconds}
	if before != nil {
		if used, err := c.meter.since(before); err == nil {
			one.joules = used
		}
	}
	return one, nil
}
