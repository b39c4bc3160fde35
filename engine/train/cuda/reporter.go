//go:build gpu

package cuda

import (
	"sync"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// reporter lets several workers report to one recorder, one call at a time, until a
// call fails: from then on every report is answered with that error.
type reporter struct {
	recorder   linear.Recorder
	starts     linear.StartRecorder   // nil where initial weights are not wanted
	passages   linear.PassageRecorder // nil where every observation is wanted
	weightless bool
	concurrent bool // whether several goroutines may report initial weights at once

	mu  sync.Mutex
	err error
}

func newReporter(recorder linear.Recorder) *reporter {
	r := &reporter{recorder: recorder}
	r.starts, _ = recorder.(linear.StartRecorder)
	r.passages, _ = recorder.(linear.PassageRecorder)
	if w, ok := recorder.(linear.WeightlessRecorder); ok {
		r.weightless = w.Weightless()
	}
	if c, ok := recorder.(linear.ConcurrentStartRecorder); ok {
		r.concurrent = c.ConcurrentStarts()
	}
	return r
}

// start reports a copy's initial weights.
func (r *reporter) start(copy int, w *network.Weights) error {
	if !r.concurrent {
		return r.report(func() error { return r.starts.Start(copy, w) })
	}
	if err := r.report(func() error { return nil }); err != nil {
		return err // of another call
	}
	if err := r.starts.Start(copy, w); err != nil {
		return r.report(func() error { return err })
	}
	return nil
}

// report runs some calls of the recorder.
func (r *reporter) report(calls func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = calls()
	}
	return r.err
}

// Observe implements linear.Recorder.
func (r *reporter) Observe(copy int, o linear.Observation) error {
	return r.report(func() error { return r.recorder.Observe(copy, o) })
}

// Finish implements linear.Recorder.
func (r *reporter) Finish(copy int, f linear.Final) error {
	return r.report(func() error { return r.recorder.Finish(copy, f) })
}

// startReporter is a reporter to a recorder that wants initial weights.
type startReporter struct{ *reporter }

// Start implements linear.StartRecorder.
func (r startReporter) Start(copy int, w *network.Weights) error {
	return r.start(copy, w)
}

// plain is the reporter as a recorder that wants what the first one wants.
func (r *reporter) plain() linear.Recorder {
	if r.starts != nil {
		return startReporter{r}
	}
	return r
}
