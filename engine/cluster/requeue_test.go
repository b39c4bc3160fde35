package cluster

import (
	"context"
	"slices"
	"testing"
)

func TestRequeue(t *testing.T) {
	for _, c := range []struct {
		name     string
		array    bool
		state    string
		restarts string
		kept     int
		requeued bool
		says     string
	}{
		{"the time is nearly over", true, "RUNNING\n", "", 5, true, "100_3 is back"},
		{"no array", false, "RUNNING\n", "", 5, true, "107 is back"},
		{"nothing kept yet", true, "RUNNING\n", "4", 0, true, "back in the queue"},
		{"long since, but it comes on", true, "RUNNING\n", "400", 1, true, "back in the queue"},
		{"cancelled", true, "COMPLETING\n", "", 5, false, "COMPLETING"},
		{"requeued by Slurm", true, "PENDING\n", "", 5, false, "PENDING"},
		{"forgotten", true, "", "", 5, false, "not requeued"},
	} {
		f := newFakeSlurm(t, map[string][]say{"squeue": {{Out: c.state}}, "scontrol": {{}}})
		t.Setenv("SLURM_JOB_ID", "107")
		t.Setenv("SLURM_ARRAY_JOB_ID", "")
		t.Setenv("SLURM_ARRAY_TASK_ID", "3")
		if c.array {
			t.Setenv("SLURM_ARRAY_JOB_ID", "100")
		}
		t.Setenv("SLURM_RESTART_COUNT", c.restarts)
		said, err := Requeue(context.Background(), c.kept)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		expect(t, errorOf(said), c.says)
		// The number of the array alone would requeue all its tasks.
		job := "107"
		if c.array {
			job = "100_3"
		}
		if args := f.calls("squeue")[0].Args; !slices.Contains(args, "--jobs="+job) {
			t.Errorf("%s: squeue is asked %q", c.name, args)
		}
		calls := f.calls("scontrol")
		if c.requeued && (len(calls) != 1 || !slices.Equal(calls[0].Args, []string{"requeue", job})) || !c.requeued && len(calls) > 0 {
			t.Errorf("%s: scontrol is called %v", c.name, calls)
		}
	}
}

// errorOf makes a text an error, for expect.
func errorOf(text string) error { return said(text) }

type said string

func (s said) Error() string { return string(s) }

func TestRequeueRefused(t *testing.T) {
	t.Setenv("SLURM_JOB_ID", "")
	_, err := Requeue(context.Background(), 1)
	expect(t, err, "SLURM_JOB_ID is not set")

	f := newFakeSlurm(t, map[string][]say{"squeue": {{Err: "slurm_load_jobs error", Code: 1}}, "scontrol": {{}}})
	t.Setenv("SLURM_JOB_ID", "107")
	t.Setenv("SLURM_ARRAY_JOB_ID", "")
	_, err = Requeue(context.Background(), 1)
	expect(t, err, "not known", "slurm_load_jobs error")

	f.set("squeue", say{Out: "RUNNING\n"})
	t.Setenv("SLURM_RESTART_COUNT", "5")
	_, err = Requeue(context.Background(), 0)
	expect(t, err, "requeued 5 times", "kept no copy", "--time")
	if calls := f.calls("scontrol"); len(calls) > 0 {
		t.Errorf("scontrol is called %v", calls)
	}
}
