package cluster

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func submitted() *Submission {
	return &Submission{
		Format: 1, Name: "x", JobName: "x-1a2b", Copies: 12, Shards: 8,
		Sent: []Sent{{Tasks: "1-8", Job: "100", Merge: "101"}, {Tasks: "3", Job: "110", Merge: "111"}},
	}
}

// TestParseQueue reads what squeue 22.05 printed for such a submission.
func TestParseQueue(t *testing.T) {
	const out = `x-1a2b|100|2|PENDING|0:00||Resources
x-1a2b|100|[6-7%1]|PENDING|0:00||JobArrayTaskLimit
x-1a2b-merge|101|N/A|PENDING|0:00||Dependency
CLUSTER: alpha
x-1a2b|100|1|RUNNING|1-02:03:04|n[1-2]|None
x-1a2b|100|3|FAILED|0:03|n1|NonZeroExitCode
x-1a2b|100|4|PENDING|0:00||held | by an administrator
`
	got, err := submitted().parseQueue(out)
	want := []task{
		{job: "100", shard: 2, state: "PENDING", elapsed: "0:00", reason: "Resources"},
		{job: "100", shard: 6, state: "PENDING", elapsed: "0:00", reason: "JobArrayTaskLimit"},
		{job: "100", shard: 7, state: "PENDING", elapsed: "0:00", reason: "JobArrayTaskLimit"},
		{job: "101", state: "PENDING", elapsed: "0:00", reason: "Dependency"},
		{job: "100", shard: 1, state: "RUNNING", elapsed: "1-02:03:04", node: "n[1-2]"},
		{job: "100", shard: 3, state: "FAILED", elapsed: "0:03", node: "n1", reason: "NonZeroExitCode"},
		{job: "100", shard: 4, state: "PENDING", elapsed: "0:00", reason: "held | by an administrator"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("tasks %+v, %v", got, err)
	}
	for _, out := range []string{"x-1a2b|100|1|RUNNING\n", "nonsense\n", "x-1a2b|100|x|RUNNING|0:00|n1|None\n", "x-1a2b|100|N/A|RUNNING|0:00|n1|None\n"} {
		if list, err := submitted().parseQueue(out); err == nil {
			t.Errorf("%q reads as %+v", out, list)
		}
	}
}

func TestParseAccounts(t *testing.T) {
	const out = `100_1|COMPLETED|0:0|00:01:00|n1
100_2|CANCELLED by 1000|0:15|00:00:03|n2
100_[6-7%1]|PENDING|0:0|00:00:00|None assigned
100_8|OUT_OF_MEMORY|0:125|00:00:09|n1
101|PENDING|0:0|00:00:00|None assigned
`
	got, err := parseAccounts(out)
	want := []task{
		{job: "100", shard: 1, state: "COMPLETED", exit: "0:0", elapsed: "00:01:00", node: "n1"},
		{job: "100", shard: 2, state: "CANCELLED", reason: "by 1000", exit: "0:15", elapsed: "00:00:03", node: "n2"},
		{job: "100", shard: 6, state: "PENDING", exit: "0:0", elapsed: "00:00:00"},
		{job: "100", shard: 7, state: "PENDING", exit: "0:0", elapsed: "00:00:00"},
		{job: "100", shard: 8, state: "OUT_OF_MEMORY", exit: "0:125", elapsed: "00:00:09", node: "n1"},
		{job: "101", state: "PENDING", exit: "0:0", elapsed: "00:00:00"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("tasks %+v, %v", got, err)
	}
	for _, out := range []string{"100_1|COMPLETED\n", "100_x|COMPLETED|0:0|0|n\n"} {
		if list, err := parseAccounts(out); err == nil {
			t.Errorf("%q reads as %+v", out, list)
		}
	}
}

// TestAsked: squeue and sacct are asked for the submission's jobs and nothing
// else, whatever the user has set for himself.
func TestAsked(t *testing.T) {
	f := newFakeSlurm(t, map[string][]say{"squeue": {{}}, "sacct": {{}}})
	t.Setenv("SQUEUE_PARTITION", "debug")
	t.Setenv("SQUEUE_FORMAT", "%i")
	t.Setenv("SACCT_FORMAT", "user")
	s := submitted()
	s.Sent[1].Cluster = "alpha"
	if list, err := s.queue(context.Background()); err != nil || len(list) != 0 {
		t.Errorf("the queue is %v, %v", list, err)
	}
	if list, err := s.accounts(context.Background()); err != nil || len(list) != 0 {
		t.Errorf("the accounts are %v, %v", list, err)
	}
	for program, want := range map[string][]string{
		"squeue": {"--noheader", "--array", "--states=all", "--name=x-1a2b,x-1a2b-merge", "--format=%j|%F|%K|%T|%M|%N|%r", "--clusters=alpha"},
		"sacct":  {"--noheader", "--parsable2", "--allocations", "--jobs=100,101,110,111", "--format=JobID,State,ExitCode,Elapsed,NodeList", "--clusters=alpha"},
	} {
		calls := f.calls(program)
		if len(calls) != 1 || !slices.Equal(calls[0].Args, want) {
			t.Errorf("%s is called %+v, want %q", program, calls, want)
			continue
		}
		for _, e := range calls[0].Env {
			if strings.HasPrefix(e, "SQUEUE_") || strings.HasPrefix(e, "SACCT_") {
				t.Errorf("%s is called with %s", program, e)
			}
		}
	}
}

// TestNewestTaskCounts: of several jobs that had a shard, the one that is still to
// end; of those that ended, the newest; and accounts fill in what the queue lacks.
func TestNewestTaskCounts(t *testing.T) {
	of := func(job, state string) task { return task{job: job, shard: 3, state: state} }
	for _, c := range []struct {
		name            string
		queue, accounts []task
		job, state      string
	}{
		{"sent again", []task{of("100", "CANCELLED"), of("110", "PENDING")}, nil, "110", "PENDING"},
		{"sent again, other order", []task{of("110", "PENDING"), of("100", "CANCELLED")}, nil, "110", "PENDING"},
		{"both ended", []task{of("110", "FAILED"), of("99", "CANCELLED")}, nil, "110", "FAILED"},
		{"an old one runs", []task{of("110", "FAILED"), of("99", "RUNNING")}, nil, "99", "RUNNING"},
		{"forgotten by squeue", nil, []task{of("100", "TIMEOUT")}, "100", "TIMEOUT"},
		{"newer in the accounts", []task{of("100", "FAILED")}, []task{of("100", "FAILED"), of("110", "NODE_FAIL")}, "110", "NODE_FAIL"},
		{"accounts that lag", []task{of("100", "COMPLETED")}, []task{of("100", "RUNNING")}, "100", "COMPLETED"},
		{"accounts that lag, forgotten", nil, []task{of("100", "RUNNING")}, "", ""},
		{"running, with an old end", []task{of("100", "RUNNING")}, []task{of("100", "NODE_FAIL")}, "100", "RUNNING"},
	} {
		v := newView(c.queue, c.accounts)
		got := task{}
		if v.shards[3] != nil {
			got = *v.shards[3]
		}
		if got.job != c.job || got.state != c.state {
			t.Errorf("%s: job %s is %s, want %s, %s", c.name, got.job, got.state, c.job, c.state)
		}
	}
	queue, account := of("100", "FAILED"), of("100", "FAILED")
	account.exit = "2:0"
	if v := newView([]task{queue}, []task{account}); v.shards[3].exit != "2:0" {
		t.Errorf("the exit status is %q", v.shards[3].exit)
	}
}
