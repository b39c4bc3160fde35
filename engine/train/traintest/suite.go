package traintest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/train"
)

// A Subject is a backend that is put to the test.
type Subject struct {
	Precision string // in which it trains
	// Open returns a backend that uses so many threads, where it has any to choose.
	Open func(threads int) (train.Backend, error)
}

// Suite puts a backend through all checks with each case.
func Suite(t *testing.T, s Subject, cases ...Case) {
	for i := range cases {
		c := &cases[i]
		t.Run(c.Name, func(t *testing.T) {
			for _, check := range checks {
				t.Run(check.name, func(t *testing.T) {
					if err := check.run(s, c); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

// A check is one thing that is asked of a backend. It returns what is wrong.
type check struct {
	name string
	run  func(s Subject, c *Case) error
}

var checks = []check{
	{"declaration", func(_ Subject, c *Case) error { return train.CheckKind(c.Kind) }},
	{"model", checkModel},
	{"numbers", checkNumbers},
	{"alone and beside others", checkAlone},
	{"divergence", checkDivergence},
	{"no step", checkNoStep},
	{"continued", checkContinued},
	{"given inputs", checkGivenInputs},
	{"recorder errors", checkRecorderErrors},
	{"cancelled", checkCancelled},
	{"bad jobs", checkBadJobs},
}

// on opens a backend for a function and closes it.
func (s Subject) on(threads int, use func(b train.Backend) error) error {
	b, err := s.Open(threads)
	if err != nil {
		return err
	}
	if b.Name() == "" {
		err = errors.New("the backend has no name for a user to choose it by")
	}
	return errors.Join(err, use(b), b.Close())
}

// record trains a job on a backend of its own.
func (s Subject) record(threads int, j *train.Job) (out []outcome, err error) {
	err = s.on(threads, func(b train.Backend) (err error) {
		out, err = record(context.Background(), b, j)
		return err
	})
	return out, err
}

// checkNumbers: every metric of every run at every recorded step is the reference's.
func checkNumbers(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings...)
	if err != nil {
		return err
	}
	out, err := s.record(2, j)
	if err != nil {
		return err
	}
	for i := range out {
		e, err := expect(j, i)
		if err != nil {
			return err
		}
		if e.to >= 0 {
			return fmt.Errorf("run %d of the case diverges at step %d", i, e.to)
		}
		if err := e.fits(j, &out[i]); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	return nil
}

// checkAlone: a run has equal bits alone and beside others, in any number of threads,
// and a second time.
func checkAlone(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings...)
	if err != nil {
		return err
	}
	want, err := s.record(1, j)
	if err != nil {
		return err
	}
	for _, threads := range []int{1, 2, 3} {
		again, err := s.record(threads, j)
		if err != nil {
			return err
		}
		for i := range again {
			if err := equal(&want[i], &again[i]); err != nil {
				return fmt.Errorf("run %d on 1 and %d threads: %w", i, threads, err)
			}
		}
	}
	for i := range j.Runs {
		alone := *j
		alone.Runs = j.Runs[i : i+1]
		got, err := s.record(2, &alone)
		if err != nil {
			return err
		}
		if err := equal(&want[i], &got[0]); err != nil {
			return fmt.Errorf("run %d beside others and alone: %w", i, err)
		}
	}
	return nil
}

// checkDivergence: runs that diverge end there, and the others have the bits that they
// have alone, whether every step is recorded or few.
func checkDivergence(s Subject, c *Case) error {
	if c.Diverging == nil {
		return nil
	}
	j, err := c.job(s.Precision, c.Diverging, c.Settings[0])
	if err != nil {
		return err
	}
	bad, good := j.Runs[:2], j.Runs[2:]
	mixed, alone := *j, *j
	mixed.Runs, alone.Runs = []train.Run{bad[0], good[0], bad[1], good[1]}, good
	for _, every := range []int{1, 3, j.Steps} {
		mixed.Schedule.Every, alone.Schedule.Every = every, every
		if err := s.diverge(&mixed, &alone); err != nil {
			return fmt.Errorf("recorded every %d steps: %w", every, err)
		}
	}
	return nil
}

// diverge trains a job of which every other run diverges, and the others alone.
func (s Subject) diverge(mixed, alone *train.Job) error {
	got, err := s.record(2, mixed)
	if err != nil {
		return err
	}
	apart, err := s.record(2, alone)
	if err != nil {
		return err
	}
	for i := range apart {
		if err := equal(&got[2*i+1], &apart[i]); err != nil {
			return fmt.Errorf("run %d beside runs that diverge and without them: %w", 2*i+1, err)
		}
	}
	for i := 0; i < len(got); i += 2 {
		e, err := expect(mixed, i)
		if err != nil {
			return err
		}
		end := got[i].end
		if e.to < 0 {
			return errors.New("the case's setting that is to diverge does not, on the reference")
		}
		if !end.Diverged || end.Step < e.from || end.Step > e.to {
			return fmt.Errorf("run %d ended at step %d, diverged: %v, but diverges from step %d to %d", i, end.Step, end.Diverged, e.from, e.to)
		}
		summary := train.SummaryOf(mixed.Kind)
		for _, name := range mixed.Kind.Metrics().Names() {
			if v := got[i].summary[summary.Index(name)]; !math.IsNaN(v.Number) {
				return fmt.Errorf("run %d diverged, but its summary has %s %v", i, name, v.Number)
			}
		}
	}
	return nil
}

// checkNoStep: a job of no steps observes the initial variables and ends with them.
func checkNoStep(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings...)
	if err != nil {
		return err
	}
	j.Steps = 0
	out, err := s.record(2, j)
	if err != nil {
		return err
	}
	a := arithmeticOf(s.Precision)
	for i := range out {
		e, err := expect(j, i)
		if err != nil {
			return err
		}
		if err := e.fits(j, &out[i]); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
		if out[i].variables == nil {
			continue // a form without program
		}
		// Initial values are a draw, rounded, times a factor, rounded, and sums of few
		// such: 8 roundings are more.
		if !slices.EqualFunc(out[i].variables, e.initial, func(x, y []float64) bool {
			return slices.EqualFunc(x, y, func(x, y float64) bool { return math.Abs(x-y) <= 8*a.u*(largest([]float64{y})+1) })
		}) {
			return fmt.Errorf("run %d without a step ends with other variables than the initial ones", i)
		}
	}
	return nil
}

// checkContinued: a run that begins at a checkpoint of any step has the bits of one that
// was not stopped, whatever the steps at which runs beside it begin, and giving
// checkpoints changes nothing. A form without program gives none.
func checkContinued(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings...)
	if err != nil {
		return err
	}
	j.Schedule.Every = 3
	want, err := s.record(2, j)
	if err != nil || want[0].variables == nil {
		return err
	}
	k := newKeeper(len(j.Runs))
	var got []outcome
	if err := s.on(2, func(b train.Backend) (err error) {
		got, err = k.record(context.Background(), b, j, k)
		return err
	}); err != nil {
		return err
	}
	for i := range got {
		if err := equal(&want[i], &got[i]); err != nil {
			return fmt.Errorf("run %d with checkpoints and without: %w", i, err)
		}
		if n := len(k.kept[i]); n != j.Steps {
			return fmt.Errorf("run %d has checkpoints of %d steps, want %d", i, n, j.Steps)
		}
		// A checkpoint after the last step is the end, with what was observed before.
		end := &train.Checkpoint{Checkpoint: program.Checkpoint{Step: j.Steps, Variables: want[i].variables}}
		for _, o := range want[i].observed[:len(want[i].observed)-1] {
			end.Observed = append(end.Observed, o.metrics)
		}
		k.kept[i][j.Steps] = end
	}
	for _, stop := range []int{0, 3, j.Steps - 1} {
		again := *j
		again.Runs = slices.Clone(j.Runs)
		for i := range again.Runs {
			// One begins anew, and others a step later than the rest.
			if i != 1 {
				again.Runs[i].From = k.kept[i][min(stop+i/2%2, j.Steps)]
			}
		}
		got, err := s.record(2, &again)
		if err != nil {
			return fmt.Errorf("continued from step %d: %w", stop, err)
		}
		for i := range got {
			if err := equal(&want[i], &got[i]); err != nil {
				return fmt.Errorf("run %d continued from step %d: %w", i, stop, err)
			}
		}
	}
	return nil
}

// checkGivenInputs: tables of what is drawn, and the initial variables as given ones,
// train as the draws do.
func checkGivenInputs(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings[0])
	if err != nil {
		return err
	}
	j.Runs = j.Runs[:1]
	run := j.Runs[0]
	t, err := run.Model.Program()
	if err != nil {
		return err
	}
	if len(t.Inputs()) == 0 {
		return nil
	}
	given := *j
	given.Runs = []train.Run{{Model: &fromOutside{Model: run.Model, stream: run.Stream}}}
	out, err := s.record(2, &given)
	if err != nil {
		return err
	}
	e, err := expect(j, 0)
	if err != nil {
		return err
	}
	if err := e.fits(j, &out[0]); err != nil {
		return fmt.Errorf("given what is drawn: %w", err)
	}
	return nil
}

// fromOutside is a model that is given what it would draw.
type fromOutside struct {
	train.Model
	stream random.Stream
}

func (m *fromOutside) Shape() string { return "given " + m.Model.Shape() }

func (m *fromOutside) Run(random.Stream) program.Run { return m.Model.Run(m.stream) }

func (m *fromOutside) Program() (*program.Training, error) {
	t, err := m.Model.Program()
	if err != nil {
		return nil, err
	}
	tables, err := Drawn(t, m.Model.Run(m.stream), m.Steps()+1)
	if err != nil {
		return nil, err
	}
	if t, err = program.WithTables(t, tables, m.Steps()); err != nil {
		return nil, err
	}
	variables, err := Initial(t, m.Model.Run(m.stream))
	if err != nil {
		return nil, err
	}
	return program.WithInitial(t, variables)
}

// Track implements train.Tracked, for models that do.
func (m *fromOutside) Track(_ random.Stream, steps []int) (train.Tracker, error) {
	return m.Model.(train.Tracked).Track(m.stream, steps)
}

// checkRecorderErrors: an error of the recorder ends the training and is returned, and
// no call follows.
func checkRecorderErrors(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings...)
	if err != nil {
		return err
	}
	full := errors.New("the disk is full")
	for _, finish := range []bool{false, true} {
		r := &recorder{runs: make([]outcome, len(j.Runs)), call: func(_ int, f bool) error {
			if f == finish {
				return full
			}
			return nil
		}}
		err := s.on(2, func(b train.Backend) error { return r.train(context.Background(), b, j, r) })
		if !errors.Is(err, full) {
			return fmt.Errorf("the error of the recorder (at the end of a run: %v) becomes %v", finish, err)
		}
	}
	return nil
}

// checkCancelled: a training that is cancelled, before or while it runs, ends with the
// error of its context.
func checkCancelled(s Subject, c *Case) error {
	j, err := c.job(s.Precision, c.Settings...)
	if err != nil {
		return err
	}
	// Too long to finish if the cancellation is ignored.
	j.Steps, j.Schedule.Every = train.MaxSteps, 1000
	for _, within := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		r := &recorder{runs: make([]outcome, len(j.Runs)), call: func(int, bool) error { cancel(); return nil }}
		if !within {
			cancel()
		}
		err := s.on(2, func(b train.Backend) error { return r.train(ctx, b, j, r) })
		cancel()
		switch {
		case !errors.Is(err, context.Canceled):
			return fmt.Errorf("a training that is cancelled (while it runs: %v) ends with %v", within, err)
		case !within && r.calls > 0:
			return fmt.Errorf("the recorder of a training that was cancelled before is called %d times", r.calls)
		}
	}
	return nil
}

// checkBadJobs: a job that [train.Job.Check] refuses, or of another precision, is
// refused before anything is recorded.
func checkBadJobs(s Subject, c *Case) error {
	for name, spoil := range map[string]func(j *train.Job){
		"negative steps": func(j *train.Job) { j.Steps = -1 },
		"two schedules":  func(j *train.Job) { j.Schedule.PerDecade = 1 },
		"no runs":        func(j *train.Job) { j.Runs = nil },
		"two shapes":     func(j *train.Job) { j.Runs[1].Model = &fromOutside{Model: j.Runs[1].Model} },
		"a checkpoint of a step that is not done": func(j *train.Job) { j.Runs[1].From.Step = j.Steps + 1 },
		"a checkpoint that lacks a variable":      func(j *train.Job) { c := j.Runs[1].From; c.Variables = c.Variables[1:] },
		"a checkpoint of another shape":           func(j *train.Job) { c := j.Runs[1].From; c.Variables[0] = append(c.Variables[0], 0) },
		"a checkpoint that is not finite":         func(j *train.Job) { j.Runs[1].From.Variables[0][0] = math.NaN() },
		"no such real type":                       func(j *train.Job) { j.Precision = "float16" },
	} {
		j, err := c.job(s.Precision, c.Settings[0])
		if err != nil {
			return err
		}
		t, err := j.Runs[1].Model.Program()
		if err != nil {
			return err
		}
		initial, err := Initial(t, j.Runs[1].Model.Run(j.Runs[1].Stream))
		if err != nil {
			return err
		}
		j.Runs[1].From = &train.Checkpoint{}
		for _, v := range t.Variables {
			data := initial[v.Name].Data
			for i := range data {
				if s.Precision == "float32" {
					data[i] = float64(float32(data[i]))
				}
			}
			j.Runs[1].From.Variables = append(j.Runs[1].From.Variables, data)
		}
		spoil(j)
		r := &recorder{runs: make([]outcome, 2)}
		if err := s.on(1, func(b train.Backend) error { return b.Train(context.Background(), j, r) }); err == nil || r.calls > 0 {
			return fmt.Errorf("%s: the error is %v after %d calls of the recorder, want one before any", name, err, r.calls)
		}
	}
	return nil
}
