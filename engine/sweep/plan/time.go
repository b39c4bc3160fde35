package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"modspec/engine/train"
)

// A Measure trains a job and returns how long that took; see [Timing].
type Measure func(context.Context, *train.Job) (time.Duration, error)

// Timing returns the measure of a backend: it trains the job on it, recording
// included, and drops the results.
func Timing(b train.Backend) Measure {
	return func(ctx context.Context, job *train.Job) (time.Duration, error) {
		start := time.Now()
		err := b.Train(ctx, job, discard{})
		return time.Since(start), err
	}
}

// discard is a recorder that keeps nothing.
type discard struct{}

func (discard) Wanted() bool                      { return true }
func (discard) Observe(int, int, []float64) error { return nil }
func (discard) Finish(int, train.End) error       { return nil }

const (
	// sampleTime is how long a sample should last: long against the start of threads
	// and the resolution of timers, and short enough for an interactive command.
	sampleTime = 150 * time.Millisecond
	// sampleSteps are the steps of the first, small sample.
	sampleSteps = 16
	// sampleFLOPs bounds the small samples of a group: some tenths of a second on
	// two cores. The reference, in plain coordinates, is about eight times as slow.
	sampleFLOPs      = 1 << 34
	plainSampleFLOPs = sampleFLOPs / 8
	// lastFLOPs bounds what is trained of a group of which that is too little for
	// two steps of a copy: some seconds.
	lastFLOPs = 4 * sampleFLOPs
	// maxSampled and enoughWork end the sampling: so many groups have been
	// measured, or groups with this share of the work.
	maxSampled = 6
	enoughWork = 0.9
)

// speed is what a sample found: seconds for a FLOP of steps and of recordings,
// on copies of one shape.
type speed struct {
	flops         float64 // of a step; the distance between shapes is the ratio of it
	step, observe float64
}

// Calibrate estimates the time of the sweep from samples: it trains a few copies
// of the groups with the most work for a moment each, at most [maxSampled] of
// them, and takes for every other group the speed of the sampled one whose step
// is nearest in FLOPs. It fills in Seconds of the plan and its groups, and
// Measured. It takes about a second a group sampled, and some seconds where one step
// of one copy does. Groups of which even that is too much are not sampled; if that
// leaves none, Seconds is 0.
//
// It returns the measure's error, or the context's.
func (p *Plan) Calibrate(ctx context.Context, measure Measure) error {
	order := make([]int, len(p.Groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(p.Groups[b].FLOPs, p.Groups[a].FLOPs)
	})
	var speeds []speed
	covered := 0.0
	for _, i := range order {
		g := &p.Groups[i]
		if g.FLOPs == 0 || len(speeds) == maxSampled || covered > enoughWork*p.FLOPs {
			break
		}
		v, err := p.sample(ctx, i, measure)
		if errors.Is(err, errTooLarge) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot measure the speed at %v: %w", g.Shape, err)
		}
		speeds = append(speeds, v)
		covered += g.FLOPs
	}
	p.Seconds, p.Measured = 0, 0
	if p.FLOPs > 0 {
		p.Measured = covered / p.FLOPs
	}
	for i := range p.Groups {
		g := &p.Groups[i]
		g.Seconds = 0
		if g.FLOPs > 0 && len(speeds) > 0 {
			v := nearest(speeds, g.Work.Step)
			copies := float64(g.Copies)
			g.Seconds = copies * (float64(g.Steps)*g.Work.Step*v.step + float64(g.Observations)*g.Work.Observe*v.observe)
		}
		p.Seconds += g.Seconds
	}
	return nil
}

// nearest returns the speed of the shape nearest in FLOPs a step, by ratio.
func nearest(speeds []speed, flops float64) speed {
	best := speeds[0]
	for _, v := range speeds[1:] {
		if math.Abs(math.Log(v.flops/flops)) < math.Abs(math.Log(best.flops/flops)) {
			best = v
		}
	}
	return best
}

// errTooLarge is the error of a sample that would take too long.
var errTooLarge = errors.New("one step takes too long to be measured")

// sampleSize returns how many copies and steps the small samples of a group have,
// so that all three of them stay within sampleFLOPs. It returns 0 copies where fewer
// than two steps of a copy do.
func (p *Plan) sampleSize(g *Group, copies, steps int) (int, int) {
	bound := float64(sampleFLOPs)
	if p.options.Plain {
		bound = plainSampleFLOPs
	}
	// Three starts; first and last recording twice, every one once; the steps thrice.
	copyWork := func(steps int) float64 {
		return 3*g.Work.Start + float64(5+steps)*g.Work.Observe + 3*float64(steps)*g.Work.Step
	}
	for {
		fit := bound / copyWork(steps)
		switch {
		case fit >= float64(min(copies, p.options.Threads)), fit >= 1 && steps <= 2:
			return int(min(float64(copies), fit)), steps
		case steps <= 2:
			return 0, 0
		}
		steps = max(2, steps/2)
	}
}

// sample measures one group. A small job, trained twice so that the first warms
// caches, finds out roughly how fast it goes; then one of about sampleTime with
// as many of the real steps as fit, so that what a copy costs at its start is in
// proportion; and the small one again recording every step, which gives the
// cost of a recording. Of a group of which that would be too much, one step of one
// copy is timed, and every FLOP of it takes equally long.
func (p *Plan) sample(ctx context.Context, i int, measure Measure) (speed, error) {
	g, group := &p.Groups[i], &p.space.Groups[i]
	flops := g.Work.Step
	copies, steps := p.sampleSize(g, min(group.Copies, laneCopies*p.options.Threads, g.ChunkCopies()), min(g.Steps, sampleSteps))
	run := func(copies, steps int, s train.Schedule) (float64, error) {
		job := p.space.Job(group, copies)
		job.Steps, job.Schedule = steps, s
		took, err := measure(ctx, job)
		return math.Max(took.Seconds(), 1e-9), err
	}
	if copies == 0 {
		work := g.Work.Start + 2*g.Work.Observe + flops
		if work > lastFLOPs {
			return speed{}, errTooLarge
		}
		took, err := run(1, min(g.Steps, 1), train.Schedule{})
		return speed{flops: flops, step: took / work, observe: took / work}, err
	}
	small := 0.0
	for range 2 {
		var err error
		if small, err = run(copies, steps, train.Schedule{}); err != nil {
			return speed{}, err
		}
	}
	recorded, err := run(copies, steps, train.Schedule{Every: 1})
	if err != nil {
		return speed{}, err
	}
	v := speed{flops: flops}
	if steps > 1 {
		perRecording := math.Max(recorded-small, 0) / (float64(copies) * float64(steps-1))
		v.observe = perRecording / g.Work.Observe
	}
	large, largeCopies, largeSteps := small, copies, steps
	if want := sampleTime.Seconds() * float64(copies) * float64(steps) / small; steps > 0 && want > 2*float64(copies)*float64(steps) {
		largeSteps = int(min(float64(g.Steps), want/float64(copies)))
		largeCopies = max(copies, min(group.Copies, int(want/float64(largeSteps)), g.ChunkCopies()))
		if large, err = run(largeCopies, largeSteps, train.Schedule{}); err != nil {
			return speed{}, err
		}
	}
	recordings := float64(largeCopies) * 2 * g.Work.Observe * v.observe
	v.step = math.Max(large-recordings, large/2) / (float64(largeCopies) * math.Max(float64(largeSteps), 1) * flops)
	return v, nil
}
