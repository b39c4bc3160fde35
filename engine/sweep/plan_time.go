package sweep

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"modspec/engine/train"
)

// observations returns how many steps a schedule records in a run, without
// listing them where a formula does.
func observations(s train.Schedule, steps int) int {
	if s.PerDecade > 0 {
		return len(s.Steps(steps))
	}
	if steps == 0 {
		return 1
	}
	if s.Every > 0 {
		return 2 + (steps-1)/s.Every
	}
	return 2
}

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

func (discard) Observe(int, train.Observation) error { return nil }
func (discard) Finish(int, train.Final) error        { return nil }

const (
	// sampleTime is how long a sample should last: long against the start of
	// threads and timers, short for whoever waits for a plan.
	sampleTime = 150 * time.Millisecond
	// sampleSteps are the steps of the first, small sample.
	sampleSteps = 16
	// maxSampled and enoughWork end the sampling: so many groups have been
	// measured, or groups with this share of the work.
	maxSampled = 6
	enoughWork = 0.9
)

// speed is what a sample found: seconds for a FLOP of steps and of recordings,
// on copies of one shape.
type speed struct {
	flops         float64 // of a step, by which shapes are told near or far
	step, observe float64
}

// Calibrate estimates the time of the sweep from samples: it trains a few copies
// of the groups with the most work for a moment each, at most [maxSampled] of
// them, and takes for every other group the speed of the sampled one whose step
// is nearest in FLOPs. It fills in Seconds of the plan and its groups, and
// Measured. It takes about a second a group sampled; on the reference backend
// with very large networks, as long as a few steps do.
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
		if g.FLOPs > 0 {
			v := nearest(speeds, p.stepWork(g))
			copies := float64(g.Copies)
			g.Seconds = copies * (float64(g.Shape.Steps)*p.stepWork(g)*v.step + float64(g.Observations)*g.Work.Observe*v.observe)
		}
		p.Seconds += g.Seconds
	}
	return nil
}

// stepWork is the work of a step in the backend's coordinates.
func (p *Plan) stepWork(g *GroupPlan) float64 {
	if p.options.Plain {
		return g.Work.Full
	}
	return g.Work.Reduced
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

// sample measures one group. A small job, trained twice so that the first warms
// caches, finds out roughly how fast it goes; then one of about sampleTime with
// as many of the real steps as fit, so that what a copy costs at its start is in
// proportion; and the small one again recording every step, which gives the
// cost of a recording.
func (p *Plan) sample(ctx context.Context, i int, measure Measure) (speed, error) {
	g, group := &p.Groups[i], &p.space.Groups[i]
	flops := p.stepWork(g)
	steps := min(g.Shape.Steps, sampleSteps)
	copies := min(group.Copies, laneCopies*p.options.Threads, g.ChunkCopies())
	run := func(copies, steps int, s train.Schedule) (float64, error) {
		chunk, err := p.space.chunk(group, 0, copies, 1)
		if err != nil {
			return 0, err
		}
		chunk.Job.Steps, chunk.Job.Schedule = steps, s
		took, err := measure(ctx, chunk.Job)
		return math.Max(took.Seconds(), 1e-9), err
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
		largeSteps = int(min(float64(g.Shape.Steps), want/float64(copies)))
		largeCopies = max(copies, min(group.Copies, int(want/float64(largeSteps)), g.ChunkCopies()))
		if large, err = run(largeCopies, largeSteps, train.Schedule{}); err != nil {
			return speed{}, err
		}
	}
	recordings := float64(largeCopies) * 2 * g.Work.Observe * v.observe
	v.step = math.Max(large-recordings, large/2) / (float64(largeCopies) * math.Max(float64(largeSteps), 1) * flops)
	return v, nil
}
