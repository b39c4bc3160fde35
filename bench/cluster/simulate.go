package main

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
)

// A workload is what the simulated cluster has to do, in seconds of a whole node.
type workload struct {
	shards, nodes int
	begin         float64 // of a process before it trains: it finds all points
	again         float64 // what beginning costs more in a folder that holds something: its copies are checked
	train         float64 // of a shard
	keep          float64 // between two parts: what a process that is killed loses at most

	failures    float64 // of a node, a second
	preemptions float64 // of a task, a second
	repair      float64 // until a node that failed takes tasks again
	away        float64 // until a node takes tasks again whose task was preempted
	requeue     float64 // until a task that was requeued may run again
}

// What Slurm and modspec do by themselves.
const (
	// slurmRequeue is how long a requeued task waits at least: until its credential
	// has expired (AuthInfo=cred_expire), which is 120 seconds unless configured.
	slurmRequeue = 120
	// partSeconds and partCopies are those of engine/sweep/runner: a part ends after either.
	partSeconds = 60
	partCopies  = 1 << 16
)

// An outcome is what a simulation came to.
type outcome struct {
	wall        float64 // seconds until the last shard is done
	nodeSeconds float64 // nodes were busy
	training    float64 // of them, with training that was kept
	failed      int     // tasks that a node's failure ended
	preempted   int
	done        bool // false if the sweep does not come on
}

// patience is how many times as long as an undisturbed run is simulated.
const patience = 50

// simulate runs the workload on a cluster whose scheduler gives every free node
// the next shard that may run. Failures and preemptions come at random, each in an
// exponential time after its task began, without memory. A preempted task is told
// and loses nothing; one whose node fails loses what it trained since its last
// part. Both begin anew: what beginning costs, they pay again.
func simulate(w *workload, r *rand.Rand) outcome {
	var o outcome
	type shard struct{ left, from float64 } // training to do; when it may run
	waiting := make([]shard, w.shards)
	for i := range waiting {
		waiting[i].left = w.train
	}
	free := make(nodes, w.nodes) // when each node is free
	heap.Init(&free)
	undisturbed := math.Ceil(float64(w.shards)/float64(w.nodes)) * (w.begin + w.train)
	for len(waiting) > 0 {
		now := free[0]
		if now > patience*undisturbed {
			o.wall = now
			return o
		}
		// The first that may run, or else the one that may soonest.
		at := slices.IndexFunc(waiting, func(s shard) bool { return s.from <= now })
		if at < 0 {
			soonest := slices.MinFunc(waiting, func(a, b shard) int { return compare(a.from, b.from) })
			free[0] = soonest.from
			heap.Fix(&free, 0)
			continue
		}
		s := waiting[at]
		waiting = slices.Delete(waiting, at, at+1)
		begin := w.begin
		if s.left < w.train {
			begin += w.again
		}
		fails, preempted := after(r, w.failures), after(r, w.preemptions)
		length := min(begin+s.left, fails, preempted)
		trained := max(0, length-begin)
		o.nodeSeconds += length
		end := now + length
		next := end
		switch {
		case length == begin+s.left:
			s.left = 0
		case fails < preempted:
			trained = math.Floor(trained/w.keep) * w.keep
			o.failed++
			next += w.repair
		default:
			o.preempted++
			next += w.away
		}
		o.training += trained
		if s.left > 0 {
			s.left -= trained
			s.from = end + w.requeue
			waiting = append(waiting, s)
		}
		o.wall = max(o.wall, end)
		free[0] = next
		heap.Fix(&free, 0)
	}
	o.done = true
	return o
}

// after draws the time to the first of events that come at a rate.
func after(r *rand.Rand, rate float64) float64 {
	if rate == 0 {
		return math.Inf(1)
	}
	return r.ExpFloat64() / rate
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// nodes is a heap of times.
type nodes []float64

func (n nodes) Len() int           { return len(n) }
func (n nodes) Less(i, j int) bool { return n[i] < n[j] }
func (n nodes) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }

// Push implements heap.Interface.
func (n *nodes) Push(x any) { *n = append(*n, x.(float64)) }

// Pop implements heap.Interface.
func (n *nodes) Pop() any {
	last := (*n)[len(*n)-1]
	*n = (*n)[:len(*n)-1]
	return last
}

// simulateOften returns the simulation with the median wall time of so many.
func simulateOften(w *workload, trials int) outcome {
	list := make([]outcome, trials)
	for i := range list {
		list[i] = simulate(w, rand.New(rand.NewPCG(uint64(i), 0)))
	}
	slices.SortFunc(list, func(a, b outcome) int { return compare(a.wall, b.wall) })
	return list[trials/2]
}
