package cluster

import (
	"fmt"
	"testing"

	"modspec/engine/sweep/space"
)

// environment is a getenv of name, value, name, value, ….
func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// slurmEnvironment is what Slurm sets for a task of --array=first-last.
func slurmEnvironment(task, first, last int) func(string) string {
	return environment("SLURM_ARRAY_TASK_ID", fmt.Sprint(task), "SLURM_ARRAY_TASK_MIN", fmt.Sprint(first),
		"SLURM_ARRAY_TASK_MAX", fmt.Sprint(last), "SLURM_ARRAY_TASK_COUNT", fmt.Sprint(last-first+1))
}

// TestTasksAreShards: the tasks of an array, and the indices of a job, have each
// shard once, and so each copy.
func TestTasksAreShards(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for _, kind := range []struct {
			name, text string
			env        func(task int) func(string) string
		}{
			{"Slurm", "auto", func(task int) func(string) string { return slurmEnvironment(task, 1, n) }},
			{"Slurm", fmt.Sprintf("auto/%d", n), func(task int) func(string) string { return slurmEnvironment(task, 1, n) }},
			// Sent again: the array has this task alone.
			{"Slurm", fmt.Sprintf("auto/%d", n), func(task int) func(string) string { return slurmEnvironment(task, task, task) }},
			{"Kubernetes", fmt.Sprintf("auto/%d", n), func(task int) func(string) string {
				return environment("JOB_COMPLETION_INDEX", fmt.Sprint(task-1))
			}},
		} {
			const copies = 23
			trained := make([]int, copies)
			for task := 1; task <= n; task++ {
				s, ok, err := TaskShard(kind.text, kind.env(task))
				if !ok || err != nil || s != (space.Shard{Index: task, Count: n}) {
					t.Fatalf("%s, %s: task %d of %d is shard %v, %v, %v", kind.name, kind.text, task, n, s, ok, err)
				}
				for c := range trained {
					if s.Has(c) {
						trained[c]++
					}
				}
			}
			for c, times := range trained {
				if times != 1 {
					t.Errorf("%s: copy %d is trained %d times in %d tasks", kind.name, c, times, n)
				}
			}
		}
	}
}

func TestTasksThatTellNothing(t *testing.T) {
	for _, c := range []struct {
		text string
		env  func(string) string
		says []string
	}{
		{"auto", environment(), []string{"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "2/8"}},
		{"auto/8", environment("SLURM_ARRAY_TASK_ID", "3", "JOB_COMPLETION_INDEX", "2"), []string{"both"}},
		{"auto/", slurmEnvironment(1, 1, 8), []string{`"auto/"`, "auto/8"}},
		{"auto/0", slurmEnvironment(1, 1, 8), []string{`"auto/0"`}},
		{"auto/-8", slurmEnvironment(1, 1, 8), []string{`"auto/-8"`}},
		{"auto/eight", slurmEnvironment(1, 1, 8), []string{`"auto/eight"`}},
		// --array=0-7: task 0 has no shard, and task 3 would train another's.
		{"auto/8", slurmEnvironment(3, 0, 7), []string{"begins at task 0", "--array=1-n"}},
		{"auto", slurmEnvironment(3, 0, 7), []string{"begins at task 0"}},
		{"auto/8", slurmEnvironment(9, 1, 9), []string{"task 9", "8 shards", "--array=1-8"}},
		// --array=3,7: there are two tasks, which says nothing of the shards.
		{"auto", environment("SLURM_ARRAY_TASK_ID", "7", "SLURM_ARRAY_TASK_MIN", "3", "SLURM_ARRAY_TASK_MAX", "7", "SLURM_ARRAY_TASK_COUNT", "2"), []string{"2 tasks from 3 to 7", "auto/n"}},
		// --array=1-7:2.
		{"auto", environment("SLURM_ARRAY_TASK_ID", "7", "SLURM_ARRAY_TASK_MIN", "1", "SLURM_ARRAY_TASK_MAX", "7", "SLURM_ARRAY_TASK_COUNT", "4"), []string{"4 tasks from 1 to 7"}},
		{"auto/8", environment("SLURM_ARRAY_TASK_ID", "x", "SLURM_ARRAY_TASK_MIN", "1"), []string{"SLURM_ARRAY_TASK_ID", `"x"`}},
		{"auto/8", environment("SLURM_ARRAY_TASK_ID", "1"), []string{"SLURM_ARRAY_TASK_MIN is empty"}},
		{"auto", environment("JOB_COMPLETION_INDEX", "0"), []string{"auto/n"}},
		{"auto/8", environment("JOB_COMPLETION_INDEX", "8"), []string{"JOB_COMPLETION_INDEX is 8", "completions to 8"}},
		{"auto/8", environment("JOB_COMPLETION_INDEX", "-1"), []string{"JOB_COMPLETION_INDEX is -1"}},
		{"auto/8", environment("JOB_COMPLETION_INDEX", "010"), []string{"JOB_COMPLETION_INDEX", "write 10"}},
		{"auto/08", slurmEnvironment(1, 1, 8), []string{`"auto/08"`, "write 8"}},
	} {
		_, ok, err := TaskShard(c.text, c.env)
		if !ok {
			t.Errorf("%q is not taken for a question to the scheduler", c.text)
		}
		expect(t, err, c.says...)
	}
	for _, text := range []string{"", "2/8", "automatic", "aut", "/8"} {
		if _, ok, _ := TaskShard(text, slurmEnvironment(1, 1, 8)); ok {
			t.Errorf("%q is taken for a question to the scheduler", text)
		}
	}
}

func TestShardNames(t *testing.T) {
	for _, s := range []space.Shard{{Index: 1, Count: 1}, {Index: 3, Count: 8}, {Index: 12345, Count: 99999}} {
		if got, ok := parseShardName(shardName(s)); !ok || got != s {
			t.Errorf("%s reads as %v, %v", shardName(s), got, ok)
		}
	}
	for _, name := range []string{"", "3-of-8", "0009-of-0008", "0000-of-0008", "0003-of-0008x", "0003-of-0008 ", "0001-of-0000", ".0003-of-0008"} {
		if s, ok := parseShardName(name); ok {
			t.Errorf("%q reads as shard %v", name, s)
		}
	}
}
