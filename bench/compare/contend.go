package compare

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
)

// A ContendRequest is what a process that contends for modspec is asked.
type ContendRequest struct {
	Folder  string        // of the setting
	Maps    string        // file for what the check ends with
	Budget  time.Duration // that a repetition may take; with Scaled, fewer copies are timed where all would take longer
	Scaled  bool
	Whole   bool // whether starts and observations count too, and not steps alone
	Threads int
	Subject string // what the folder holds: modules, images or mixture
}

// What is trained, as processes that contend are told.
const (
	OfModules = "modules"
	OfImages  = "images"
	OfMixture = "mixture"
)

// Subjects are what [ContendRequest] can hold.
var Subjects = []string{OfModules, OfImages, OfMixture}

// Contend answers the comparison for one backend: package doc and
// bench/peers/contest.py say how. It returns when in ends.
func Contend(ctx context.Context, backend linear.Backend, r ContendRequest, in io.Reader, out io.Writer) error {
	s, starts, err := readSetting(r.Folder)
	if err != nil {
		return err
	}
	ends, err := endings(ctx, backend, s.from(starts, s.CheckSteps))
	if err != nil {
		return err
	}
	arch, err := s.Architecture.At(s.Point)
	if err != nil {
		return err
	}
	var flat []float64
	for _, w := range ends {
		flat = append(flat, elements(w.Map(arch, s.Point))...)
	}
	if err := writeNumbers(r.Maps, flat); err != nil {
		return err
	}
	return r.contend(s.Copies, s.Steps, func(copies, steps int) (time.Duration, error) {
		job := s.Job(copies, steps)
		began := time.Now()
		err := backend.Train(ctx, job, unseen{})
		return time.Since(began), err
	}, in, out)
}

// contend answers with the times of jobs of a number of copies and steps.
func (r ContendRequest) contend(copies, jobSteps int, train func(copies, steps int) (time.Duration, error), in io.Reader, out io.Writer) error {
	// Peers are timed for their steps alone. Here a job draws its initial weights and
	// measures its networks at the start and at the end too, so the share of a job's time
	// that the same job of a single step takes is taken off: what stays is all steps but
	// one. The share is the median over pairs of jobs, one right after the other: whatever
	// slows the machine down slows both.
	if jobSteps < 2 && !r.Whole {
		return fmt.Errorf("a setting of %d steps: one of 2 or more can be timed", jobSteps)
	}
	var shares []float64
	run := func(copies int) (time.Duration, error) {
		all, err := train(copies, jobSteps)
		if err != nil || r.Whole || len(shares) >= enough && all > longest {
			return all, err
		}
		one, err := train(copies, 1)
		shares = append(shares, one.Seconds()/all.Seconds())
		return all, err
	}
	steps := func(all time.Duration) time.Duration {
		if r.Whole {
			return all
		}
		return time.Duration(float64(all) * (1 - median(shares)) * float64(jobSteps) / float64(jobSteps-1))
	}
	if r.Scaled {
		one, err := run(1)
		if err != nil {
			return err
		}
		copies = max(1, min(copies, r.Threads*int(r.Budget/max(one, 1))))
	}
	first, err := run(copies)
	if err != nil {
		return err
	}
	shares = nil // the first is slower than others, and so is its share
	second := first
	for range enough {
		if second, err = run(copies); err != nil {
			return err
		}
		if second > 2*longest {
			break
		}
	}
	say := json.NewEncoder(out)
	library := fmt.Sprintf("modspec %s", runtime.Version())
	if err := say.Encode(map[string]any{"library": library, "copies": copies, "steps": jobSteps, "first_seconds": first.Seconds()}); err != nil {
		return err
	}
	// Short jobs are repeated until their time is long against the clock and against
	// what else the machine does for a moment.
	repeats := max(1, int(max(r.Budget/5, shortest)/second))
	return answer(in, say, func() (time.Duration, error) {
		var sum time.Duration
		for range repeats {
			took, err := run(copies)
			if err != nil {
				return 0, err
			}
			sum += took
		}
		took := steps(sum / time.Duration(repeats))
		if took <= 0 {
			return 0, fmt.Errorf("jobs of %d steps take no longer than jobs of one; give them more", jobSteps)
		}
		return took, nil
	})
}

const (
	// shortest is how long a repetition is at least, over all jobs that it repeats.
	shortest = 100 * time.Millisecond
	// longest is how long a job may be for the share of one step to be measured more
	// often than enough times: what is long is steady.
	longest = 500 * time.Millisecond
	enough  = 3
)

// answer runs once for every line "run".
func answer(in io.Reader, say *json.Encoder, run func() (time.Duration, error)) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if lines.Text() != "run" {
			return fmt.Errorf("a contender is told %q, but understands only run", lines.Text())
		}
		took, err := run()
		if err != nil {
			return err
		}
		if err := say.Encode(map[string]float64{"seconds": took.Seconds()}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// elements lists a matrix row after row.
func elements(m *mat.Dense) []float64 {
	rows, _ := m.Dims()
	var all []float64
	for i := range rows {
		all = append(all, m.RawRowView(i)...)
	}
	return all
}

// unseen is a recorder that keeps nothing and does without final weights.
type unseen struct{}

func (unseen) Observe(int, linear.Observation) error { return nil }
func (unseen) Finish(_ int, f linear.Final) error {
	if f.Diverged {
		return fmt.Errorf("a network diverged at step %d: its time would mean nothing", f.Step)
	}
	return nil
}
func (unseen) Weightless() bool { return true }
