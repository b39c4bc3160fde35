package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"modspec/engine/number"
)

const (
	slurmJob      = "SLURM_JOB_ID"
	slurmArrayJob = "SLURM_ARRAY_JOB_ID"
	slurmRestarts = "SLURM_RESTART_COUNT"
)

// mostIdle is how often a task may have been requeued and still be requeued without
// having kept a copy: one whose time is too short for a single copy would be requeued
// for ever.
const mostIdle = 5

// InJob returns an error unless this process is in a job of Slurm's.
func InJob() error {
	if os.Getenv(slurmJob) == "" {
		return fmt.Errorf("only a job of Slurm's can be requeued, and %s is not set", slurmJob)
	}
	return nil
}

// Requeue asks Slurm to put the job of this process back into the queue, where it
// keeps its number. kept is how many copies this process trained and kept. It
// returns what was done, for the log.
//
// A job that is being cancelled, or that Slurm has requeued by itself, is left alone:
// only a job that Slurm lists as running can have been signalled because its time is
// nearly over or because it is preempted.
func Requeue(ctx context.Context, kept int) (string, error) {
	if err := InJob(); err != nil {
		return "", err
	}
	job := os.Getenv(slurmJob)
	if array := os.Getenv(slurmArrayJob); array != "" {
		// One task of an array has the array's own number, under which Slurm would
		// requeue them all.
		job = array + "_" + os.Getenv(slurmTask)
	}
	if restarts, err := number.Whole(os.Getenv(slurmRestarts), 0, math.MaxInt); err == nil && restarts >= mostIdle && kept == 0 {
		return "", fmt.Errorf("job %s was requeued %d times and kept no copy this time, so it is not requeued again: give it more time (modspec sweep resubmit DIR --time …)", job, restarts)
	}
	out, err := slurm(ctx, "", "squeue", "--noheader", "--jobs="+job, "--format=%T")
	if err != nil {
		return "", fmt.Errorf("whether job %s can be requeued is not known: %w", job, err)
	}
	if state := strings.TrimSpace(out); state != "RUNNING" {
		return fmt.Sprintf("job %s is %s to Slurm and therefore not requeued", job, state), nil
	}
	if _, err := slurm(ctx, "", "scontrol", "requeue", job); err != nil {
		return "", errors.Join(fmt.Errorf("job %s could not be requeued", job), err)
	}
	return fmt.Sprintf("job %s is back in the queue", job), nil
}
