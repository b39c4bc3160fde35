package sweep

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

	"modspec/engine/backend"
	programs "modspec/engine/backend/reference"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
	"modspec/engine/train/reference"
	"modspec/engine/train/traintest"
)

// small is a sweep of 60 copies of several shapes, of which one point diverges.
const small = `
name: small
method: grid
seeds: 6
steps: 30
record: {every: 5}
precision: float64
skip_invalid: true
parameters:
  bits: {value: 2}
  kx: {value: 1}
  ny: {values: [0, 1]}
  hidden: {value: 3}
  arch: {values: [dense, split, shallow]}
  lr: {values: [0.2, 400]}
  init_scale: {value: 0.3}
`

func enumerated(t testing.TB, text string) *space.Space {
	t.Helper()
	file, err := spec.Parse("test.yaml", []byte(text), Kinds)
	if err != nil {
		t.Fatal(err)
	}
	s, err := space.Enumerate(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// kinds are those of the sweeps of tests.
var Kinds = []train.Kind{model.Kind, traintest.Toy{}}

// referenceBackend trains both kinds.
func referenceBackend(threads int) train.Backend {
	return backend.New(programs.New(threads), model.Form{Backend: reference.New(threads)})
}

// inChunks goes through a space in chunks of n copies.
func inChunks(s *space.Space, n int) space.Chunks {
	return s.Chunks(func(*space.Group) int { return n })
}

// provenance is that of a process that works in a folder.
func provenance(dir string) results.Provenance {
	return results.NewProvenance("reference", "float64", []string{"modspec", "sweep", "run", "--out", filepath.Base(dir)}, time.Now())
}

// options are those of a run of a space on the reference backend.
func options(s *space.Space, dir string) RunOptions {
	return RunOptions{
		Dir: dir, Sweep: SweepOf(s, true), Chunks: inChunks(s, 7), Copy: s.Copy, Backend: referenceBackend(2),
		Provenance: provenance(dir), PartRows: 16,
	}
}

func run(t testing.TB, o RunOptions) Summary {
	t.Helper()
	sum, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func digest(t testing.TB, dir string) string {
	t.Helper()
	d, err := Digest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(d)
}

// unbroken returns the digest of a run of a space from one end to the other.
func unbroken(t testing.TB, s *space.Space) string {
	t.Helper()
	dir := t.TempDir()
	run(t, options(s, dir))
	return digest(t, dir)
}

// onlyOnce checks that a folder holds each copy of a space exactly once, as its
// files have it and not the journal.
func onlyOnce(t testing.TB, s *space.Space, dir string) {
	t.Helper()
	rows := map[string]int{}
	files, err := filepath.Glob(filepath.Join(dir, results.RunsTable, "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for row, err := range results.Read(f, results.RunsTable) {
			if err != nil {
				t.Fatal(err)
			}
			id := row.Text(results.IDPlace)
			rows[id]++
			who := s.Copy(row.Whole(results.CopyPlace))
			columns := row.Table().Columns
			if who.ID.String() != id || who.Seed != row.Seed(columns.Index(results.SeedColumn)) || row.Text(columns.Index(results.PrecisionColumn)) != s.File.Precision {
				t.Errorf("copy %s is written as %s", who.ID, id)
			}
			for i, c := range s.File.Kind.Parameters() {
				at := columns.Index(c.Name)
				if v := who.Parameters[i]; c.Type == results.Text && row.Text(at) != v.Text || c.Type != results.Text && row.Number(at) != v.Number {
					t.Errorf("%s of copy %s is written as %s, not %v", c.Name, id, row.Text(at), v)
				}
			}
		}
	}
	if len(rows) != s.Copies() {
		t.Errorf("%d copies are there, want %d", len(rows), s.Copies())
	}
	for id, n := range rows {
		if n != 1 {
			t.Errorf("copy %s is there %d times", id, n)
		}
	}
	for _, pattern := range []string{"*.tmp", ".*"} {
		for _, table := range Tables {
			if left, _ := filepath.Glob(filepath.Join(dir, table, pattern)); len(left) > 0 {
				t.Errorf("%v are left over", left)
			}
		}
	}
}

// expect fails unless err says all of want.
func expect(t testing.TB, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("error is %v, want one that says %q", err, w)
		}
	}
}

// TestResultsDoNotDependOnHowTheyAreMade: not on chunks, parts, threads, or on
// how often the run was begun.
func TestResultsDoNotDependOnHowTheyAreMade(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	for _, c := range []struct{ chunk, part, threads int }{{1, 1, 1}, {1000, 1000, 2}, {5, 9, 3}} {
		o := options(s, t.TempDir())
		o.Chunks, o.PartRows, o.Backend = inChunks(s, c.chunk), c.part, referenceBackend(c.threads)
		sum := run(t, o)
		if sum.Copies != s.Copies() || sum.Done != s.Copies() || sum.Total != s.Copies() || sum.Failed != 0 {
			t.Errorf("%+v: summary is %+v", c, sum)
		}
		onlyOnce(t, s, o.Dir)
		if got := digest(t, o.Dir); got != want {
			t.Errorf("%+v: digest is %s, want %s", c, got, want)
		}
		again := run(t, o)
		if again.Copies != 0 || again.Done != s.Copies() {
			t.Errorf("the same run again has trained: %+v", again)
		}
	}
}

func TestSummaryAndProgressCount(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	var last Progress
	o.Progress = func(p Progress) { last = p }
	sum := run(t, o)
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

func files(t testing.TB, dir, table string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, table, "*.parquet"))
	if err != nil || len(list) == 0 {
		t.Fatalf("there are no files of %s: %v", table, err)
	}
	return list
}

func TestManifestTellsWhatTheFolderIs(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
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
	if len(m.Parts) != len(files(t, o.Dir, results.RunsTable)) || !slices.Equal(m.Tables, []string{"runs", "trajectories"}) {
		t.Errorf("the manifest lists %v of %v", m.Parts, m.Tables)
	}
}

// canceller cancels its run after a number of finished copies.
type canceller struct {
	train.Backend
	after  int
	cancel func()
}

func (c *canceller) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	return c.Backend.Train(ctx, job, cancellingRecorder{r, c})
}

type cancellingRecorder struct {
	train.Recorder
	c *canceller
}

func (r cancellingRecorder) Finish(i int, end train.End) error {
	if r.c.after--; r.c.after == 0 {
		r.c.cancel()
	}
	return r.Recorder.Finish(i, end)
}

// TestCancelKeepsWhatIsFinished and the same call goes on from there.
func TestCancelKeepsWhatIsFinished(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	kept := 0
	for round := 0; ; round++ {
		ctx, cancel := context.WithCancel(context.Background())
		o.Backend = &canceller{referenceBackend(2), 9, cancel}
		sum, err := Run(ctx, o)
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
		status, err := ReadStatus(o.Dir)
		if err != nil || status.State != StateInterrupted || status.Done != kept || len(status.Problems) > 0 {
			t.Errorf("round %d: status is %+v, %v", round, status, err)
		}
	}
	onlyOnce(t, s, o.Dir)
	if got := digest(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

func TestTimeEndsAPart(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	o.PartRows, o.PartTime = 1000, time.Nanosecond
	run(t, o)
	if n := len(files(t, o.Dir, results.RunsTable)); n < 2 {
		t.Errorf("%d parts", n)
	}
	onlyOnce(t, s, o.Dir)
}

func TestPartsGrowWithTheRun(t *testing.T) {
	for _, c := range []struct{ taken, most, want time.Duration }{
		{0, time.Minute, time.Second},
		{7 * time.Second, time.Minute, time.Second},
		{80 * time.Second, time.Minute, 10 * time.Second},
		{time.Hour, time.Minute, time.Minute},
		{time.Hour, time.Millisecond, time.Millisecond},
	} {
		w := partsWriter{PartTime: c.most}
		if got := w.duration(c.taken); got != c.want {
			t.Errorf("after %v, with at most %v: %v, want %v", c.taken, c.most, got, c.want)
		}
	}
}

// TestAnotherSweepIsRefused with what is different.
func TestAnotherSweepIsRefused(t *testing.T) {
	s := enumerated(t, small)
	dir := t.TempDir()
	run(t, options(s, dir))
	want := digest(t, dir)

	changed := enumerated(t, strings.Replace(small, "init_scale: {value: 0.3}", "init_scale: {value: 0.4}", 1))
	_, err := Run(context.Background(), options(changed, dir))
	expect(t, err, dir, "another sweep", "-   init_scale: {value: 0.3}", "+   init_scale: {value: 0.4}")
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("the difference shows lines that did not change: %v", err)
	}
	renamed := enumerated(t, strings.Replace(small, "name: small", "name: large", 1))
	if _, err := Run(context.Background(), options(renamed, dir)); err != nil {
		t.Errorf("a file that only has another name is refused: %v", err)
	}
	o := options(s, dir)
	o.Sweep.Fingerprint = "of another version"
	_, err = Run(context.Background(), o)
	expect(t, err, "version")
	o = options(s, dir)
	o.Backend = named{o.Backend, "other"}
	_, err = Run(context.Background(), o)
	expect(t, err, "reference backend", "--backend reference")
	o = options(s, dir)
	o.Sweep.Trajectories = false
	_, err = Run(context.Background(), o)
	expect(t, err, "with trajectories")
	o = options(s, dir)
	o.Sweep.Precision = "float32"
	_, err = Run(context.Background(), o)
	expect(t, err, "float64")
	if got := digest(t, dir); got != want {
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
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	o.Backend = &canceller{referenceBackend(1), 20, cancel}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o = options(s, o.Dir)
	o.Copy = func(number int) space.Identity { return s.Copy(s.Copies() - 1 - number) }
	_, err := Run(context.Background(), o)
	expect(t, err, "part-000001", "other copies")
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
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	var notices []string
	o.Notice = func(text string) { notices = append(notices, text) }
	o.Backend = broken{referenceBackend(2), "split"}
	sum, err := Run(context.Background(), o)
	expect(t, err, "jobs failed", "split is beyond this backend")
	if sum.Failed == 0 || sum.Copies == 0 || sum.Done != sum.Copies || sum.Done >= sum.Total || len(notices) != sum.Failed {
		t.Errorf("summary is %+v with %d notices", sum, len(notices))
	}
	status, err := ReadStatus(o.Dir)
	if err != nil || status.Failed != sum.Failed || !strings.Contains(status.Reason, "split is beyond") {
		t.Errorf("status is %+v, %v", status, err)
	}
	run(t, options(s, o.Dir))
	onlyOnce(t, s, o.Dir)
	if got := digest(t, o.Dir); got != want {
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
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	backend := &losing{Backend: referenceBackend(2), after: 1}
	o.Backend = backend
	sum, err := Run(context.Background(), o)
	expect(t, err, "can train nothing more", "the folder holds", "the device is gone")
	if backend.tried != 2 || sum.Failed != 1 || sum.Copies == 0 || sum.Done >= sum.Total {
		t.Errorf("%d jobs were tried, and the summary is %+v", backend.tried, sum)
	}
	run(t, options(s, o.Dir))
	if got := digest(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

func TestStopOnFailure(t *testing.T) {
	s := enumerated(t, small)
	for name, backend := range map[string]train.Backend{"a job": broken{referenceBackend(2), "dense"}, "a copy": referenceBackend(2)} {
		o := options(s, t.TempDir())
		o.StopOnFailure, o.Backend = true, backend
		sum, err := Run(context.Background(), o)
		expect(t, err, "stopped at the first failure")
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
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	o.Backend = silent{referenceBackend(1)}
	_, err := Run(context.Background(), o)
	expect(t, err, "finished 0 of")
}

// TestStartsThatABackendTells give the same row as weights that are drawn again.
func TestStartsThatABackendTells(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	o.Backend = model.Backend(telling{reference.New(2)})
	run(t, o)
	if got := digest(t, o.Dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// TestStartsToldSideBySide give the same row too.
func TestStartsToldSideBySide(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	o.Backend = model.Backend(tellingAtOnce{reference.New(2)})
	run(t, o)
	if got := digest(t, o.Dir); got != want {
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
	s := enumerated(t, small)
	for want, change := range map[string]func(*RunOptions){
		"no folder":            func(o *RunOptions) { o.Dir = "" },
		"a backend":            func(o *RunOptions) { o.Backend = nil },
		"copies and a backend": func(o *RunOptions) { o.Chunks = nil },
		"run needs":            func(o *RunOptions) { o.Copy = nil },
		"0 copies":             func(o *RunOptions) { o.Sweep.Copies = 0 },
		"shard 3/2":            func(o *RunOptions) { o.Shard = space.Shard{Index: 3, Count: 2} },
		"negative":             func(o *RunOptions) { o.PartRows = -1 },
	} {
		dir := filepath.Join(t.TempDir(), "new")
		o := options(s, dir)
		change(&o)
		_, err := Run(context.Background(), o)
		expect(t, err, want)
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: the folder was made", want)
		}
	}
	o := options(s, t.TempDir())
	o.Sweep.Copies--
	_, err := Run(context.Background(), o)
	expect(t, err, "copies")
}

// TestShardsShareTheCopies evenly, and their folders merge to the whole.
func TestShardsShareTheCopies(t *testing.T) {
	for _, n := range []int{1, 2, 7, 59, 60, 61} {
		sum, seen := 0, map[int]bool{}
		for i := 1; i <= n; i++ {
			s := space.Shard{Index: i, Count: n}
			count := 0
			for c := range 60 {
				if s.Has(c) {
					if seen[c] {
						t.Fatalf("copy %d is in two of %d shards", c, n)
					}
					seen[c] = true
					count++
				}
			}
			if s.Of(60) != count {
				t.Errorf("shard %v has %d copies, but says %d", s, count, s.Of(60))
			}
			sum += count
		}
		if sum != 60 {
			t.Errorf("%d shards have %d copies", n, sum)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, c := range []struct{ then, now, want string }{
		{"a\nb\nc\n", "a\nb\nc\n", ""},
		{"a\nb\nc\n", "a\nx\nc\n", "- b\n+ x"},
		{"a\nb\nc\nd\n", "a\nc\nd\ne\n", "- b\n+ e"},
		{"", "a\n", "- \n+ a"},
	} {
		if got := difference(c.then, c.now); got != c.want {
			t.Errorf("difference(%q, %q) = %q, want %q", c.then, c.now, got, c.want)
		}
	}
	if got := difference(strings.Repeat("a\n", 5000), strings.Repeat("b\n", 5000)); strings.Count(got, "\n") != 40 || !strings.HasSuffix(got, "…") {
		t.Errorf("a very long difference has %d lines", strings.Count(got, "\n")+1)
	}
}
