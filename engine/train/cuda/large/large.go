//go:build gpu

package large

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// device is what the large path asks of a device. Calls come one at a time, and
// each takes effect after those before it.
type device interface {
	// multiprocessors is how many the device has.
	multiprocessors() int
	// freeMemory is how many bytes could be allocated.
	freeMemory() (uint64, error)
	// allocate returns the address of zeroed memory. Its error wraps cuda.ErrOutOfMemory
	// where there is not so much.
	allocate(bytes uint64) (uint64, error)
	release(address uint64) error
	// upload copies to the device; the data may change when it returns. What download
	// copies is there when it returns, and all is done that was queued before.
	upload(address uint64, data []byte) error
	download(data []byte, address uint64) error
	// start queues a kernel of the large path for a list of operations and an index.
	start(kernel string, blocks, threads int, list, index uint64) error
	// record returns what queues again all that launches queues, at once, or nil
	// where the driver cannot.
	record(launches func() error) (recording, error)
}

// recording is launches that were recorded.
type recording interface {
	start() error
	release() error
}

// A trainer trains copies that are too large for the fused kernels, or whose steps are not
// theirs (mini-batches, outputs that modules share, modules without input, very many
// layers). All modules of a copy are trained together, and all copies of one shape that
// fit the device, step by step, each step a list of launches.
type trainer struct {
	device    device
	size      int // bytes of a Real: 4 or 8
	slotBytes int // bound on the room that copies pass through; see layOut
}

// usualSlotBytes is room for dozens of copies at bits 8: enough work for a device, and
// little beside its memory.
const usualSlotBytes = 256 << 20

// member is a copy of a bundle.
type member struct {
	index int // in the job
	task  *task
}

// train trains some copies of a job, by shape and in bundles that fit the memory.
func (l *trainer) train(ctx context.Context, job *linear.Job, copies []int, recorder linear.Recorder) error {
	free, err := l.device.freeMemory()
	if err != nil {
		return err
	}
	budget := free - free/16 // what the driver and the lists of operations need
	tasks := &tasks{arch: job.Architecture}
	waiting := map[string]*waitingCopies{}
	var shapes []string // in the order of their first copies
	for _, i := range copies {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c := &job.Copies[i]
		t, err := tasks.of(c.Task, c.Rule)
		if err != nil {
			return fmt.Errorf("copy %d: %w", i, err)
		}
		w := waiting[t.shape]
		if w == nil {
			w = &waitingCopies{}
			waiting[t.shape] = w
			shapes = append(shapes, t.shape)
		}
		w.add(member{i, t})
		n := len(w.members)
		if n == 1 || n <= maxBundle && w.hostBytes <= mostTaskBytes && l.memory(t, n, len(w.tasks)) <= budget {
			continue
		}
		full := w.members[:len(w.members)-1]
		*w = waitingCopies{}
		w.add(member{i, t})
		tasks.keep(waiting)
		if err := l.trainBundle(ctx, job, full, recorder); err != nil {
			return err
		}
	}
	for _, shape := range shapes {
		members := waiting[shape].members
		delete(waiting, shape)
		tasks.keep(waiting)
		if err := l.trainBundle(ctx, job, members, recorder); err != nil {
			return err
		}
	}
	return nil
}

const (
	// maxBundle bounds the copies of a bundle so that a launch's blocks can be counted.
	maxBundle = 1 << 14
	// mostTaskBytes is about what the tasks of a bundle may take of the host's memory.
	mostTaskBytes = 2 << 30
)

// waitingCopies are copies of one shape of a bundle that is not full, and their tasks.
type waitingCopies struct {
	members   []member
	tasks     map[*task]bool
	hostBytes int // of the tasks
}

func (w *waitingCopies) add(m member) {
	if w.tasks == nil {
		w.tasks = map[*task]bool{}
	}
	w.members = append(w.members, m)
	if !w.tasks[m.task] {
		w.tasks[m.task] = true
		w.hostBytes += m.task.bytes()
	}
}

// memory is what some copies of a shape with so many tasks between them take on the
// device.
func (l *trainer) memory(t *task, copies, tasks int) uint64 {
	var r cuda.Layout
	l.rooms(&r, t, copies, tasks)
	return r.Next
}

// rooms lays out the memory of some copies, and the outlooks and views beside it.
func (l *trainer) rooms(r *cuda.Layout, t *task, copies, tasks int) (layout *layout, outlooks, views array) {
	layout = layOut(r, t, l.size, copies, tasks, l.slotBytes)
	outlooks = numbers(r, 8, ofTask, 1, 1, tasks*outlookWords)
	views = numbers(r, 8, ofCopy, 1, 1, len(t.modules)*viewWords)
	return layout, outlooks, views
}

// trainBundle trains copies of one shape, half of them after the other where the device
// has no room for all.
func (l *trainer) trainBundle(ctx context.Context, job *linear.Job, members []member, recorder linear.Recorder) error {
	b, err := l.newBundle(job, members)
	if errors.Is(err, cuda.ErrOutOfMemory) {
		if len(members) == 1 {
			return fmt.Errorf("copy %d needs %s on the device, more than is free there; use fewer bits, copies of the blocks or hidden units, or the cpu backend: %w",
				members[0].index, cuda.Bytes(int64(l.memory(members[0].task, 1, 1))), errors.ErrUnsupported)
		}
		half := (len(members) + 1) / 2
		if err := l.trainBundle(ctx, job, members[:half], recorder); err != nil {
			return err
		}
		return l.trainBundle(ctx, job, members[half:], recorder)
	}
	if err != nil {
		return err
	}
	return errors.Join(b.train(ctx, recorder), b.close())
}

// distinctTasks are the tasks of some copies in the order of their first ones, and the
// number of each copy's.
func distinctTasks(members []member) (tasks []*task, number []int64) {
	known := map[*task]int64{}
	for _, m := range members {
		n, ok := known[m.task]
		if !ok {
			n = int64(len(tasks))
			known[m.task] = n
			tasks = append(tasks, m.task)
		}
		number = append(number, n)
	}
	return tasks, number
}

// initialWeights returns the initial weights of copy i of a job.
func initialWeights(job *linear.Job, i int) (*network.Weights, error) {
	if w := job.Copies[i].Weights; w != nil {
		return w, nil
	}
	_, w, err := job.Start(i)
	return w, err
}
