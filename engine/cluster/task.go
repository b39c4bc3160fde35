package cluster

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"modspec/engine/number"
	"modspec/engine/sweep/space"
)

// The environment variables that give the index of a process in its array.
const (
	slurmTask      = "SLURM_ARRAY_TASK_ID"
	slurmFirst     = "SLURM_ARRAY_TASK_MIN"
	slurmLast      = "SLURM_ARRAY_TASK_MAX"
	slurmCount     = "SLURM_ARRAY_TASK_COUNT"
	kubernetesTask = "JOB_COMPLETION_INDEX"
)

// TaskShard returns the shard of the process that a scheduler started, from its
// environment. text is "auto/n", for a division into n shards, or "auto", where
// the scheduler says n itself; for any other text ok is false.
//
//	Slurm        task i of --array=1-n       shard i/n
//	Kubernetes   completion index i, from 0  shard (i+1)/n
//
// Slurm tells the number of an array's tasks, Kubernetes does not, so there text
// must be "auto/n". It must be too where only some tasks of an array are sent
// again, since Slurm then tells their number only.
func TaskShard(text string, getenv func(string) string) (s space.Shard, ok bool, err error) {
	rest, ok := strings.CutPrefix(text, "auto")
	if !ok || rest != "" && rest[0] != '/' {
		return s, false, nil
	}
	if rest != "" {
		s.Count, err = number.Digits(rest[1:], 1, math.MaxInt)
		if err != nil {
			return s, true, fmt.Errorf("%s must have the form auto/n, such as auto/8, but the number of shards %w", number.Quote(text), err)
		}
	}
	slurm, kubernetes := getenv(slurmTask), getenv(kubernetesTask)
	switch {
	case slurm == "" && kubernetes == "":
		return s, true, fmt.Errorf("%q asks the scheduler which task this is, but neither %s (a Slurm array) nor %s (a Kubernetes Indexed Job) is set; say i/n, such as 2/8",
			text, slurmTask, kubernetesTask)
	case slurm != "" && kubernetes != "":
		return s, true, fmt.Errorf("%q asks the scheduler which task this is, but both %s and %s are set; say i/n, such as 2/8", text, slurmTask, kubernetesTask)
	case slurm != "":
		s, err = slurmShard(s.Count, getenv)
	default:
		s, err = kubernetesShard(s.Count, getenv)
	}
	return s, true, err
}

func slurmShard(count int, getenv func(string) string) (space.Shard, error) {
	var err error
	read := func(name string) int {
		n, e := number.Whole(getenv(name), 0, math.MaxInt)
		if e != nil && err == nil {
			err = fmt.Errorf("%s %w", name, e)
		}
		return n
	}
	task, first := read(slurmTask), read(slurmFirst)
	if err != nil {
		return space.Shard{}, err
	}
	if first < 1 {
		return space.Shard{}, fmt.Errorf("the array begins at task %d, but task i trains shard i: submit it as --array=1-n", first)
	}
	if count == 0 {
		last, tasks := read(slurmLast), read(slurmCount)
		if err != nil {
			return space.Shard{}, err
		}
		if first != 1 || last != tasks {
			return space.Shard{}, fmt.Errorf("the array has %d tasks from %d to %d, which does not tell how many shards there are: say auto/n", tasks, first, last)
		}
		count = tasks
	}
	if task < 1 || task > count {
		return space.Shard{}, fmt.Errorf("this is task %d of the array, but there are %d shards: submit it as --array=1-%d", task, count, count)
	}
	return space.Shard{Index: task, Count: count}, nil
}

func kubernetesShard(count int, getenv func(string) string) (space.Shard, error) {
	index, err := number.Whole(getenv(kubernetesTask), 0, math.MaxInt)
	switch {
	case err != nil:
		return space.Shard{}, fmt.Errorf("%s %w", kubernetesTask, err)
	case count == 0:
		return space.Shard{}, errors.New("how many completions a job has, Kubernetes does not tell: say auto/n, with the n of completions")
	case index >= count:
		return space.Shard{}, fmt.Errorf("%s is %d, but there are %d shards: set completions to %d", kubernetesTask, index, count, count)
	}
	return space.Shard{Index: index + 1, Count: count}, nil
}
