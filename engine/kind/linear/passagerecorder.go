package linear

import "modspec/engine/dataset"

// Marks are one number for every quadrant and every mode of a copy, in the order of
// an [Observation]: values to be reached, or the steps at which they were. NaN stands
// for none.
type Marks struct {
	Quadrants dataset.Quadrants
	Modes     []float64
}

// A PassageRecorder is a Recorder that may need only the last observation of a copy and
// the steps at which its quadrants and modes first reached some values. A backend that
// can determine these then calls Pass in place of Observe and need not report the other
// observations; a backend that cannot calls Observe, for all copies or for some.
type PassageRecorder interface {
	Recorder
	// Goals returns the values that are waited for in a copy, or nil for a copy of
	// which every observation is wanted. It is called, like the other methods, one
	// call at a time, and before anything else of the copy. The backend does not
	// change what it points to, and the recorder does not while the job is trained.
	Goals(copy int) *Marks
	// Pass reports the last observation of a copy, nil for one that diverged before its
	// first, and the step at which each value was reached. It is called once for a
	// copy, right before Finish.
	//
	// A value is reached in the first recorded step at which it is not below its goal.
	// Between that step and the recorded one before, time is interpolated linearly in a
	// mode's strength and in the root of a quadrant, which is a square; a value that
	// is reached at step 0 is reached at 0.
	Pass(copy int, last *Observation, reached Marks) error
}
