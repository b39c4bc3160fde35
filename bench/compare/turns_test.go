package compare

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// What waits is tested with a clock of its own, which stands still while something is
// computed: how busy the machine is does not show.

// scripted is a comparison whose machine has these to give, of 100 at most; the last
// again and again.
func scripted(patience time.Duration, looks ...float64) *comparison {
	return &comparison{
		Options: Options{Patience: patience, Log: &bytes.Buffer{}, Threads: 1, Rounds: 2, Budget: time.Millisecond},
		result:  &Result{Limits: Limits{Steady: 100}, Libraries: map[string]string{}}, double: map[string]bool{},
		glance: func() float64 {
			now := looks[0]
			if len(looks) > 1 {
				looks = looks[1:]
			}
			return now
		},
	}
}

// paced is a contender whose first repetitions take these seconds.
func paced(seconds ...float64) *rival {
	return &rival{row: &Row{Status: Measured}, units: 1, run: func() (float64, error) {
		now := seconds[0]
		seconds = seconds[1:]
		return now, nil
	}}
}

// What was disturbed before or after is not kept, of neither of a pair; what is kept
// is so whatever its rate.
func TestDisturbedRepetitionsAreMadeAgain(t *testing.T) {
	synctest.Test(t, disturbedRepetitions)
}

func disturbedRepetitions(t *testing.T) {
	ours, other := paced(8, 4, 2), paced(80, 40, 20)
	// Disturbed before, not after; disturbed after, and when looked at again; quiet
	// enough. What was seen right after one is what there was right before the next.
	c := scripted(time.Minute, 50, 90, 95, 65, 60, 95, 81)
	if err := c.pair(context.Background(), ours, other); err != nil {
		t.Fatal(err)
	}
	if c.result.Repeated != 2 {
		t.Errorf("%d repetitions were made again, want 2", c.result.Repeated)
	}
	if r := ours.row.Rates; len(r) != 1 || r[0] != 0.5 {
		t.Errorf("ours has the rates %v, want that of the third repetition", r)
	}
	if r := other.row.Rates; len(r) != 1 || r[0] != 0.05 || len(other.times) != 1 || other.times[0] != 10 {
		t.Errorf("the other has the rates %v and the ratios %v", r, other.times)
	}
	if ours.row.seen != 81 || other.row.seen != 81 {
		t.Errorf("beside what was kept looks saw %v and %v, want 81", ours.row.seen, other.row.seen)
	}
	if want := time.Minute - pause; c.Patience != want {
		t.Errorf("%v of patience are left of a minute, want %v", c.Patience, want)
	}
}

// A contender that fails has had its last turn, also where the machine was disturbed.
func TestWhoFailsWhileDisturbedIsNotAskedAgain(t *testing.T) {
	ours, other := paced(8, 4), paced()
	other.run = func() (float64, error) { return 0, errors.New("out of memory") }
	c := scripted(time.Minute, 90, 50, 90)
	if err := c.pair(context.Background(), ours, other); err != nil {
		t.Fatal(err)
	}
	if other.row.Status != Failed || other.row.Reason != ": out of memory" || len(ours.row.Rates) != 1 || ours.row.Rates[0] != 0.25 {
		t.Errorf("the other is %+v, ours %+v", other.row, ours.row)
	}
}

// A machine that stays disturbed has its repetitions all the same, and rows say how
// disturbed they were.
func TestWithoutPatienceWhatIsDisturbedIsKept(t *testing.T) {
	synctest.Test(t, withoutPatience)
}

func withoutPatience(t *testing.T) {
	ours := paced(8, 4)
	c := scripted(700*time.Millisecond, 50, 40, 30)
	began := time.Now()
	for range 2 {
		if err := c.alone(context.Background(), ours); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 700*time.Millisecond || took > 700*time.Millisecond+pause {
		t.Errorf("it was patient for %v, want 0.7 s and at most a pause more", took)
	}
	if len(ours.row.Rates) != 2 || c.Patience != 0 || c.result.Repeated != 0 {
		t.Errorf("rates %v, patience %v, %d repeated", ours.row.Rates, c.Patience, c.result.Repeated)
	}
	ours.row.summarise(c.result.Limits, false)
	if !ours.row.disturbed() || ours.row.Quiet != 0.3 {
		t.Errorf("the row has it at %v", ours.row.Quiet)
	}
}

// A cancelled run does not wait on.
func TestWaitingEndsWhenCancelled(t *testing.T) {
	synctest.Test(t, waitingEnds)
}

func waitingEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := scripted(time.Hour, 10)
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := c.alone(ctx, paced(1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that it was cancelled", err)
	}
}

// A workload measured before it was known what the machine can do is measured again where
// there is patience for it, and the rows beside which the machine was quieter are kept.
func TestDisturbedWorkloadsAreMeasuredAgain(t *testing.T) {
	rows := func(seen float64, status string) workloadRows {
		return workloadRows{rows: []*Row{{Status: Measured, seen: seen}, {Status: status, seen: 99}}, took: time.Second}
	}
	for _, test := range []struct {
		name     string
		first    float64
		patience time.Duration
		again    workloadRows
		measured bool // whether it is measured again
		kept     float64
	}{
		{"quiet", 81, time.Minute, rows(95, Measured), false, 81},
		{"quieter", 50, time.Minute, rows(90, Measured), true, 90},
		{"no quieter", 50, time.Minute, rows(40, Measured), true, 50},
		{"a contender failed", 50, time.Minute, rows(90, Failed), true, 50},
		{"no patience", 50, time.Millisecond, rows(90, Measured), false, 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, measured := scripted(test.patience, 95), false
			kept, err := c.quieter(context.Background(), rows(test.first, Measured), func() (workloadRows, error) {
				measured = true
				return test.again, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := lowestSeen(kept); got != test.kept || measured != test.measured {
				t.Errorf("rows beside which %v was seen are kept, measured again: %v", got, measured)
			}
		})
	}
}
