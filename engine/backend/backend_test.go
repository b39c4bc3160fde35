package backend_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// job is a job of toy networks with the given learning rates.
func job(t *testing.T, k train.Kind, rates ...float64) *train.Job {
	t.Helper()
	j := &train.Job{Kind: k, Precision: "float64", Steps: 20, Schedule: train.Schedule{Every: 5}}
	for i, rate := range rates {
		s, err := train.NewSetting(traintest.Toy{})
		if err != nil {
			t.Fatal(err)
		}
		s.Set(traintest.Toy{}.Parameters().Index("lr"), results.Value{Number: rate})
		m, err := traintest.Toy{}.Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		j.Runs = append(j.Runs, train.Run{Model: m, Stream: random.Stream{Seed: uint64(i), Point: 9}})
	}
	return j
}

// A recorder keeps what it is told.
type recorder struct {
	unwanted bool
	observed map[[2]int][]float64
	ends     map[int]train.End
	values   map[int][]results.Value
}

func newRecorder() *recorder {
	return &recorder{observed: map[[2]int][]float64{}, ends: map[int]train.End{}, values: map[int][]results.Value{}}
}

func (r *recorder) Wanted() bool { return !r.unwanted }
func (r *recorder) Observe(run, step int, metrics []float64) error {
	r.observed[[2]int{run, step}] = append([]float64{}, metrics...)
	return nil
}
func (r *recorder) Finish(run int, end train.End) (err error) {
	r.ends[run] = end
	r.values[run], err = end.Summary()
	return err
}

// A form trains nothing, but says what it was asked.
type form struct {
	fits   bool
	asked  int
	closed error
}

func (f *form) Fits(*train.Job) bool { return f.fits }
func (f *form) Close() error         { return f.closed }
func (f *form) Train(context.Context, *train.Job, train.Recorder) error {
	f.asked++
	return nil
}

// TestForms: a job goes to the first form that it fits, and else to the executor.
func TestForms(t *testing.T) {
	first, second := &form{closed: errors.New("first")}, &form{}
	b := backend.New(reference.New(1), first, second)
	train := func() *recorder {
		r := newRecorder()
		if err := b.Train(t.Context(), job(t, traintest.Toy{}, 0.1), r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := train(); len(r.ends) != 1 || first.asked+second.asked > 0 {
		t.Errorf("a job that fits no form had %d ends, and forms were asked %d and %d times", len(r.ends), first.asked, second.asked)
	}
	second.fits = true
	train()
	first.fits = true
	train()
	if first.asked != 1 || second.asked != 1 {
		t.Errorf("forms were asked %d and %d times, want once each", first.asked, second.asked)
	}
	if err := b.Close(); err == nil || err.Error() != "first" {
		t.Errorf("closing: %v", err)
	}
	if b.Name() != "reference" {
		t.Errorf("the name is %q", b.Name())
	}
}

// summarised is a kind that knows more of a run than its metrics.
type summarised struct{ traintest.Toy }

func (summarised) Summary() results.Schema { return results.Schema{{Name: "half_time"}} }

// TestRefused: what no program can do is refused before anything is trained.
func TestRefused(t *testing.T) {
	b := backend.New(reference.New(1))
	for name, c := range map[string]struct {
		spoil       func(j *train.Job)
		unsupported bool
		says        string
	}{
		"no runs":       {func(j *train.Job) { j.Runs = nil }, false, "no runs"},
		"single":        {func(j *train.Job) { j.Precision = "float32" }, true, "the job is in float32, but this reference backend trains in float64"},
		"more to learn": {func(j *train.Job) { j.Kind = summarised{} }, true, "the kind toy is summarised by more than its metrics"},
	} {
		j := job(t, traintest.Toy{}, 0.1)
		c.spoil(j)
		r := newRecorder()
		err := b.Train(t.Context(), j, r)
		if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, errors.ErrUnsupported) != c.unsupported || len(r.ends) > 0 {
			t.Errorf("%s: %v (unsupported: %v), after %d ends", name, err, errors.Is(err, errors.ErrUnsupported), len(r.ends))
		}
	}
}

// TestRecorded: a recorder is told the metrics at the recorded steps, or the last
// alone where others are not wanted; the summary has them, or NaN after divergence.
func TestRecorded(t *testing.T) {
	b := backend.New(reference.New(2))
	all := newRecorder()
	if err := b.Train(t.Context(), job(t, traintest.Toy{}, 0.1, 1e20), all); err != nil {
		t.Fatal(err)
	}
	last := newRecorder()
	last.unwanted = true
	if err := b.Train(t.Context(), job(t, traintest.Toy{}, 0.1, 1e20), last); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{0, 5, 10, 15, 20} {
		if m := all.observed[[2]int{0, step}]; len(m) != 3 || !(m[0] > 0) || !(m[2] > 0) {
			t.Errorf("the metrics at step %d are %v", step, m)
		}
	}
	final := all.observed[[2]int{0, 20}]
	if got := last.observed[[2]int{0, 20}]; len(last.observed) != 1 || got[0] != final[0] {
		t.Errorf("observations of a recorder that wants the last: %v, want %v", last.observed, final)
	}
	for _, r := range []*recorder{all, last} {
		if r.ends[0].Diverged || r.ends[0].Step != 20 || r.values[0][0].Number != final[0] || len(r.ends[0].Variables) == 0 {
			t.Errorf("the good run ended with %+v, %v", r.ends[0], r.values[0])
		}
		if !r.ends[1].Diverged || !math.IsNaN(r.values[1][0].Number) || r.ends[1].Step != all.ends[1].Step || r.ends[1].Step == 0 {
			t.Errorf("the bad run ended with %+v, %v", r.ends[1], r.values[1])
		}
	}
}

// An insistent executor tells its sink of two runs, whatever the sink returns.
type insistent struct{ backend.Executor }

func (insistent) Train(_ context.Context, _ *program.Training, _ []program.Run, _ int, _ []int, s backend.Sink) error {
	observed := [][]float64{make([]float64, 4), make([]float64, 4), {1}}
	first := s.Observe(0, 0, observed)
	return errors.Join(first, s.Observe(1, 0, observed), s.Finish(1, 0, false, nil))
}

// full is a recorder whose disk is full.
type full struct {
	*recorder
	calls int
}

var errFull = errors.New("the disk is full")

func (f *full) Observe(int, int, []float64) error { f.calls++; return errFull }
func (f *full) Finish(int, train.End) error       { f.calls++; return errFull }

// TestNoCallAfterAnError: a recorder that returned an error is not called again, and its
// error is that of every later call of the sink.
func TestNoCallAfterAnError(t *testing.T) {
	f := &full{recorder: newRecorder()}
	err := backend.New(insistent{reference.New(1)}).Train(t.Context(), job(t, traintest.Toy{}, 0.1, 0.2), f)
	if want := "the disk is full\nthe disk is full\nthe disk is full"; err == nil || err.Error() != want || f.calls != 1 {
		t.Errorf("after %d calls of the recorder the executor has the errors %v", f.calls, err)
	}
}

// A keeper is a recorder that keeps a checkpoint of each run at one step.
type keeper struct {
	*recorder
	at   int
	kept map[int]*train.Checkpoint
}

func newKeeper(at int) *keeper { return &keeper{newRecorder(), at, map[int]*train.Checkpoint{}} }

func (k *keeper) Due(_, step int) bool { return step == k.at }
func (k *keeper) Keep(runs []int, checkpoints []train.Checkpoint) error {
	for i, run := range runs {
		c := checkpoints[i]
		k.kept[run] = &train.Checkpoint{Checkpoint: program.Checkpoint{Step: c.Step}, Observed: slices.Clone(c.Observed)}
		for _, v := range c.Variables {
			k.kept[run].Variables = append(k.kept[run].Variables, slices.Clone(v))
		}
	}
	return nil
}

// tracked is a kind whose summary is a sum over the recorded steps, in which the order
// counts.
type tracked struct{ traintest.Toy }

func (tracked) Summary() results.Schema { return results.Schema{{Name: "sum"}} }

type trackedModel struct{ train.Model }

func (*trackedModel) Track(random.Stream, []int) (train.Tracker, error) { return new(sum), nil }

type sum float64

func (s *sum) Observe(_ int, metrics []float64) { *s = *s*2 + sum(metrics[0]) }
func (s *sum) Summary(bool) ([]results.Value, error) {
	return []results.Value{{Number: float64(*s)}}, nil
}

// TestContinuedSummary: a tracker comes to where it was, also where observations before
// the last are not wanted; a checkpoint that was kept without them is refused where they
// are needed.
func TestContinuedSummary(t *testing.T) {
	b := backend.New(reference.New(1))
	j := job(t, tracked{}, 0.1, 0.2)
	for i := range j.Runs {
		j.Runs[i].Model = &trackedModel{j.Runs[i].Model}
	}
	for _, unwanted := range []bool{false, true} {
		whole, again := newKeeper(12), newKeeper(-1)
		whole.unwanted, again.unwanted = unwanted, unwanted
		if err := b.Train(t.Context(), j, whole); err != nil {
			t.Fatal(err)
		}
		next := *j
		next.Runs = slices.Clone(j.Runs)
		next.Runs[1].From = whole.kept[1]
		if n := len(whole.kept[1].Observed); n != 3 {
			t.Errorf("a checkpoint of step 12 has %d observations, want those of 0, 5 and 10", n)
		}
		if err := b.Train(t.Context(), &next, again); err != nil {
			t.Fatal(err)
		}
		for run, want := range whole.values {
			if got := again.values[run]; got[0] != want[0] || want[0].Number == 0 {
				t.Errorf("the summary of run %d is %v, want %v (observations unwanted: %v)", run, got, want, unwanted)
			}
		}
		if len(again.observed) != len(whole.observed) || len(again.kept) > 0 {
			t.Errorf("%d observations are told, want %d; %d checkpoints are kept that are not due", len(again.observed), len(whole.observed), len(again.kept))
		}
		next.Runs[1].From.Observed = nil
		err := b.Train(t.Context(), &next, newRecorder())
		if want := "run 1 begins at step 12 with a checkpoint that lacks the 3 observations before it; begin at step 0"; err == nil || err.Error() != want {
			t.Errorf("without observations the error is %v, want %q", err, want)
		}
	}
}

// TestFormsBeginAtStep0: a form is not asked to go on.
func TestFormsBeginAtStep0(t *testing.T) {
	whole := newKeeper(12)
	j := job(t, traintest.Toy{}, 0.1, 0.2)
	if err := backend.New(reference.New(1)).Train(t.Context(), j, whole); err != nil {
		t.Fatal(err)
	}
	j.Runs[1].From = whole.kept[1]
	f := &form{fits: true}
	err := backend.New(reference.New(1), f).Train(t.Context(), j, newRecorder())
	if err == nil || !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "run 1 begins at step 12, but networks of its kind are trained from step 0 on") || f.asked > 0 {
		t.Errorf("the error is %v, and the form was asked %d times", err, f.asked)
	}
}
