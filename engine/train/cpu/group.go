package cpu

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train/cpu/asm"
)

// group trains copies of one shape together. It is made for a shape and used for
// one set of copies after the other; it serves one goroutine.
type group[F asm.Float] struct {
	g         *algebra[F]
	net       net[F]
	wide      *wide[F]
	lanes     []*lane // nil where there is no copy, or it has ended
	norm      []F
	maps      []*mat.Dense
	start     *network.Weights // room for a copy's initial weights; nil until it is needed
	observers []observer       // of the tasks that were observed last
	readAt    int              // the step that wide holds, or −1
	interval  int              // steps between looks at the context
}

type observer struct {
	task *task
	*linear.Observer
}

// checkWork is about the number of multiply-adds between looks at whether the run was
// cancelled: a few milliseconds, beside which a check is negligible.
const checkWork = 1 << 26

// newGroup allocates the memory for a shape: for a vector of copies, or for a single
// one whose products are shared by some threads.
func newGroup[F asm.Float](k *asm.Kernels[F], wide *asm.Kernels[float64], t *task, lanes, threads int) *group[F] {
	g := &group[F]{g: newAlgebra(k, lanes, threads), lanes: make([]*lane, lanes)}
	g.g.skewed = true
	if lanes > 1 && t.fuses() {
		g.net = newFusedNet(g.g, t)
	} else {
		g.net = newGeneralNet(g.g, t)
	}
	g.wide = newWide[F](wide, lanes, threads, t)
	g.norm = g.g.fill(0)
	for _, m := range t.modules {
		g.maps = append(g.maps, mat.NewDense(m.hi-m.lo, m.inputs, nil))
	}
	g.interval = min(256, max(1, checkWork/(t.work()*lanes+1)))
	return g
}

// run trains copies from their first step to their last.
func (g *group[F]) run(ctx context.Context, job *linear.Job, copies []member, recorder *linear.SharedRecorder) error {
	for l := range g.lanes {
		g.lanes[l] = nil
		if l < len(copies) {
			g.lanes[l] = &lane{copies[l].index, &job.Copies[copies[l].index], copies[l].task}
		}
	}
	err := g.wide.load(g.net, g.lanes, func(l *lane) (*network.Weights, error) {
		if l.copy.Weights != nil {
			return l.copy.Weights, nil
		}
		_, w, err := job.Start(l.index)
		return w, err
	})
	if err != nil {
		return err
	}
	if starts := recorder.WantsStarts(); starts != nil {
		if err := g.tellStarts(starts); err != nil {
			return err
		}
	}
	g.readAt = -1
	g.net.prepare(append([]*lane(nil), g.lanes...))

	record := job.Schedule.Steps(job.Steps)
	for step := 0; ; step++ {
		clear(g.norm)
		g.net.forward(g.norm)
		if err := g.endDiverged(step, recorder); err != nil {
			return err
		}
		if step == record[0] {
			if err := g.observe(step, recorder); err != nil {
				return err
			}
			record = record[1:]
		}
		if step == job.Steps {
			return g.endAll(step, recorder)
		}
		if g.empty() {
			return nil
		}
		if step%g.interval == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		g.net.update()
	}
}

// forget drops the references to a job.
func (g *group[F]) forget() {
	clear(g.lanes)
	clear(g.wide.cached)
	g.observers = nil
}

// tellStarts reports every copy's initial weights, which wide holds in plain
// coordinates after it has loaded them.
func (g *group[F]) tellStarts(recorder linear.StartRecorder) error {
	for l, lane := range g.lanes {
		if lane == nil {
			continue
		}
		part, at := g.wide.at(l)
		if g.start == nil {
			g.start = part.room()
		}
		for m := range part {
			for i, layer := range part[m].layers {
				take(g.start.Modules[m][i], layer, g.wide.g.lanes, at)
			}
		}
		if err := recorder.Start(lane.index, g.start); err != nil {
			return err
		}
	}
	return nil
}

func (g *group[F]) empty() bool {
	for _, l := range g.lanes {
		if l != nil {
			return false
		}
	}
	return true
}

// endDiverged finishes the copies whose maps have stopped being finite. Their lanes
// continue, which changes no other lane and costs nothing.
func (g *group[F]) endDiverged(step int, recorder linear.Recorder) error {
	for l, lane := range g.lanes {
		if lane == nil || g.g.finite(g.norm, l) {
			continue
		}
		if err := g.end(l, step, true, recorder); err != nil {
			return err
		}
	}
	return nil
}

// observe records every copy that is still running; one whose observation cannot
// be represented has diverged too.
func (g *group[F]) observe(step int, recorder linear.Recorder) error {
	for l, lane := range g.lanes {
		if lane == nil {
			continue
		}
		g.read(step)
		observer, err := g.observer(lane.task)
		if err != nil {
			return fmt.Errorf("copy %d: %w", lane.index, err)
		}
		part, at := g.wide.at(l)
		for m := range part {
			take(g.maps[m], part[m].prefix[len(part[m].prefix)-1], g.wide.g.lanes, at)
		}
		o := observer.Observe(step, g.maps)
		if !o.Finite() {
			err = g.end(l, step, true, recorder)
		} else {
			err = recorder.Observe(lane.index, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// observer returns the observer of a task, of which a group needs few at a time.
func (g *group[F]) observer(t *task) (*linear.Observer, error) {
	for _, o := range g.observers {
		if o.task == t {
			return o.Observer, nil
		}
	}
	made, err := linear.NewObserver(t.linear, t.arch)
	if err != nil {
		return nil, err
	}
	if len(g.observers) == len(g.lanes) {
		g.observers = g.observers[1:]
	}
	g.observers = append(g.observers, observer{t, made})
	return made, nil
}

func (g *group[F]) endAll(step int, recorder linear.Recorder) error {
	for l, lane := range g.lanes {
		if lane == nil {
			continue
		}
		if err := g.end(l, step, false, recorder); err != nil {
			return err
		}
	}
	return nil
}

// read brings the weights of a step into plain coordinates, once.
func (g *group[F]) read(step int) {
	if g.readAt != step {
		g.wide.read(g.net)
		g.readAt = step
	}
}

// end finishes a copy with its weights in plain coordinates. One of them that is
// not a finite number means divergence even if the map does not show it, because
// the layer behind it is all zeros.
func (g *group[F]) end(l, step int, diverged bool, recorder linear.Recorder) error {
	g.read(step)
	part, at := g.wide.at(l)
	w := part.room()
	for m := range part {
		for i, layer := range part[m].layers {
			diverged = !take(w.Modules[m][i], layer, g.wide.g.lanes, at) || diverged
		}
	}
	index := g.lanes[l].index
	g.lanes[l] = nil
	return recorder.Finish(index, linear.Final{Step: step, Diverged: diverged, Weights: w})
}
