package cluster

import (
	"context"
	"errors"
	"fmt"
)

// A Rest is what is missing of a submitted sweep and will not come by itself.
type Rest struct {
	Shards  []int  // to send again, ascending
	Tasks   string // the same as sbatch takes them: 3,7-9
	Waiting int    // shards that the scheduler is still to run
	Running int    // shards that are being trained
	Merge   bool   // whether a merge is to be sent: shards are, or none is on its way

	submission *Submission
	after      []string // jobs that the merge waits for besides the new array
}

// NewRest finds out what is missing. It returns an error if the scheduler cannot
// be asked, for what runs or waits would be sent twice, and if a shard is damaged.
func NewRest(ctx context.Context, dir string) (*Rest, error) {
	submission, err := ReadSubmission(dir)
	if err != nil {
		return nil, err
	}
	queue, err := submission.queue(ctx)
	if err != nil {
		return nil, fmt.Errorf("what runs or waits must not be sent again, but the scheduler cannot be asked: %w", err)
	}
	s := &Status{}
	if err := s.journals(dir, submission); err != nil {
		return nil, err
	}
	if s.damaged != nil {
		return nil, fmt.Errorf("a shard that is damaged would fail again; mend it or move it away: %w", s.damaged)
	}
	v := newView(queue, nil)
	r := &Rest{submission: submission}
	for i := range s.Shards {
		shard := &s.Shards[i]
		shard.join(v.shards[shard.index])
		switch shard.State {
		case ShardFailed:
			r.Shards = append(r.Shards, shard.index)
		case ShardWaiting:
			r.Waiting++
		case ShardRunning:
			r.Running++
		}
	}
	r.Tasks = taskList(r.Shards)
	merging := false
	seen := map[string]bool{}
	for i := range queue {
		t := &queue[i]
		if t.ended() || seen[t.job] {
			continue
		}
		seen[t.job] = true
		r.after = append(r.after, t.job)
		merging = merging || t.shard == 0
	}
	r.Merge = len(r.Shards) > 0 || !merging && s.Merged < s.Copies
	return r, nil
}

// Nothing reports whether there is nothing to send.
func (r *Rest) Nothing() bool { return len(r.Shards) == 0 && !r.Merge }

// Send sends the rest, with more flags for sbatch that override the array script's. A
// merge waits for every job of the sweep that is on its way, an earlier merge among
// them, since two cannot work in one folder.
func (r *Rest) Send(ctx context.Context, dir string, flags []string) (*Sent, error) {
	if r.Nothing() {
		return nil, errors.New("nothing is missing")
	}
	if err := CheckFlags(flags); err != nil {
		return nil, err
	}
	if err := r.submission.send(ctx, dir, r.Tasks, r.after, flags); err != nil {
		return nil, err
	}
	return &r.submission.Sent[len(r.submission.Sent)-1], nil
}
