//go:build gpu

package cuda

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"modspec/engine/kind/linear"
	"modspec/kernels"
)

// member is a copy that waits to be trained.
type member struct {
	index int // in the job
	task  *task
	goals *linear.Marks // nil where every observation is wanted
}

// cohort is copies that can be trained side by side, in the order of the job.
type cohort struct {
	signature signature
	choices   [mostModules]choice
	passing   bool // whether all have goals, and need no other observation
	waiting   []member
}

// plan is how the copies of a job are trained.
type plan struct {
	cohorts []*cohort // in the order of their first copies
	large   []int     // copies that take the large path
}

// planner sorts copies.
type planner struct {
	precision   Precision
	sharedOptIn int // the least of the devices
	kernels     []kernels.Kernel
	only        family
}

// cohortKey identifies a cohort.
type cohortKey struct {
	signature signature
	passing   bool
}

// plan sorts the copies of a job.
func (p *planner) plan(ctx context.Context, job *linear.Job, report *reporter) (*plan, error) {
	known, err := prepare(ctx, job)
	if err != nil {
		return nil, err
	}
	out := &plan{}
	cohorts := map[cohortKey]*cohort{}
	for i := range job.Copies {
		t := known.ready(&job.Copies[i])
		if t.large {
			out.large = append(out.large, i)
			continue
		}
		m := member{index: i, task: t}
		if report.passages != nil {
			err := report.report(func() error {
				m.goals = report.passages.Goals(i)
				return checkGoals(m.goals, t)
			})
			if err != nil {
				return nil, fmt.Errorf("copy %d: %w", i, err)
			}
		}
		key := cohortKey{t.signature, m.goals != nil}
		c := cohorts[key]
		if c == nil {
			c = &cohort{signature: t.signature, passing: key.passing}
			if !p.chooseAll(c) {
				t.large = true
				out.large = append(out.large, i)
				continue
			}
			cohorts[key] = c
			out.cohorts = append(out.cohorts, c)
		}
		c.waiting = append(c.waiting, m)
	}
	return out, nil
}

// checkGoals returns an error for goals of another copy.
func checkGoals(goals *linear.Marks, t *task) error {
	if goals == nil {
		return nil
	}
	modes := 0
	for i := range t.modules {
		modes += int(t.modules[i].shape.modes)
	}
	if len(goals.Modes) != modes {
		return fmt.Errorf("the recorder waits for %d modes, but it has %d", len(goals.Modes), modes)
	}
	return nil
}

// chooseAll chooses the kernels of a cohort, and reports whether there is one for each
// module.
func (p *planner) chooseAll(c *cohort) bool {
	for m := range c.signature.count {
		var err error
		c.choices[m], err = choose(&c.signature.modules[m], p.precision, p.sharedOptIn, p.kernels, p.only)
		if err != nil {
			return false
		}
	}
	return true
}

// prepare makes the tasks of a job on all processors.
func prepare(ctx context.Context, job *linear.Job) (*tasks, error) {
	t := newTasks(job.Architecture)
	var first []int // the first copy of each task
	for i := range job.Copies {
		if t.note(&job.Copies[i]) {
			first = append(first, i)
		}
	}
	errs := make([]error, len(first))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(first)) {
		wait.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= len(first) || ctx.Err() != nil {
					return
				}
				errs[k] = t.make(&job.Copies[first[k]])
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for k, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("copy %d: %w", first[k], err)
		}
	}
	return t, nil
}
