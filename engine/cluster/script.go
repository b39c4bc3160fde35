package cluster

import (
	"fmt"
	"strings"

	"modspec/engine/sweep/space"
)

// An Array is a sweep as it is to be submitted.
type Array struct {
	Name    string // of the sweep, for people
	JobName string // by which its jobs are found; see [JobName]
	Copies  int
	Shards  int
	AtOnce  int // tasks that may run at the same time; 0 means any number

	Program string // the modspec that the nodes run; an absolute path that they all see
	Backend string
	Threads int // cores of a task; 0 means what Slurm gives a task by default

	Time, Partition, GRES string   // as sbatch's flags of these names; may be empty
	Notice                int      // seconds before the time limit at which a task is signalled
	Flags                 []string // more flags for sbatch
}

// Check returns an error that names what cannot be submitted.
func (a *Array) Check() error {
	switch {
	case a.Shards < 1 || a.Shards > a.Copies:
		return fmt.Errorf("the array has %d tasks, but must have 1 to %d, so that each has a copy to train", a.Shards, a.Copies)
	case a.AtOnce < 0 || a.Threads < 0:
		return fmt.Errorf("%d tasks at once of %d threads: neither may be negative", a.AtOnce, a.Threads)
	case a.Notice < 1 || a.Notice > maxNotice:
		return fmt.Errorf("a notice of %d seconds before the time limit must be 1 to %d", a.Notice, maxNotice)
	case !strings.HasPrefix(a.Program, "/"):
		return fmt.Errorf("the program %q must be named from the root, so that every node finds it", a.Program)
	case strings.ContainsRune(a.Program, 0) || strings.ContainsRune(a.Backend, 0):
		return fmt.Errorf("the program %q and the backend %q must not have a NUL in them", a.Program, a.Backend)
	}
	_, err := a.resources(true)
	return err
}

// maxNotice is the longest notice that Slurm gives: its field has 16 bits.
const maxNotice = 65535

// ArrayScript returns the batch script of the job array. All its paths but the
// program's begin in the folder of results, from which it must be sent: so nothing
// in the folder's name can be read as something else.
func (a *Array) ArrayScript() (string, error) {
	resources, err := a.resources(true)
	if err != nil {
		return "", err
	}
	array := "1-" + fmt.Sprint(a.Shards)
	if a.AtOnce > 0 {
		array += "%" + fmt.Sprint(a.AtOnce)
	}
	run := []string{ShellWord(a.Program), "sweep", "run", SweepName, "--out", ".", "--shard", fmt.Sprintf("auto/%d", a.Shards),
		"--backend", ShellWord(a.Backend)}
	if a.Threads > 0 {
		run = append(run, "--threads", fmt.Sprint(a.Threads))
	}
	run = append(run, "--requeue")
	largest := space.Shard{Index: 1, Count: a.Shards}.Of(a.Copies)
	var b strings.Builder
	fmt.Fprintf(&b, `#!/bin/bash
# %s: %d copies in %d shards of at most %d, a shard for each task of this array.
#
# Written by modspec sweep submit, which sends it from this folder. By hand:
#
#   sbatch %s                every shard
#   sbatch --array=3,7-9 %s  some of them
#
# A shard goes on where it was stopped and ends at once if nothing is left of it,
# so to send one again costs no more than its start. modspec sweep status tells
# how far the shards are, modspec sweep resubmit sends those that need it.

# Task i trains shard i into %s/.
#SBATCH --array=%s
#SBATCH --job-name=%s

# A log for each task: job, task. A task that is requeued goes on in its log.
#SBATCH --output=%s/%%A_%%a.out
#SBATCH --open-mode=append

# So many seconds before its time is over a task is told. It then keeps every copy
# that is finished and asks for its place in the queue again. After a preemption or
# a node's failure Slurm requeues it by itself.
#SBATCH --signal=B:TERM@%d
#SBATCH --requeue
`, comment(a.Name), a.Copies, a.Shards, largest, ArrayName, ArrayName, ShardsName, array, a.JobName, LogsName, a.Notice)
	writeResources(&b, resources)
	fmt.Fprintf(&b, `
# As many threads as Slurm gives the task cores, also where it does not bind them.
export GOMAXPROCS="${SLURM_CPUS_ON_NODE:-1}"

# exec: the program takes the shell's place, so that Slurm's signals reach it.
exec %s
`, strings.Join(run, " "))
	return b.String(), nil
}

// MergeScript returns the batch script of the job that comes after the array.
func (a *Array) MergeScript() (string, error) {
	resources, err := a.resources(false)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `#!/bin/bash
# %s: brings what the shards hold together in this folder, when no task of the
# array is running or waiting any more, whether or not all of them succeeded, and
# writes a report.
#
# Written by modspec sweep submit, which sends it from this folder. By hand, at any
# time: modspec sweep merge DIR. The shards stay as they are; once modspec sweep
# status says done, %s/ can be removed.

#SBATCH --job-name=%s-merge
#SBATCH --output=%s/%%j-merge.out
#SBATCH --open-mode=append
#SBATCH --requeue
`, comment(a.Name), ShardsName, a.JobName, LogsName)
	writeResources(&b, resources)
	program := ShellWord(a.Program)
	fmt.Fprintf(&b, `
# Fails if copies are missing: then modspec sweep resubmit sends their shards, and
# another merge after them.
%s sweep merge . --require-all || exit

# What was found, in writing: report/report.html and report/report.md.
exec %s report .
`, program, program)
	return b.String(), nil
}

// resources returns the lines that say what a job needs, without #SBATCH. The
// merge needs neither devices nor the array's cores.
func (a *Array) resources(array bool) ([]string, error) {
	type flag struct{ name, value string }
	flags := []flag{{"time", a.Time}, {"partition", a.Partition}}
	if array {
		flags = append(flags, flag{"gres", a.GRES})
		if a.Threads > 0 {
			flags = append(flags, flag{"cpus-per-task", fmt.Sprint(a.Threads)})
		}
	}
	var lines []string
	for _, f := range flags {
		if f.value == "" {
			continue
		}
		line, err := directiveWord("--" + f.name + "=" + f.value)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", f.name, err)
		}
		lines = append(lines, line)
	}
	more, err := directives(a.Flags)
	return append(lines, more...), err
}

func writeResources(b *strings.Builder, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n# What the job asks of the cluster.\n")
	for _, line := range lines {
		b.WriteString("#SBATCH " + line + "\n")
	}
}

// comment makes a text fit a line of a comment.
func comment(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
}

// JobName returns a name for a sweep's jobs: the sweep's own, as far as job lists
// can show it, and a mark that no other submission has.
func JobName(sweepName, mark string) string {
	const most = 40
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '_'
	}, sweepName)
	name = strings.TrimLeft(name[:min(most, len(name))], "-.")
	if name == "" {
		name = "sweep"
	}
	return name + "-" + mark
}
