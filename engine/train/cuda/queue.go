//go:build gpu

package cuda

import (
	"slices"
	"sync"

	"modspec/engine/cuda"
)

// queue distributes the copies of a job to the workers, chunk by chunk.
type queue struct {
	mu      sync.Mutex
	cohorts []*cohort
	at      int // the cohort that is being distributed
	workers int // that share it
}

// chunk is copies of one cohort that are trained together.
type chunk struct {
	*cohort
	members []member
}

// take returns the next chunk, or nil where nothing is left. size returns how many
// copies the chunk has, from the cohort and each worker's share.
func (q *queue) take(size func(c *cohort, share int) (int, error)) (*chunk, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.at < len(q.cohorts) && len(q.cohorts[q.at].waiting) == 0 {
		q.at++
	}
	if q.at == len(q.cohorts) {
		return nil, nil
	}
	c := q.cohorts[q.at]
	n, err := size(c, cuda.CeilDiv(len(c.waiting), q.workers))
	if err != nil {
		return nil, err
	}
	n = min(n, len(c.waiting))
	out := &chunk{c, c.waiting[:n]}
	c.waiting = c.waiting[n:]
	return out, nil
}

// giveBack returns copies of a chunk that could not be trained with the others.
func (q *queue) giveBack(c *chunk, members []member) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c.waiting = append(slices.Clone(members), c.waiting...)
	for i := range q.at {
		if q.cohorts[i] == c.cohort {
			q.at = i
			break
		}
	}
}
