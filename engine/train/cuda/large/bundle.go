//go:build gpu

package large

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// bundle is copies of one shape that train together on a device.
type bundle struct {
	device  device
	job     *linear.Job
	members []member
	tasks   []*task
	taskOf  []int64
	layout  *layout
	program *program
	memory  []uint64 // to be released
	lists   [listKinds]uint64
	ended   []int64 // as the device had it last: the step at which a copy diverged, or −1
	pace    pace
}

// The structures that the kernels read, in words of eight bytes.
const (
	outlookWords    = int(unsafe.Sizeof(outlookABI{}) / 8)
	projectionWords = int(unsafe.Sizeof(projectionABI{}) / 8)
	viewWords       = int(unsafe.Sizeof(viewABI{}) / 8)
)

// newBundle takes the memory that copies of one shape need and fills in what does not
// change: tasks, rates and operations.
func (l *trainer) newBundle(job *linear.Job, members []member) (b *bundle, err error) {
	b = &bundle{device: l.device, job: job, members: members}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	b.tasks, b.taskOf = distinctTasks(members)
	base, err := b.allocate(l.memory(members[0].task, len(members), len(b.tasks)))
	if err != nil {
		return b, err
	}
	r := cuda.Layout{Next: base}
	layout, outlooks, views := l.rooms(&r, members[0].task, len(members), len(b.tasks))
	b.layout = layout
	b.program = newProgram(members[0].task, layout, l.device.multiprocessors(), outlooks.at, views.at)
	b.pace.cycle = b.program.cycle()
	for kind, data := range map[listKind][]byte{
		productList: cuda.AsBytes(b.program.products), decisionList: cuda.AsBytes(b.program.decisions),
		gatherList: cuda.AsBytes(b.program.gathers), observationList: cuda.AsBytes(b.program.observations),
	} {
		if len(data) == 0 {
			continue
		}
		if b.lists[kind], err = b.allocate(uint64(len(data))); err != nil {
			return b, err
		}
		if err = b.device.upload(b.lists[kind], data); err != nil {
			return b, err
		}
	}
	if err = b.device.upload(views.at, cuda.AsBytes(b.program.viewList)); err != nil {
		return b, err
	}
	if err = b.uploadTasks(outlooks); err != nil {
		return b, err
	}
	return b, b.uploadCopies()
}

func (b *bundle) allocate(bytes uint64) (uint64, error) {
	at, err := b.device.allocate(bytes)
	if err == nil {
		b.memory = append(b.memory, at)
	}
	return at, err
}

// close gives the memory back.
func (b *bundle) close() error {
	errs := []error{b.pace.release()}
	for _, at := range b.memory {
		errs = append(errs, b.device.release(at))
	}
	b.memory = nil
	return errors.Join(errs...)
}

// uploadTasks brings over what the tasks' steps and observations need.
func (b *bundle) uploadTasks(outlooks array) error {
	x := b.layout
	list := make([]outlookABI, len(b.tasks))
	for k, t := range b.tasks {
		for i := range t.modules {
			lm, m := &t.modules[i], &x.modules[i]
			var d *mat.Dense
			if lm.d != nil {
				d = mat.NewDense(1, len(lm.d), lm.d)
			}
			for _, part := range []struct {
				to   *array
				from *mat.Dense
			}{{&m.d, d}, {&m.yx, lm.yx}, {&m.yy, lm.yy}, {&m.x, lm.x}, {&m.projection, lm.q}} {
				if part.to.count > 0 {
					if err := b.uploadMatrix(part.to, k, part.from); err != nil {
						return err
					}
				}
			}
		}
		if x.labels.count > 0 {
			if err := b.uploadMatrix(&x.labels, k, t.labels); err != nil {
				return err
			}
		}
		if err := b.uploadOutlook(t, k, &list[k]); err != nil {
			return err
		}
	}
	return b.device.upload(outlooks.at, cuda.AsBytes(list))
}

func (b *bundle) uploadMatrix(x *array, n int, m *mat.Dense) error {
	data := make([]byte, x.bytes())
	if err := x.pack(data, m); err != nil {
		return err
	}
	return b.device.upload(x.of(n), data)
}

// uploadOutlook brings over what the observations of task k need.
func (b *bundle) uploadOutlook(t *task, k int, o *outlookABI) error {
	x, p := b.layout, t.linear.Point
	words := func(list []int) []int64 {
		out := make([]int64, len(list))
		for i, v := range list {
			out[i] = int64(v)
		}
		return out
	}
	examples, err := p.Select(t.linear.Examples)
	if err != nil {
		return err
	}
	trained := make([]int64, p.Examples())
	for _, e := range examples {
		trained[e] = 1
	}
	var projections []projectionABI
	for i := range t.modules {
		projections = append(projections, t.modules[i].modes.where...)
	}
	*o = outlookABI{r: p.R, inputBits: x.inputBits.of(k), outputBits: x.outputBits.of(k), trained: x.trained.of(k), projections: x.projections.of(k)}
	err = errors.Join(
		b.device.upload(o.inputBits, cuda.AsBytes(words(p.InputBits))), b.device.upload(o.outputBits, cuda.AsBytes(words(p.OutputBits))),
		b.device.upload(o.trained, cuda.AsBytes(trained)), b.device.upload(o.projections, cuda.AsBytes(projections)))
	if err != nil || t.linear.Teacher == nil {
		return err
	}
	targets, err := t.linear.Targets()
	if err != nil {
		return err
	}
	o.labels = x.targets.of(k)
	return b.uploadMatrix(&x.targets, k, targets)
}

// uploadCopies brings over the copies' numbers; none has ended, and none has a map yet.
func (b *bundle) uploadCopies() error {
	x, n := b.layout, len(b.members)
	b.ended = make([]int64, n)
	for i := range b.ended {
		b.ended[i] = -1
	}
	rates := func(to *array, of func(c *linear.Copy) float64) error {
		data := make([]byte, n*to.bytes())
		for i, m := range b.members {
			to.set(data[i*to.bytes():], 0, 0, of(&b.job.Copies[m.index]))
		}
		return b.device.upload(to.at, data)
	}
	return errors.Join(
		b.device.upload(x.taskOf.at, cuda.AsBytes(b.taskOf)),
		b.device.upload(x.ended.at, cuda.AsBytes(b.ended)),
		b.device.upload(x.clock.at, cuda.AsBytes(b.ended)),
		rates(&x.eta, func(c *linear.Copy) float64 { return c.LearningRate }),
		rates(&x.etaGamma, func(c *linear.Copy) float64 { return c.LearningRate * c.Rule.Gamma }),
		rates(&x.beta, func(c *linear.Copy) float64 { return c.Rule.Beta }),
	)
}

// launch queues operations one after the other.
func (b *bundle) launch(list []operation) error {
	for i := range list {
		o := &list[i]
		if err := b.device.start(o.kernel, o.blocks, o.threads, b.lists[o.list], uint64(o.index)); err != nil {
			return err
		}
	}
	return nil
}

// start draws or copies the initial weights, reports them to a recorder that wants
// them, and converts them to the coordinates of training.
func (b *bundle) start(ctx context.Context, recorder linear.Recorder) error {
	starts, _ := recorder.(linear.StartRecorder)
	for g := range b.program.groups {
		group := &b.program.groups[g]
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		weights, err := b.draw(group)
		if err != nil {
			return err
		}
		for i, w := range weights {
			if starts == nil {
				break
			}
			if err := starts.Start(b.members[group.first+i].index, w); err != nil {
				return err
			}
		}
		err = b.eachPlain(group, func(m, l int, x *array, data []byte) error {
			for i, w := range weights {
				if err := x.pack(data[i*x.bytes():], w.Modules[m][l]); err != nil {
					return err
				}
			}
			return b.device.upload(x.at, data)
		})
		if err != nil {
			return err
		}
		if err := b.launch(group.start); err != nil {
			return err
		}
	}
	return nil
}

// eachPlain calls for each layer's plain weights of a group, with memory for them.
func (b *bundle) eachPlain(g *slotGroup, call func(module, layer int, x *array, data []byte) error) error {
	for m := range b.layout.modules {
		for l := range b.layout.modules[m].plain {
			x := &b.layout.modules[m].plain[l]
			if err := call(m, l, x, make([]byte, g.copies*x.bytes())); err != nil {
				return err
			}
		}
	}
	return nil
}

// draw returns the initial weights of a group's copies, drawn by all processors.
func (b *bundle) draw(g *slotGroup) ([]*network.Weights, error) {
	weights, errs := make([]*network.Weights, g.copies), make([]error, g.copies)
	workers := min(runtime.GOMAXPROCS(0), g.copies)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < g.copies; i += workers {
				weights[i], errs[i] = initialWeights(b.job, b.members[g.first+i].index)
			}
		})
	}
	wait.Wait()
	return weights, errors.Join(errs...)
}

// observe records every copy that is still running, which must be at a step whose maps
// are there. One whose observation cannot be represented has diverged too.
func (b *bundle) observe(step int, recorder linear.Recorder) error {
	if err := b.look(); err != nil {
		return err
	}
	for g := range b.program.groups {
		group := &b.program.groups[g]
		if !b.running(group.first, group.copies) {
			continue
		}
		if err := errors.Join(b.launch(group.read), b.launch(group.observe)); err != nil {
			return err
		}
	}
	x := b.layout
	sums := make([]float64, len(b.members)*x.out.lead)
	if err := b.device.download(cuda.AsBytes(sums), x.out.at); err != nil {
		return err
	}
	changed := false
	for i, m := range b.members {
		if b.ended[i] >= 0 {
			continue
		}
		o := m.task.observation(step, sums[i*x.out.lead:][:x.out.lead])
		if !o.Finite() {
			b.ended[i], changed = int64(step), true
			continue
		}
		if err := recorder.Observe(m.index, o); err != nil {
			return err
		}
	}
	if changed {
		return b.device.upload(x.ended.at, cuda.AsBytes(b.ended))
	}
	return nil
}

// look brings over which copies have ended.
func (b *bundle) look() error { return b.device.download(cuda.AsBytes(b.ended), b.layout.ended.at) }

// running reports whether any of some copies has not ended.
func (b *bundle) running(first, n int) bool {
	for _, e := range b.ended[first : first+n] {
		if e < 0 {
			return true
		}
	}
	return false
}

// finish reports how every copy ended. A weight that is no finite number means
// divergence even if the map does not show it, because the layer behind it is all
// zeros.
func (b *bundle) finish(step int, recorder linear.Recorder) error {
	for g := range b.program.groups {
		group := &b.program.groups[g]
		if err := b.launch(group.read); err != nil {
			return err
		}
		weights, finite := make([]*network.Weights, group.copies), make([]bool, group.copies)
		for i := range weights {
			weights[i], finite[i] = &network.Weights{Modules: make([][]*mat.Dense, len(b.layout.modules))}, true
		}
		err := b.eachPlain(group, func(m, l int, x *array, data []byte) error {
			if err := b.device.download(data, x.at); err != nil {
				return err
			}
			for i, w := range weights {
				layer := mat.NewDense(x.rows, x.cols, nil)
				x.unpack(layer, data[i*x.bytes():])
				w.Modules[m] = append(w.Modules[m], layer)
				finite[i] = finite[i] && network.FiniteLayer(layer)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, w := range weights {
			member := group.first + i
			f := linear.Final{Step: step, Diverged: !finite[i], Weights: w}
			if at := b.ended[member]; at >= 0 {
				f.Step, f.Diverged = int(at), true
			}
			if err := recorder.Finish(b.members[member].index, f); err != nil {
				return err
			}
		}
	}
	return nil
}
