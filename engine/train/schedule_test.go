package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/train"
)

func TestScheduleSteps(t *testing.T) {
	for _, c := range []struct {
		schedule train.Schedule
		total    int
		want     []int
	}{
		{train.Schedule{}, 0, []int{0}},
		{train.Schedule{}, 1, []int{0, 1}},
		{train.Schedule{}, 300, []int{0, 300}},
		{train.Schedule{Every: 1}, 3, []int{0, 1, 2, 3}},
		{train.Schedule{Every: 100}, 300, []int{0, 100, 200, 300}},
		{train.Schedule{Every: 100}, 301, []int{0, 100, 200, 300, 301}},
		{train.Schedule{Every: 100}, 100, []int{0, 100}},
		{train.Schedule{Every: 7}, 5, []int{0, 5}},
		{train.Schedule{Every: 7}, 0, []int{0}},
		{train.Schedule{Every: math.MaxInt}, 5, []int{0, 5}},
		{train.Schedule{PerDecade: 1}, 1000, []int{0, 1, 10, 100, 1000}},
		{train.Schedule{PerDecade: 1}, 1001, []int{0, 1, 10, 100, 1000, 1001}},
		{train.Schedule{PerDecade: 1}, 0, []int{0}},
		{train.Schedule{PerDecade: 1}, 1, []int{0, 1}},
		// The ends of the range: no step that overflows, no loop without end.
		{train.Schedule{Every: math.MaxInt/2 + 1}, math.MaxInt, []int{0, math.MaxInt/2 + 1, math.MaxInt}},
		{train.Schedule{Every: math.MaxInt}, math.MaxInt, []int{0, math.MaxInt}},
		{train.Schedule{PerDecade: 1}, math.MaxInt, []int{
			0, 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, math.MaxInt,
		}},
		// 10^(i/3) = 1, 2.15, 4.64, 10, 21.5, 46.4, 100, rounded.
		{train.Schedule{PerDecade: 3}, 100, []int{0, 1, 2, 5, 10, 22, 46, 100}},
		// So dense that neighbours round to one step: no repeats.
		{train.Schedule{PerDecade: 100}, 6, []int{0, 1, 2, 3, 4, 5, 6}},
	} {
		if got := c.schedule.Steps(c.total); !slices.Equal(got, c.want) {
			t.Errorf("%+v in %d steps records %v, want %v", c.schedule, c.total, got, c.want)
		}
	}
}

// Step 0 and the last are always there, and nothing twice or out of order.
func TestEveryScheduleAscendsFromTheFirstStepToTheLast(t *testing.T) {
	for every := range 12 {
		for perDecade := range 12 {
			s := train.Schedule{Every: every, PerDecade: perDecade}
			if s.Check() != nil {
				continue
			}
			for total := range 250 {
				steps := s.Steps(total)
				if steps[0] != 0 || steps[len(steps)-1] != total {
					t.Fatalf("%+v in %d steps records %v", s, total, steps)
				}
				for i := 1; i < len(steps); i++ {
					if steps[i] <= steps[i-1] {
						t.Fatalf("%+v in %d steps records %v", s, total, steps)
					}
				}
			}
		}
	}
}

func TestScheduleCheck(t *testing.T) {
	for _, c := range []struct {
		schedule train.Schedule
		want     string
	}{
		{train.Schedule{Every: -1}, "every -1 steps, 0 per decade, but neither may be negative"},
		{train.Schedule{PerDecade: -2}, "every 0 steps, -2 per decade, but neither may be negative"},
		{train.Schedule{Every: 5, PerDecade: 3}, "both every 5 steps and 3 per decade; choose one"},
	} {
		if err := c.schedule.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: the error is %v, want one with %q", c.schedule, err, c.want)
		}
	}
}
