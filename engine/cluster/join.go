package cluster

import (
	"context"
	"fmt"
	"path/filepath"
)

// schedule joins the scheduler's view. Where the journal says that a shard is
// done, it is; for the rest, what is in the queue runs or waits, and what is not
// has failed.
func (s *Status) schedule(ctx context.Context, dir string, submission *Submission) {
	queue, err := submission.queue(ctx)
	if err != nil {
		s.Notes = append(s.Notes, fmt.Sprintf("the scheduler cannot be asked, so what is not done may be running, waiting or failed: %v", err))
		return
	}
	// Without accounting there is no sacct, or one that refuses: squeue and the logs
	// are then the only sources.
	accounts, _ := submission.accounts(ctx)
	view := newView(queue, accounts)
	for i := range s.Shards {
		s.Shards[i].join(view.shards[s.Shards[i].index])
		if s.Shards[i].State == ShardFailed {
			s.Shards[i].Log, s.Shards[i].LogEnd = submission.log(dir, &s.Shards[i])
		}
	}
	s.joinMerge(dir, submission, view)
}

// A view is the state of each shard that squeue and sacct together imply.
type view struct {
	shards map[int]*task
	merges map[string]*task // by job
}

func newView(queue, accounts []task) view {
	v := view{map[int]*task{}, map[string]*task{}}
	for i := range queue {
		v.take(&queue[i])
	}
	for i := range accounts {
		v.account(&accounts[i])
	}
	return v
}

// take takes a task of the queue in. Of several jobs that had a shard the one that
// is still to end counts, and of those that have ended the newest.
func (v *view) take(t *task) {
	if t.shard == 0 {
		v.merges[t.job] = t
		return
	}
	known := v.shards[t.shard]
	if known == nil || known.ended() && (!t.ended() || newest(t.job, known.job)) {
		v.shards[t.shard] = t
	}
}

// account takes a task of the accounts in: the exit status of one that squeue has
// too, and all of one that it has no longer.
func (v *view) account(t *task) {
	known := v.shards[t.shard]
	if t.shard == 0 {
		known = v.merges[t.job]
	}
	switch {
	case known != nil && known.job == t.job:
		if known.ended() && t.ended() {
			known.exit = t.exit
		}
	case t.ended():
		v.take(t)
	}
}

// join joins what the scheduler says of a shard, nil for nothing.
func (s *ShardStatus) join(t *task) {
	if t != nil {
		s.Job, s.Slurm, s.Exit = fmt.Sprintf("%s_%d", t.job, t.shard), t.state, t.exit
		s.Node, s.Elapsed = t.node, t.elapsed
	}
	switch {
	case s.State == ShardDone:
	case t != nil && t.waiting():
		s.State, s.Detail = ShardWaiting, t.reason
	case t != nil && !t.ended():
		s.State, s.Detail = ShardRunning, t.reason
	case s.State == ShardRunning: // by hand, outside the scheduler
	default:
		s.State = ShardFailed
		switch {
		case t == nil:
			s.Detail = "not in the queue; " + s.Detail
		case t.reason != "":
			s.Detail = fmt.Sprintf("%s (%s); %s", t.state, t.reason, s.Detail)
		default:
			s.Detail = fmt.Sprintf("%s; %s", t.state, s.Detail)
		}
	}
}

// joinMerge fills in the newest merge.
func (s *Status) joinMerge(dir string, submission *Submission, v view) {
	for i := len(submission.Sent) - 1; i >= 0; i-- {
		job := submission.Sent[i].Merge
		if job == "" {
			continue
		}
		s.Merge = &MergeStatus{Job: job}
		t := v.merges[job]
		if t == nil {
			return
		}
		s.Merge.Slurm, s.Merge.Reason = t.state, t.reason
		if t.ended() && t.state != "COMPLETED" && s.Merged < s.Copies {
			s.Merge.Log, s.Merge.LogEnd = lastLines(filepath.Join(dir, LogsName, job+"-merge.out"))
		}
		return
	}
}
