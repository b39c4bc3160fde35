package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// slurmTime bounds how long a program of Slurm's may take: when the controller is down,
// they retry for a long time.
const slurmTime = 2 * time.Minute

// ours are variables by which the environment would override what the scripts set of
// logs, names and tasks.
var ours = []string{
	"SBATCH_ARRAY_INX", "SBATCH_JOB_NAME", "SBATCH_OUTPUT", "SBATCH_ERROR", "SBATCH_OPEN_MODE", "SBATCH_SIGNAL",
	"SBATCH_REQUEUE", "SBATCH_NO_REQUEUE", "SBATCH_TEST_ONLY", "SBATCH_WAIT",
}

// slurm runs one of Slurm's programs in a folder and returns what it prints. The
// error has what it says of its own.
func slurm(ctx context.Context, dir, program string, args ...string) (string, error) {
	ctx, stop := context.WithTimeout(ctx, slurmTime)
	defer stop()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		// Users set these to shape what they see; here they would leave out jobs.
		return strings.HasPrefix(name, "SQUEUE_") || strings.HasPrefix(name, "SACCT_") || slices.Contains(ours, name)
	})
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case err == nil:
		return out.String(), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%s is not in PATH: is this a machine of the cluster? (%w)", program, exec.ErrNotFound)
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s does not answer: %w", program, context.Cause(ctx))
	}
	return "", fmt.Errorf("%s: %w: %s", program, err, oneLine(errs.String()))
}

// oneLine joins the lines of a text.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// A task is what Slurm says of a task of an array, or of a merge.
type task struct {
	job     string // of the array
	shard   int    // 0 for a merge
	state   string // in Slurm's words: RUNNING, PENDING, …
	reason  string // why it waits or ended
	exit    string // "1:0": exit status and signal, if known
	elapsed string
	node    string
}

// waitingStates are those of jobs that are still to run, and endedStates those of
// jobs that will not by themselves. In every other state a job has a node.
var (
	waitingStates = []string{"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "SUSPENDED"}
	endedStates   = []string{"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "LAUNCH_FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"}
)

func (t *task) waiting() bool { return slices.Contains(waitingStates, t.state) }
func (t *task) ended() bool   { return slices.Contains(endedStates, t.state) }

// queueFormat is what squeue is asked to print of a task; the reason comes last
// because it alone may have any text in it.
const queueFormat = "%j|%F|%K|%T|%M|%N|%r"

// queue asks squeue for the jobs of a submission. Those that ended are among them
// for some minutes.
func (s *Submission) queue(ctx context.Context) ([]task, error) {
	args := []string{"--noheader", "--array", "--states=all", "--name=" + s.JobName + "," + s.mergeName(), "--format=" + queueFormat}
	if clusters := s.clusters(); clusters != "" {
		args = append(args, "--clusters="+clusters)
	}
	out, err := slurm(ctx, "", "squeue", args...)
	if err != nil {
		return nil, err
	}
	return s.parseQueue(out)
}

func (s *Submission) mergeName() string { return s.JobName + "-merge" }

// clusters lists the clusters that jobs were sent to, if there are several.
func (s *Submission) clusters() string {
	var names []string
	for _, sent := range s.Sent {
		if sent.Cluster != "" && !slices.Contains(names, sent.Cluster) {
			names = append(names, sent.Cluster)
		}
	}
	return strings.Join(names, ",")
}

func (s *Submission) parseQueue(out string) ([]task, error) {
	var list []task
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "CLUSTER: ") {
			continue
		}
		fields := strings.SplitN(line, "|", strings.Count(queueFormat, "|")+1)
		if len(fields) <= strings.Count(queueFormat, "|") {
			return nil, fmt.Errorf("squeue printed %q, but was asked for %s", line, queueFormat)
		}
		t := task{job: fields[1], state: fields[3], elapsed: fields[4], node: fields[5], reason: strings.TrimSpace(fields[6])}
		if t.reason == "None" {
			t.reason = ""
		}
		if fields[0] == s.mergeName() {
			list = append(list, t)
			continue
		}
		tasks, err := parseTasks(fields[2])
		if err != nil {
			return nil, fmt.Errorf("squeue printed %q: %w", line, err)
		}
		list = t.each(list, tasks)
	}
	return list, nil
}

// each appends the task once for every number of the stretches.
func (t task) each(list []task, numbers []stretch) []task {
	for _, n := range numbers {
		for shard := n.first; shard <= n.last; shard++ {
			t.shard = shard
			list = append(list, t)
		}
	}
	return list
}

// accounts asks sacct for the jobs of a submission. It also has those that ended long
// ago, but many clusters do not run it.
func (s *Submission) accounts(ctx context.Context) ([]task, error) {
	var jobs []string
	for _, sent := range s.Sent {
		for _, job := range []string{sent.Job, sent.Merge} {
			if job != "" {
				jobs = append(jobs, job)
			}
		}
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	args := []string{"--noheader", "--parsable2", "--allocations", "--jobs=" + strings.Join(jobs, ","),
		"--format=JobID,State,ExitCode,Elapsed,NodeList"}
	if clusters := s.clusters(); clusters != "" {
		args = append(args, "--clusters="+clusters)
	}
	out, err := slurm(ctx, "", "sacct", args...)
	if err != nil {
		return nil, err
	}
	return parseAccounts(out)
}

func parseAccounts(out string) ([]task, error) {
	var list []task
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "|")
		if len(fields) < 5 {
			return nil, fmt.Errorf("sacct printed %q, but was asked for five fields", line)
		}
		state, by, _ := strings.Cut(fields[1], " ") // CANCELLED by 1000
		t := task{state: state, reason: by, exit: fields[2], elapsed: fields[3], node: fields[4]}
		if t.node == "None assigned" {
			t.node = ""
		}
		job, number, array := strings.Cut(fields[0], "_")
		t.job = job
		if !array {
			list = append(list, t)
			continue
		}
		tasks, err := parseTasks(number)
		if err != nil {
			return nil, fmt.Errorf("sacct printed %q: %w", line, err)
		}
		list = t.each(list, tasks)
	}
	return list, nil
}
