package compare

import (
	"sync"
	"time"

	"modspec/engine/train/cpu/asm"
)

// Limits are what the machine can do at most, measured in the same run, with as many
// threads as contenders have.
type Limits struct {
	Kernels string  `json:"kernels"`    // the set that was probed: avx512, avx2 or go
	Float32 float64 `json:"float32"`    // multiply-adds a second
	Float64 float64 `json:"float64"`    // multiply-adds a second
	Memory  float64 `json:"memory"`     // bytes read and written a second
	Samples int     `json:"samples"`    // how often each was measured; the best counts
	Lowest  float64 `json:"lowest_f32"` // the lowest of float32's: how much the machine drifted
	Steady  float64 `json:"steady_f32"` // the best of what looks beside repetitions saw, each a mean over some time
}

// tries are how often a probe runs for one sample, which is the best of them: what
// else the machine does for a moment can only make a probe slower.
const tries = 30

// measure takes one more sample of every limit.
func (l *Limits) measure(threads int) {
	narrow, wide := asm.Sets[float32]()[0], asm.Sets[float64]()[0]
	l.Kernels = narrow.Set
	f32, f64 := 0.0, 0.0
	for range tries {
		f32 = max(f32, together(threads, func() float64 { return float64(narrow.Probe(16_000_000 / narrow.Lanes)) }))
		f64 = max(f64, together(threads, func() float64 { return float64(wide.Probe(16_000_000 / wide.Lanes)) }))
	}
	if l.Samples == 0 || f32 < l.Lowest {
		l.Lowest = f32
	}
	l.Float32, l.Float64 = max(l.Float32, f32), max(l.Float64, f64)
	if l.Samples%memoryEvery == 0 {
		l.Memory = max(l.Memory, copySpeed(threads))
	}
	l.Samples++
}

// glance takes a quick look at what the machine has to give just now: the mean of
// float32's probes over a time in which another program's slices show. Threads of a
// contender that has just answered may still spin for a moment, so a low figure is
// looked at again for that long.
func (l *Limits) glance(threads int) float64 {
	probe := asm.Sets[float32]()[0]
	for began := time.Now(); ; {
		n, inverse := 0.0, 0.0
		for look := time.Now(); time.Since(look) < looking; n++ {
			rate := together(threads, func() float64 { return float64(probe.Probe(16_000_000 / probe.Lanes)) })
			l.Float32 = max(l.Float32, rate)
			inverse += 1 / rate
		}
		now := n / inverse
		l.Steady = max(l.Steady, now)
		if l.quiet(now) || time.Since(began) > spinning {
			return now
		}
	}
}

const (
	// quietShare of the best look is what a quiet machine always has: over twenty minutes
	// of one whose clock changes with its heat 0.75 and more were seen, and 0.5 where one
	// other program ran on one of its two CPUs.
	quietShare = 0.7
	// looking is many slices of a scheduler's, of some milliseconds each: a program that
	// has just woken is given the first of them whole.
	looking = 40 * time.Millisecond
	// spinning is how long threads that wait for work may keep a CPU busy: 0.2 s in
	// the runtime of OpenMP that waits longest.
	spinning = 300 * time.Millisecond
)

// quiet reports whether a look saw so much that nothing else ran.
func (l *Limits) quiet(seen float64) bool { return seen >= quietShare*l.Steady }

// memoryEvery is how many samples share one of memory's, which takes the longest.
const memoryEvery = 6

// copySpeed copies arrays that no cache holds (the largest of servers have some hundred
// megabytes), and counts every byte as read once and
// written once.
func copySpeed(threads int) float64 {
	const size = 512 << 20
	type pair struct{ from, to []byte }
	arrays := make(chan pair, threads)
	for range threads {
		p := pair{make([]byte, size), make([]byte, size)}
		copy(p.to, p.from) // the first touch is the system's to pay for
		arrays <- p
	}
	best := 0.0
	for range 5 {
		best = max(best, together(threads, func() float64 {
			p := <-arrays
			copy(p.to, p.from)
			arrays <- p
			return 2 * size
		}))
	}
	return best
}

// together returns how much all threads do in a second.
func together(threads int, work func() float64) float64 {
	var group sync.WaitGroup
	done := make([]float64, threads)
	began := time.Now()
	for i := range threads {
		group.Go(func() { done[i] = work() })
	}
	group.Wait()
	seconds := time.Since(began).Seconds()
	sum := 0.0
	for _, d := range done {
		sum += d
	}
	return sum / seconds
}
