package runner_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// TestResultsDoNotDependOnHowTheyAreMade: not on chunks, parts, threads, or on
// how often the run was begun.
func TestResultsDoNotDependOnHowTheyAreMade(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for _, c := range []struct{ chunk, part, threads int }{{1, 1, 1}, {1000, 1000, 2}, {5, 9, 3}} {
		o := runtest.Options(s, t.TempDir())
		o.Chunks, o.PartRows, o.Backend = sweeptest.InChunks(s, c.chunk), c.part, sweeptest.Reference(c.threads)
		sum := runtest.Run(t, o)
		if sum.Copies != s.Copies() || sum.Done != s.Copies() || sum.Total != s.Copies() || sum.Failed != 0 {
			t.Errorf("%+v: summary is %+v", c, sum)
		}
		runtest.OnlyOnce(t, s, o.Dir)
		if got := runtest.DigestOf(t, o.Dir); got != want {
			t.Errorf("%+v: digest is %s, want %s", c, got, want)
		}
		again := runtest.Run(t, o)
		if again.Copies != 0 || again.Done != s.Copies() {
			t.Errorf("the same run again has trained: %+v", again)
		}
	}
}

func TestSummaryAndProgressCount(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	var last runner.Progress
	o.Progress = func(p runner.Progress) { last = p }
	sum := runtest.Run(t, o)
	steps, diverged, copies := int64(0), 0, 0
	for row, err := range results.As[results.Run](results.ReadFolder(o.Dir, results.RunsTable)) {
		if err != nil {
			t.Fatal(err)
		}
		copies++
		steps += int64(row.LastStep)
		if row.DivergedStep >= 0 {
			diverged++
		}
	}
	if diverged == 0 || diverged == copies {
		t.Fatalf("%d of %d copies diverged: the sweep is a poor test", diverged, copies)
	}
	if sum.NetworkSteps != steps || sum.Diverged != diverged || sum.Copies != copies || sum.Seconds <= 0 || sum.NetworkStepsPerSecond <= 0 {
		t.Errorf("summary is %+v, want %d copies, %d steps, %d diverged", sum, copies, steps, diverged)
	}
	if last.NetworkSteps != steps || last.Diverged != diverged || last.Done != copies || last.Kept != copies || last.Total != copies {
		t.Errorf("the last progress is %+v", last)
	}
}

func TestManifestTellsWhatTheFolderIs(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	m, err := results.ReadManifest(filepath.Join(o.Dir, results.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "small" || m.Sweep != s.File.Text() || m.Fingerprint != s.Fingerprint() || m.Copies != s.Copies() || m.Done != s.Copies() ||
		m.Backend != "reference" || m.Precision != "float64" || len(m.Processes) != 1 || m.Processes[0].Seconds <= 0 {
		t.Errorf("the manifest is %+v", m)
	}
	o.Provenance.Seconds = m.Processes[0].Seconds // which only its end decides
	if !reflect.DeepEqual(m.Processes[0], o.Provenance) {
		t.Errorf("the process is %+v, want %+v", m.Processes[0], o.Provenance)
	}
	if len(m.Parts) != len(sweeptest.Files(t, o.Dir, results.RunsTable)) || !slices.Equal(m.Tables, []string{"runs", "trajectories"}) {
		t.Errorf("the manifest lists %v of %v", m.Parts, m.Tables)
	}
}

// TestCancelKeepsWhatIsFinished and the same call goes on from there.
func TestCancelKeepsWhatIsFinished(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	kept := 0
	for round := 0; ; round++ {
		ctx, cancel := context.WithCancel(context.Background())
		o.Backend = runtest.Cancelling(sweeptest.Reference(2), 9, cancel)
		sum, err := runner.Run(ctx, o)
		cancel()
		kept += sum.Copies
		if sum.Done != kept {
			t.Errorf("round %d: %d copies are there, want %d", round, sum.Done, kept)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) || sum.Copies < 9 {
			t.Fatalf("round %d: %d copies kept, error %v", round, sum.Copies, err)
		}
		status, err := store.ReadStatus(o.Dir)
		if err != nil || status.State != store.StateInterrupted || status.Done != kept || len(status.Problems) > 0 {
			t.Errorf("round %d: status is %+v, %v", round, status, err)
		}
	}
	runtest.OnlyOnce(t, s, o.Dir)
	if got := runtest.DigestOf(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

func TestTimeEndsAPart(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	o.PartRows, o.PartTime = 1000, time.Nanosecond
	runtest.Run(t, o)
	if n := len(sweeptest.Files(t, o.Dir, results.RunsTable)); n < 2 {
		t.Errorf("%d parts", n)
	}
	runtest.OnlyOnce(t, s, o.Dir)
}

// TestAnotherSweepIsRefused with what is different.
func TestAnotherSweepIsRefused(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	dir := t.TempDir()
	runtest.Run(t, runtest.Options(s, dir))
	want := runtest.DigestOf(t, dir)

	changed := sweeptest.Enumerate(t, strings.Replace(sweeptest.Small, "init_scale: {value: 0.3}", "init_scale: {value: 0.4}", 1))
	_, err := runner.Run(context.Background(), runtest.Options(changed, dir))
	sweeptest.Expect(t, err, dir, "another sweep", "-   init_scale: {value: 0.3}", "+   init_scale: {value: 0.4}")
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("the difference shows lines that did not change: %v", err)
	}
	renamed := sweeptest.Enumerate(t, strings.Replace(sweeptest.Small, "name: small", "name: large", 1))
	if _, err := runner.Run(context.Background(), runtest.Options(renamed, dir)); err != nil {
		t.Errorf("a file that only has another name is refused: %v", err)
	}
	o := runtest.Options(s, dir)
	o.Sweep.Fingerprint = "of another version"
	_, err = runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "version")
	o = runtest.Options(s, dir)
	o.Backend = named{o.Backend, "other"}
	_, err = runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "reference backend", "--backend reference")
	o = runtest.Options(s, dir)
	o.Sweep.Trajectories = false
	_, err = runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "with trajectories")
	o = runtest.Options(s, dir)
	o.Sweep.Precision = "float32"
	_, err = runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "float64")
	if got := runtest.DigestOf(t, dir); got != want {
		t.Error("a refused run changed the folder")
	}
}

type named struct {
	train.Backend
	name string
}

func (n named) Name() string { return n.name }

// TestOtherNumbersAreRefused: if a program numbers copies in another way, going on
// would train some twice and some never.
func TestOtherNumbersAreRefused(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	o.Backend = runtest.Cancelling(sweeptest.Reference(1), 20, cancel)
	if _, err := runner.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o = runtest.Options(s, o.Dir)
	o.Copy = func(number int) space.Identity { return s.Copy(s.Copies() - 1 - number) }
	_, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "part-000001", "other copies")
}

// broken fails every job whose first copy has a given architecture.
type broken struct {
	train.Backend
	arch string
}

func (b broken) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	if strings.Contains(job.Runs[0].Model.Shape(), ": "+b.arch+" ") {
		return fmt.Errorf("%s is beyond this backend: %w", b.arch, errors.ErrUnsupported)
	}
	return b.Backend.Train(ctx, job, r)
}

// TestFailedJobsAreSaidAndTheRestGoesOn, and a later run tries them again.
func TestFailedJobsAreSaidAndTheRestGoesOn(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	var notices []string
	o.Notice = func(text string) { notices = append(notices, text) }
	o.Backend = broken{sweeptest.Reference(2), "split"}
	sum, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "jobs failed", "split is beyond this backend")
	if sum.Failed == 0 || sum.Copies == 0 || sum.Done != sum.Copies || sum.Done >= sum.Total || len(notices) != sum.Failed {
		t.Errorf("summary is %+v with %d notices", sum, len(notices))
	}
	status, err := store.ReadStatus(o.Dir)
	if err != nil || status.Failed != sum.Failed || !strings.Contains(status.Reason, "split is beyond") {
		t.Errorf("status is %+v, %v", status, err)
	}
	runtest.Run(t, runtest.Options(s, o.Dir))
	runtest.OnlyOnce(t, s, o.Dir)
	if got := runtest.DigestOf(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// losing is a backend whose device fails after some jobs.
type losing struct {
	train.Backend
	after, tried int
}

func (l *losing) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	if l.tried++; l.tried > l.after {
		return train.Lost(errors.New("the device is gone"))
	}
	return l.Backend.Train(ctx, job, r)
}

// TestNothingIsTriedOnALostBackend, what it finished before is kept, and a later run
// goes on from there.
func TestNothingIsTriedOnALostBackend(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	backend := &losing{Backend: sweeptest.Reference(2), after: 1}
	o.Backend = backend
	sum, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "can train nothing more", "the folder holds", "the device is gone")
	if backend.tried != 2 || sum.Failed != 1 || sum.Copies == 0 || sum.Done >= sum.Total {
		t.Errorf("%d jobs were tried, and the summary is %+v", backend.tried, sum)
	}
	runtest.Run(t, runtest.Options(s, o.Dir))
	if got := runtest.DigestOf(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

func TestStopOnFailure(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	for name, backend := range map[string]train.Backend{"a job": broken{sweeptest.Reference(2), "dense"}, "a copy": sweeptest.Reference(2)} {
		o := runtest.Options(s, t.TempDir())
		o.StopOnFailure, o.Backend = true, backend
		sum, err := runner.Run(context.Background(), o)
		sweeptest.Expect(t, err, "stopped at the first failure")
		if sum.Done >= sum.Total {
			t.Errorf("%s: nothing stopped: %+v", name, sum)
		}
		if name == "a copy" && (sum.Diverged == 0 || sum.Copies == 0) {
			t.Errorf("%s: what was trained is not kept: %+v", name, sum)
		}
	}
}

// silent ends without a word about some of its copies.
type silent struct{ train.Backend }

func (b silent) Train(ctx context.Context, job *train.Job, r train.Recorder) error { return nil }

func TestBackendThatForgetsCopiesIsCaught(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	o.Backend = silent{sweeptest.Reference(1)}
	_, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "finished 0 of")
}

// TestStartsThatABackendTells give the same row as weights that are drawn again.
func TestStartsThatABackendTells(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	o.Backend = model.Backend(telling{reference.New(2)})
	runtest.Run(t, o)
	if got := runtest.DigestOf(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// TestStartsToldSideBySide give the same row too.
func TestStartsToldSideBySide(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	o.Backend = model.Backend(tellingAtOnce{reference.New(2)})
	runtest.Run(t, o)
	if got := runtest.DigestOf(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

type tellingAtOnce struct{ linear.Backend }

func (b tellingAtOnce) Train(ctx context.Context, job *linear.Job, r linear.Recorder) error {
	starts := r.(linear.ConcurrentStartRecorder)
	if !starts.ConcurrentStarts() {
		return errors.New("the recorder takes starts one at a time")
	}
	var all sync.WaitGroup
	errs := make([]error, len(job.Copies))
	for i := range job.Copies {
		all.Go(func() {
			_, w, err := job.Start(i)
			if err == nil {
				err = starts.Start(i, w)
			}
			errs[i] = err
		})
	}
	all.Wait()
	return errors.Join(errors.Join(errs...), b.Backend.Train(ctx, job, r))
}

type telling struct{ linear.Backend }

func (b telling) Train(ctx context.Context, job *linear.Job, r linear.Recorder) error {
	for i := range job.Copies {
		_, w, err := job.Start(i)
		if err != nil {
			return err
		}
		if err := r.(linear.StartRecorder).Start(i, w); err != nil {
			return err
		}
	}
	return b.Backend.Train(ctx, job, r)
}

func TestRunOptionsAreChecked(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	for want, change := range map[string]func(*runner.Options){
		"no folder":            func(o *runner.Options) { o.Dir = "" },
		"a backend":            func(o *runner.Options) { o.Backend = nil },
		"copies and a backend": func(o *runner.Options) { o.Chunks = nil },
		"run needs":            func(o *runner.Options) { o.Copy = nil },
		"0 copies":             func(o *runner.Options) { o.Sweep.Copies = 0 },
		"shard 3/2":            func(o *runner.Options) { o.Shard = space.Shard{Index: 3, Count: 2} },
		"negative":             func(o *runner.Options) { o.PartRows = -1 },
	} {
		dir := filepath.Join(t.TempDir(), "new")
		o := runtest.Options(s, dir)
		change(&o)
		_, err := runner.Run(context.Background(), o)
		sweeptest.Expect(t, err, want)
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: the folder was made", want)
		}
	}
	o := runtest.Options(s, t.TempDir())
	o.Sweep.Copies--
	_, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "copies")
}
