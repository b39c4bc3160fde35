package compare

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

// A Growth is how the time and memory of modspec's cpu backend grow with one
// parameter, the others staying as they are.
type Growth struct {
	Axis   string        `json:"axis"`
	Points []GrowthPoint `json:"points"`
	// Exponents of x: slopes of a line through the logarithms.
	Time   float64 `json:"time_exponent"`
	Work   float64 `json:"work_exponent"`    // what the count of multiply-adds says
	Memory float64 `json:"memory_exponent"`  // of all that the process had; 0 where the system does not say
	Why    string  `json:"why,omitempty"`    // where time grows faster than the count
	Reason string  `json:"reason,omitempty"` // why it is not measured
}

// A GrowthPoint is one training.
type GrowthPoint struct {
	X       float64 `json:"x"`
	Seconds float64 `json:"seconds"` // median
	Work    float64 `json:"multiply_adds"`
	Memory  uint64  `json:"memory_bytes"`
}

// A growthAxis is a parameter with its values.
type growthAxis struct {
	name   string
	values []int
	set    func(*Setting, int)
	why    string // what is known to make time grow faster than the count
	// beyond says that growth is fitted to what points have beyond the first: where the
	// parameter adds to what is there anyway.
	beyond bool
}

// growthAxes start from the paper's dense setting; each changes one thing.
var growthAxes = []growthAxis{
	{name: "copies", values: []int{64, 512, 4096, 32768}, set: func(s *Setting, v int) { s.Copies = v },
		why: "a few copies do not fill the lanes of all threads' vectors"},
	{name: "bits", values: []int{3, 4, 5, 6, 7, 8}, set: func(s *Setting, v int) {
		s.Point = dataset.NewPoint(v, v, 1, 3, 1, 1)
		s.Copies, s.Steps = max(32, 1024>>(2*(v-3))), 100
	}, why: "what is not a step grows too: drawing W1 over all inputs, and observations that measure the map on every example; past 320,000 numbers a lane a copy is trained alone, at a lower share of the peak"},
	{name: "hidden units", values: []int{25, 50, 100, 200, 400}, set: func(s *Setting, v int) {
		s.Architecture, s.Copies, s.Steps = network.Dense(v), 512, 200
	}, why: "a group's weights no longer fit the caches nearest to a core"},
	{name: "hidden layers", values: []int{1, 2, 3, 4}, set: func(s *Setting, v int) {
		widths := make([]int, v)
		for i := range widths {
			widths[i] = 50
		}
		// Deeper networks start larger: from the paper's start they would stay where they are.
		s.Architecture, s.Copies, s.Steps, s.InitScale = network.Dense(widths...), 128, 200, 0.05
	}, why: "every further layer keeps another product of W's in memory"},
	{name: "steps", values: []int{100, 300, 1000, 3000}, set: func(s *Setting, v int) { s.Steps, s.Copies = v, 1024 },
		why: "a step does not know how many came before it: what grows faster is the machine's drift within this run", beyond: true},
	{name: "recorded points", values: []int{2, 11, 31, 101, 301}, set: func(s *Setting, v int) {
		s.Copies = 2048 // what one more observation takes must stand out
		if v > 2 {
			s.Every = s.Steps / (v - 1)
		}
	}, beyond: true, why: "an observation is computed in float64, one copy at a time, with square roots and logarithms that the count leaves out"},
}

// observed counts the multiply-adds of one observation: the map from the layers in
// coordinates, the same in inputs, its answers to all examples, and its quadrants.
func (s Setting) observed() float64 {
	in, out, rank := float64(s.Point.Inputs()), float64(s.Point.Outputs()), float64(s.rank())
	last := 0.0
	for _, m := range s.Architecture.Modules {
		if len(m.Hidden) > 0 {
			last += float64(m.Hidden[len(m.Hidden)-1]) * out
		}
	}
	return last*rank + out*rank*in + out*in*float64(s.Point.Examples()) + out*in
}

// total counts the multiply-adds of a whole job.
func (s Setting) total() float64 {
	records := 2
	if s.Every > 0 {
		records = s.Steps/s.Every + 1
	}
	return float64(s.Copies) * (float64(s.Steps)*s.Work(s.ourForm()) + float64(records)*s.observed())
}

// grow measures the growth along every axis. Only a context that is cancelled is an
// error: an axis that cannot be had takes no other with it.
func (c *comparison) grow(ctx context.Context) error {
	for _, axis := range growthAxes {
		fmt.Fprintf(c.Log, "growth with %s\n", axis.name)
		g, err := c.along(ctx, axis)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			g = Growth{Axis: axis.name, Reason: err.Error()}
			fmt.Fprintf(c.Log, "  failed: %v\n", err)
		}
		c.result.Growth = append(c.result.Growth, g)
	}
	return nil
}

// along measures the growth along one axis.
func (c *comparison) along(ctx context.Context, axis growthAxis) (Growth, error) {
	ours := Contenders()[0]
	g := Growth{Axis: axis.name}
	for _, v := range axis.values {
		s := *setting("growth", network.Dense(50), network.Rule{}, 0.16, 1024)
		s.CheckSteps = 1
		axis.set(&s, v)
		p, err := c.point(ctx, s, ours)
		if err != nil {
			return g, fmt.Errorf("at %d: %w", v, err)
		}
		p.X = float64(v)
		if axis.name == "bits" {
			p.X = math.Ldexp(1, v) // examples: what the count is a power of
			p.Seconds *= 1024 / float64(s.Copies)
			p.Work *= 1024 / float64(s.Copies)
		}
		g.Points = append(g.Points, p)
	}
	g.fit(axis.beyond)
	if math.IsNaN(g.Time) {
		return g, fmt.Errorf("a larger training took less time than the smallest: other programs were at work")
	}
	if g.Time > g.Work+tolerated {
		g.Why = axis.why
	}
	return g, nil
}

// tolerated is how much larger the exponent of time may be before it is explained:
// over a tenfold of the parameter, 0.1 are a factor of 1.26.
const tolerated = 0.1

// fit fills in the exponents.
func (g *Growth) fit(beyond bool) {
	points, least := g.Points, GrowthPoint{}
	if beyond {
		points, least = g.Points[1:], g.Points[0]
	}
	var time, work, memory [][2]float64
	for _, p := range points {
		x := math.Log(p.X - least.X)
		time = append(time, [2]float64{x, math.Log(p.Seconds - least.Seconds)})
		work = append(work, [2]float64{x, math.Log(p.Work - least.Work)})
		if p.Memory > 0 {
			memory = append(memory, [2]float64{x, math.Log(float64(p.Memory))})
		}
	}
	g.Time, g.Work, g.Memory = slope(time), slope(work), 0
	if len(memory) == len(points) {
		g.Memory = slope(memory)
	}
}

// slope is that of the line of least squares through some points.
func slope(points [][2]float64) float64 {
	n := float64(len(points))
	var x, y float64
	for _, p := range points {
		x += p[0] / n
		y += p[1] / n
	}
	var xy, xx float64
	for _, p := range points {
		xy += (p[0] - x) * (p[1] - y)
		xx += (p[0] - x) * (p[0] - x)
	}
	return xy / xx
}

// point times one training, in a process of its own so that its memory is its own.
func (c *comparison) point(ctx context.Context, s Setting, ours Contender) (GrowthPoint, error) {
	dir := filepath.Join(c.scratch, "growth")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return GrowthPoint{}, err
	}
	defer os.RemoveAll(dir)
	if _, err := s.Write(dir); err != nil {
		return GrowthPoint{}, err
	}
	program, args, err := c.where.command(ours, c.Options, OfModules, dir, filepath.Join(dir, "maps.f64"))
	if err != nil {
		return GrowthPoint{}, err
	}
	p, err := start(ctx, program, append(args, "--whole"), ours.pinned(c.Threads), c.Threads)
	if err != nil {
		return GrowthPoint{}, err
	}
	var seconds []float64
	for range 5 {
		err := c.undisturbed(ctx, func() (func(float64), error) {
			took, err := p.run()
			return func(float64) { seconds = append(seconds, took) }, err
		})
		if err != nil {
			p.stop()
			return GrowthPoint{}, err
		}
	}
	return GrowthPoint{Seconds: median(seconds), Work: s.total(), Memory: p.stop()}, nil
}
