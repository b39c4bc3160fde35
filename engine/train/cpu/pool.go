package cpu

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"modspec/engine/kind/linear"
	"modspec/engine/train/cpu/asm"
)

// pool trains jobs on some goroutines.
type pool[F asm.Float] struct {
	threads int
	kernels *asm.Kernels[F]
	wide    *asm.Kernels[float64]
	sides   sides // which shapes are in lanes; the zero value decides by size

	mu   sync.Mutex
	idle []*worker[F] // of earlier jobs: the next reuses their memory if its shape is theirs
}

// sides says where copies go.
type sides int

const (
	bySize sides = iota
	inLanes
	alone
)

// member is a copy in a bundle.
type member struct {
	index int
	task  *task
}

// lanesLimit is the largest copy that lies in lanes, in numbers that a lane then holds:
// weights, E and M in the coordinates of training, Q and the first layer in plain ones.
// BenchmarkSides measures both sides: at bits 8 lanes are faster with 60 hidden units
// (245,000 numbers) and slower with 256 (397,000). The limit is the same for every
// precision and kernel set, so that their bits agree, and whatever the number of
// copies, so that a copy does not depend on it.
const lanesLimit = 320_000

// lanesOf is how many copies of a task's shape lie side by side.
func (p *pool[F]) lanesOf(t *task) int {
	size := t.weights()
	for _, m := range t.modules {
		outputs := m.hi - m.lo
		above := outputs
		if len(m.module.Hidden) > 0 {
			above = m.module.Hidden[0]
		}
		size += 2*m.coords*outputs + above*m.inputs
		if m.q != nil {
			size += m.inputs * m.coords
		}
	}
	if p.sides == alone || p.sides == bySize && size > lanesLimit {
		return 1
	}
	return p.kernels.Lanes
}

// bundle is copies of one shape that fill at most one vector.
type bundle []member

func (p *pool[F]) train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	shared := linear.Share(recorder)
	workers, inside := p.division(len(job.Copies))
	queue := make(chan bundle, workers)
	var wait sync.WaitGroup
	for range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			w, failed := p.acquire(inside), false
			for s := range queue {
				if err := w.train(ctx, job, s, shared); err != nil {
					failed = true
					stop(err)
				}
			}
			if !failed {
				p.release(w)
			}
		}()
	}
	err := p.deal(ctx, job, queue)
	close(queue)
	wait.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// division divides the threads: one for each copy, or when copies are fewer, several
// for the products of each.
func (p *pool[F]) division(copies int) (workers, inside int) {
	workers = min(p.threads, copies)
	return workers, p.threads / workers
}

// deal sorts the copies by shape into bundles and queues each as it is full, and
// in the end those that are not.
func (p *pool[F]) deal(ctx context.Context, job *linear.Job, queue chan<- bundle) error {
	cache := &taskCache{arch: job.Architecture}
	waiting := map[string]bundle{}
	var shapes []string // in the order of their first copies
	send := func(s bundle) bool {
		select {
		case queue <- s:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for i := range job.Copies {
		c := &job.Copies[i]
		t, err := cache.of(c.Task, c.Rule)
		if err != nil {
			return fmt.Errorf("copy %d: %w", i, err)
		}
		s, known := waiting[t.shape]
		if !known {
			shapes = append(shapes, t.shape)
		}
		s = append(s, member{i, t})
		if len(s) == p.lanesOf(t) {
			if !send(s) {
				return nil
			}
			s = nil
		}
		waiting[t.shape] = s
	}
	for _, shape := range shapes {
		if s := waiting[shape]; len(s) > 0 && !send(s) {
			return nil
		}
	}
	return nil
}

// acquire returns an idle worker, or a new one.
func (p *pool[F]) acquire(inside int) *worker[F] {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, w := range p.idle {
		if w.inside == inside {
			p.idle = slices.Delete(p.idle, i, i+1)
			return w
		}
	}
	return &worker[F]{pool: p, inside: inside}
}

// release keeps a worker for the next job, unless its group is large: making one is
// then cheap beside its work, and its memory is large.
func (p *pool[F]) release(w *worker[F]) {
	if w.group == nil || w.numbers > mostIdle {
		return
	}
	w.group.forget()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) < p.threads {
		p.idle = append(p.idle, w)
	}
}

// drop frees the idle workers.
func (p *pool[F]) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = nil
}

// mostIdle is the most weights of a group that is kept, some hundred kilobytes, and
// a few megabytes with all that belongs to them.
const mostIdle = 1 << 16

// worker is one goroutine's group, kept for the next bundle of the same shape, and for
// the next job.
type worker[F asm.Float] struct {
	pool    *pool[F]
	inside  int
	shape   string
	group   *group[F]
	numbers int // weights of the group's copies
}

// train trains a bundle. Panics, which are faults of this package, come back as
// errors.
func (w *worker[F]) train(ctx context.Context, job *linear.Job, s bundle, recorder *linear.SharedRecorder) (err error) {
	defer func() {
		if r := recover(); r != nil {
			w.group = nil
			err = fmt.Errorf("cpu backend, copy %d: %v", s[0].index, r)
		}
	}()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if t := s[0].task; w.group == nil || w.shape != t.shape {
		lanes := w.pool.lanesOf(t)
		w.group, w.shape = newGroup(w.pool.kernels, w.pool.wide, t, lanes, w.inside), t.shape
		w.numbers = lanes * t.weights()
	}
	return w.group.run(ctx, job, s, recorder)
}
