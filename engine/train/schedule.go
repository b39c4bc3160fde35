package train

import (
	"fmt"
	"math"
)

// A Schedule says at which steps a copy is recorded: every Every steps, or
// PerDecade times in each tenfold of steps, evenly on a logarithmic axis. Step 0
// (before any update) and the last step are always recorded. The zero Schedule
// records only those two.
type Schedule struct {
	Every     int
	PerDecade int
}

// Check returns an error if a field is negative or both are set.
func (s Schedule) Check() error {
	if s.Every < 0 || s.PerDecade < 0 {
		return fmt.Errorf("the recording schedule is every %d steps, %d per decade, but neither may be negative", s.Every, s.PerDecade)
	}
	if s.Every > 0 && s.PerDecade > 0 {
		return fmt.Errorf("the recording schedule has both every %d steps and %d per decade; choose one", s.Every, s.PerDecade)
	}
	return nil
}

// MaxRecords is the largest number of times that a copy is recorded. An
// observation takes some 150 bytes, and several times that as text: beyond a
// million of them the records, not the training, would fill the memory.
const MaxRecords = 1 << 20

// Fits returns an error if a run of the given length would be recorded more than
// [MaxRecords] times.
func (s Schedule) Fits(total int) error {
	count := 2.0
	switch {
	case s.Every > 0:
		count += float64(total / s.Every)
	case s.PerDecade > 0:
		count += float64(s.PerDecade) * math.Log10(float64(max(total, 1)))
	}
	if count > MaxRecords {
		return fmt.Errorf("the recording schedule has about %.3g records in %d steps, but may have at most %d; record less often", count, total, MaxRecords)
	}
	return nil
}

// Count returns how many steps are recorded in a run of the given length, without listing
// them where a formula does.
func (s Schedule) Count(total int) int {
	switch {
	case s.PerDecade > 0:
		return len(s.Steps(total))
	case total == 0:
		return 1
	case s.Every > 0:
		return 2 + (total-1)/s.Every
	}
	return 2
}

// Steps returns the steps that are recorded in a run of the given length,
// ascending and without repeats.
func (s Schedule) Steps(total int) []int {
	steps := []int{0}
	add := func(step int) {
		if step > steps[len(steps)-1] && step < total {
			steps = append(steps, step)
		}
	}
	switch {
	case s.Every > 0:
		for step := 0; step < total-s.Every; { // step + Every cannot overflow
			step += s.Every
			add(step)
		}
	case s.PerDecade > 0:
		for i := 0; ; i++ {
			// Compared before it becomes an int, which it may be too large for.
			step := math.Round(math.Pow(10, float64(i)/float64(s.PerDecade)))
			if step >= float64(total) {
				break
			}
			add(int(step))
		}
	}
	if total > 0 {
		steps = append(steps, total)
	}
	return steps
}
