package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train/reference"
)

// twelve is a sweep of twelve copies.
const twelve = `name: x
method: grid
seeds: 3
steps: 4
precision: float64
record: ends
parameters:
  arch: {values: [dense, partitioned]}
  r: {values: [0.5, 1]}
`

// train trains a shard of the small sweep into its folder; if most is not
// negative it is interrupted after so many copies.
func runShard(t *testing.T, dir string, shard space.Shard, most int) {
	t.Helper()
	points := sweeptest.Enumerate(t, twelve)
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	chunks := func(yield func(space.Chunk, error) bool) {
		number, own := 0, 0
		for chunk, err := range points.Chunks(func(*space.Group) int { return 1 }) {
			if own == most {
				interrupt()
				return
			}
			if shard.Has(number) {
				own++
			}
			number++
			if !yield(chunk, err) {
				return
			}
		}
	}
	_, err := runner.Run(ctx, runner.Options{
		Dir: ShardFolder(dir, shard), Sweep: store.SweepOf(points, false), Chunks: chunks, Copy: points.Copy, Shard: shard,
		Backend: model.Backend(reference.New(1)), Provenance: results.NewProvenance("reference", "float64", nil, time.Now()),
	})
	if (err != nil) != (most >= 0) {
		t.Fatalf("shard %v, interrupted after %d: %v", shard, most, err)
	}
}

func shardOf(i int) space.Shard { return space.Shard{Index: i, Count: 6} }

// inSix submits the small sweep in six shards as job 100, with merge 101.
func inSix(t *testing.T) (dir string, f *fakeSlurm) {
	t.Helper()
	f = newFakeSlurm(t, map[string][]say{"sbatch": {{Out: "100\n"}, {Out: "101\n"}}, "squeue": {{}}, "sacct": {{Err: "Slurm accounting storage is disabled\n", Code: 1}}})
	a := example()
	a.Name, a.JobName, a.Copies, a.Shards = "x", "x-1a2b", 12, 6
	dir = filepath.Join(t.TempDir(), "out")
	if _, err := submit(t, dir, a); err != nil {
		t.Fatal(err)
	}
	f.set("sbatch", say{Out: "110\n"}, say{Out: "111\n"})
	return dir, f
}

// queueOf writes what squeue says of tasks of job 100, "3 RUNNING" for the third.
func queueOf(tasks ...string) say {
	out := "x-1a2b-merge|101|N/A|PENDING|0:00||Dependency\n"
	for _, task := range tasks {
		n, state, _ := strings.Cut(task, " ")
		out += fmt.Sprintf("x-1a2b|100|%s|%s|0:07|n1|None\n", n, state)
	}
	return say{Out: out}
}

func status(t *testing.T, dir string) *Status {
	t.Helper()
	s, err := ReadStatus(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(s); err != nil {
		t.Error(err)
	}
	return s
}

// states lists the states of the shards.
func states(s *Status) string {
	var list []string
	for _, shard := range s.Shards {
		list = append(list, shard.State)
	}
	return strings.Join(list, " ")
}

// TestStatus goes through the life of a submitted sweep.
func TestStatus(t *testing.T) {
	dir, f := inSix(t)
	f.set("squeue", queueOf("1 PENDING", "2 PENDING", "3 PENDING", "4 PENDING", "5 PENDING", "6 PENDING"))
	if s := status(t, dir); s.State != ShardWaiting || states(s) != "waiting waiting waiting waiting waiting waiting" || s.Copies != 12 || s.Done != 0 || len(s.Notes) != 0 || s.Merge.Reason != "Dependency" {
		t.Errorf("at first: %+v, %s", s, states(s))
	}

	// 1 done, 2 interrupted and requeued, 3 running, 4 cancelled, 5 failed with a
	// log, 6 waiting; squeue has forgotten 4.
	runShard(t, dir, shardOf(1), -1)
	runShard(t, dir, shardOf(2), 1)
	runShard(t, dir, shardOf(5), 0)
	log := filepath.Join(dir, LogsName, "100_5.out")
	if err := os.WriteFile(log, []byte("a start\nmodspec: no memory left\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f.set("squeue", queueOf("1 COMPLETED", "2 PENDING", "3 RUNNING", "5 FAILED", "6 PENDING"))
	f.set("sacct", say{Out: "100_4|CANCELLED by 0|0:15|00:00:01|n2\n100_5|FAILED|1:0|00:00:02|n1\n"})
	s := status(t, dir)
	if s.State != ShardRunning || states(s) != "done waiting running failed failed waiting" || s.Done != 3 || s.Scheduler != "slurm" {
		t.Errorf("in between: %s of %d copies; %+v", states(s), s.Done, s)
	}
	if c := s.Shards[3]; c.Slurm != "CANCELLED" || !strings.Contains(c.Detail, "by 0") || !strings.Contains(c.Detail, "not begun") || c.Exit != "0:15" || c.Log != "" || c.Job != "100_4" {
		t.Errorf("the shard that was cancelled: %+v", c)
	}
	if c := s.Shards[4]; c.Exit != "1:0" || c.Log != log || !slices.Equal(c.LogEnd, []string{"a start", "modspec: no memory left"}) {
		t.Errorf("the shard that failed: %+v", c)
	}

	// Without accounting nothing is known of 4 but that it is not in the queue.
	f.set("sacct", say{Err: "Slurm accounting storage is disabled\n", Code: 1})
	s = status(t, dir)
	if states(s) != "done waiting running failed failed waiting" || len(s.Notes) != 0 || !strings.Contains(s.Shards[3].Detail, "not in the queue") {
		t.Errorf("without accounting: %s, %+v", states(s), s.Shards[3])
	}

	// Without a controller only the journals speak.
	f.set("squeue", say{Err: "slurm_load_jobs error: Unable to contact slurm controller\n", Code: 1})
	s = status(t, dir)
	if s.State != ShardUnknown || states(s) != "done unknown unknown unknown unknown unknown" || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "Unable to contact") {
		t.Errorf("without a controller: %s, %+v", states(s), s)
	}
	if _, err := NewRest(context.Background(), dir); err == nil {
		t.Error("what is missing is known without a controller")
	}

	for i := 2; i <= 6; i++ {
		runShard(t, dir, shardOf(i), -1)
	}
	f.set("squeue", say{})
	if s := status(t, dir); s.State != StateTrained || s.Done != 12 || s.Merged != 0 {
		t.Errorf("before the merge: %+v", s)
	}
	merge(t, dir)
	if s := status(t, dir); s.State != StateDone || s.Merged != 12 || s.Done != 12 {
		t.Errorf("after the merge: %+v", s)
	}
	// Shards may go then.
	if err := os.RemoveAll(filepath.Join(dir, ShardsName)); err != nil {
		t.Fatal(err)
	}
	if s := status(t, dir); s.State != StateDone || s.Done != 12 || states(s) != "done done done done done done" {
		t.Errorf("without the shards: %+v", s)
	}
}

func merge(t *testing.T, dir string) {
	t.Helper()
	folders, err := Begun(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Merge(context.Background(), dir, folders, nil); err != nil {
		t.Fatal(err)
	}
}

// TestRest: what is done, runs or waits is never sent again.
func TestRest(t *testing.T) {
	dir, f := inSix(t)
	runShard(t, dir, shardOf(1), -1)
	runShard(t, dir, shardOf(4), 1)
	for _, c := range []struct {
		name             string
		queue            []string
		tasks            string
		running, waiting int
	}{
		{"all are on their way", []string{"2 RUNNING", "3 PENDING", "4 COMPLETING", "5 REQUEUED", "6 CONFIGURING"}, "", 2, 3},
		{"a state that nobody knows", []string{"2 NEW_IN_SLURM_99", "3 PENDING", "4 PENDING", "5 PENDING", "6 PENDING"}, "", 1, 4},
		{"some ended", []string{"2 FAILED", "3 NODE_FAIL", "4 TIMEOUT", "5 RUNNING", "6 OUT_OF_MEMORY"}, "2-4,6", 1, 0},
		// COMPLETED to Slurm, not done by its journal: the journal is right.
		{"none is known", []string{"2 COMPLETED"}, "2-6", 0, 0},
	} {
		f.set("squeue", queueOf(c.queue...))
		r, err := NewRest(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if r.Tasks != c.tasks || r.Running != c.running || r.Waiting != c.waiting || r.Merge != (c.tasks != "") || r.Nothing() != (c.tasks == "") {
			t.Errorf("%s: tasks %q, %d running, %d waiting, merge %v; want %q, %d, %d", c.name, r.Tasks, r.Running, r.Waiting, r.Merge, c.tasks, c.running, c.waiting)
		}
	}
}

// TestSend: what sbatch is called with, and that what was sent is noted.
func TestSend(t *testing.T) {
	dir, f := inSix(t)
	runShard(t, dir, shardOf(1), -1)
	f.set("squeue", queueOf("2 FAILED", "3 RUNNING", "4 FAILED", "5 PENDING", "6 FAILED"))
	r, err := NewRest(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Send(context.Background(), dir, []string{"--array=1"})
	expect(t, err, "--array")
	sent, err := r.Send(context.Background(), dir, []string{"--time=8:00:00", "--comment=a b"})
	if err != nil {
		t.Fatal(err)
	}
	if sent.Job != "110" || sent.Merge != "111" || sent.Tasks != "2,4,6" {
		t.Errorf("sent %+v", sent)
	}
	calls := f.calls("sbatch")
	for i, want := range [][]string{
		{"--parsable", "--time=8:00:00", "--comment=a b", "--array=2,4,6", "array.sbatch"},
		// The first array still runs, and its merge must not work beside the second.
		{"--parsable", "--dependency=afterany:101:100:110", "merge.sbatch"},
	} {
		if i >= len(calls) || !slices.Equal(calls[i].Args, want) {
			t.Fatalf("sbatch is called %+v, want %q", calls, want)
		}
	}
	if s, err := ReadSubmission(dir); err != nil || len(s.Sent) != 2 || s.Sent[1].Job != "110" || !s.Sent[1].has(4) || s.Sent[1].has(3) {
		t.Errorf("noted is %+v, %v", s, err)
	}

	// All shards are there, but the merge failed: it alone is sent.
	for i := 2; i <= 6; i++ {
		runShard(t, dir, shardOf(i), -1)
	}
	f.set("squeue", say{Out: "x-1a2b-merge|111|N/A|FAILED|0:01|n1|NonZeroExitCode\n"})
	if s := status(t, dir); s.State != StateTrained || s.Merge.Slurm != "FAILED" || s.Merge.Log != "" {
		t.Errorf("with a merge that failed: %+v, %+v", s, s.Merge)
	}
	if r, err = NewRest(context.Background(), dir); err != nil || !r.Merge || len(r.Shards) != 0 {
		t.Fatalf("the rest is %+v, %v", r, err)
	}
	f.set("sbatch", say{Out: "120\n"})
	if sent, err = r.Send(context.Background(), dir, nil); err != nil || sent.Job != "" || sent.Merge != "120" {
		t.Errorf("sent %+v, %v", sent, err)
	}
	if calls := f.calls("sbatch"); len(calls) != 1 || !slices.Equal(calls[0].Args, []string{"--parsable", "merge.sbatch"}) {
		t.Errorf("sbatch is called %+v", calls)
	}

	merge(t, dir)
	f.set("squeue", say{})
	if r, err = NewRest(context.Background(), dir); err != nil || !r.Nothing() {
		t.Errorf("of a sweep that is done the rest is %+v, %v", r, err)
	}
	_, err = r.Send(context.Background(), dir, nil)
	expect(t, err, "nothing is missing")
}

// TestStatusWithoutScheduler: shards that something else starts, Kubernetes or a
// person, speak by their journals alone.
func TestStatusWithoutScheduler(t *testing.T) {
	newFakeSlurm(t, nil) // no program is there, and none is missed
	dir := t.TempDir()
	if sharded, err := Sharded(dir); sharded || err != nil {
		t.Errorf("an empty folder is one of shards: %v, %v", sharded, err)
	}
	runShard(t, dir, shardOf(2), -1)
	runShard(t, dir, shardOf(3), 1)
	if sharded, err := Sharded(dir); !sharded || err != nil {
		t.Errorf("a folder with shards is none: %v, %v", sharded, err)
	}
	s := status(t, dir)
	if s.State != ShardUnknown || states(s) != "unknown done unknown unknown unknown unknown" || s.Done != 3 || s.Copies != 12 || s.Scheduler != "" || len(s.Notes) != 0 {
		t.Errorf("status %+v", s)
	}
	if d := s.Shards[2].Detail; !strings.HasPrefix(d, "interrupted") {
		t.Errorf("an interrupted shard is %q", d)
	}

	// Another division must not be mixed in.
	runShard(t, dir, space.Shard{Index: 1, Count: 4}, -1)
	_, err := ReadStatus(context.Background(), dir)
	expect(t, err, "two divisions")
	_, err = Begun(dir)
	expect(t, err, "two divisions")
}

// TestStatusOfDamagedShard: a journal that something changed is told by its name,
// hides no other shard, and is neither sent again nor left out of a merge.
func TestStatusOfDamagedShard(t *testing.T) {
	dir, _ := inSix(t)
	runShard(t, dir, shardOf(1), -1)
	path := filepath.Join(ShardFolder(dir, shardOf(1)), "journal.jsonl")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	runShard(t, dir, shardOf(2), -1)
	s := status(t, dir)
	if states(s) != "failed done failed failed failed failed" || len(s.Notes) != 1 {
		t.Fatalf("status %s, notes %q", states(s), s.Notes)
	}
	expect(t, errorOf(s.Notes[0]), "0001-of-0006", "changed after it was written")
	_, err = NewRest(context.Background(), dir)
	expect(t, err, "0001-of-0006")
	_, err = Begun(dir)
	expect(t, err, "0001-of-0006")
}
