//go:build gpu

package cuda

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/network"
	"modspec/engine/train"
)

// largeDevice is what the large path asks of a device. Calls come one at a time, and
// each takes effect after those before it; what copies memory returns when it is done.
type largeDevice interface {
	// multiprocessors is how many the device has.
	multiprocessors() int
	// freeMemory is how many bytes could be allocated.
	freeMemory() (uint64, error)
	// allocate returns the address of zeroed memory. Its error wraps errOutOfMemory
	// where there is not so much.
	allocate(bytes uint64) (uint64, error)
	release(address uint64) error
	upload(address uint64, data []byte) error
	download(data []byte, address uint64) error
	// start queues a kernel of the large path for a list of operations and an index.
	start(kernel string, blocks, threads int, list, index uint64) error
	// record returns what queues again all that launches queues, at once, or nil
	// where the driver cannot.
	record(launches func() error) (recording, error)
	// wait returns when all that was queued is done.
	wait() error
}

// recording is launches that were recorded.
type recording interface {
	start() error
	release() error
}

// errOutOfMemory says that a device has too little free memory.
var errOutOfMemory = errors.New("the device is out of memory")

// large trains copies that are too large for the fused kernels, or whose steps are
// not theirs (mini-batches, β ≠ 0, outputs that modules share, many layers). All modules of a copy are
// trained together, and all copies of one shape that fit the device, step by step.
type large struct {
	device    largeDevice
	size      int // bytes of a Real: 4 or 8
	slotBytes int // bound on the room that copies pass through; see layOut
}

// usualSlotBytes is room for dozens of copies at bits 8: enough work for a device, and
// little beside its memory.
const usualSlotBytes = 256 << 20

// largeMember is a copy of a bundle.
type largeMember struct {
	index int // in the job
	task  *largeTask
}

// train trains some copies of a job, by shape and in bundles that fit the memory.
func (l *large) train(ctx context.Context, job *train.Job, copies []int, recorder train.Recorder) error {
	free, err := l.device.freeMemory()
	if err != nil {
		return err
	}
	budget := free - free/16 // what the driver and the lists of operations need
	tasks := &largeTasks{arch: job.Architecture}
	waiting := map[string][]largeMember{}
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
		list, known := waiting[t.shape]
		if !known {
			shapes = append(shapes, t.shape)
		}
		if more := append(list, largeMember{i, t}); len(list) == 0 || l.fits(more, budget) {
			waiting[t.shape] = more
			continue
		}
		if err := l.trainBundle(ctx, job, list, recorder); err != nil {
			return err
		}
		waiting[t.shape] = []largeMember{{i, t}}
		tasks.keep(waiting)
	}
	for _, shape := range shapes {
		if err := l.trainBundle(ctx, job, waiting[shape], recorder); err != nil {
			return err
		}
		delete(waiting, shape)
		tasks.keep(waiting)
	}
	return nil
}

// maxBundle bounds the copies of a bundle so that a launch's blocks can be counted.
const maxBundle = 1 << 14

// fits reports whether the copies' memory is within a budget.
func (l *large) fits(members []largeMember, budget uint64) bool {
	return len(members) <= maxBundle && l.memory(members) <= budget
}

// memory is what some copies of one shape take on the device.
func (l *large) memory(members []largeMember) uint64 {
	var r room
	l.rooms(&r, members)
	return r.next
}

// rooms lays out the memory of some copies, and the outlooks and views beside it.
func (l *large) rooms(r *room, members []largeMember) (layout *largeLayout, outlooks, views array) {
	t, tasks := members[0].task, countTasks(members)
	layout = layOut(r, t, l.size, len(members), tasks, l.slotBytes)
	outlooks = r.numbers(8, ofTask, 1, 1, tasks*outlookWords)
	views = r.numbers(8, ofCopy, 1, 1, len(t.modules)*viewWords)
	return layout, outlooks, views
}

// trainBundle trains copies of one shape, half of them after the other where the device
// has no room for all.
func (l *large) trainBundle(ctx context.Context, job *train.Job, members []largeMember, recorder train.Recorder) error {
	b, err := l.newBundle(job, members)
	if errors.Is(err, errOutOfMemory) {
		if len(members) == 1 {
			return fmt.Errorf("copy %d needs %s on the device, more than is free there; use fewer bits, copies of the blocks or hidden units, or the cpu backend: %w",
				members[0].index, bytesText(int64(l.memory(members))), errors.ErrUnsupported)
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

// keep forgets the tasks that no waiting copy has.
func (c *largeTasks) keep(waiting map[string][]largeMember) {
	c.tasks = nil
	seen := map[*largeTask]bool{}
	for _, list := range waiting {
		for _, m := range list {
			if !seen[m.task] {
				seen[m.task] = true
				c.tasks = append(c.tasks, m.task)
			}
		}
	}
}

// distinctTasks are the tasks of some copies in the order of their first ones, and the
// number of each copy's.
func distinctTasks(members []largeMember) (tasks []*largeTask, number []int64) {
	known := map[*largeTask]int64{}
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

func countTasks(members []largeMember) int {
	tasks, _ := distinctTasks(members)
	return len(tasks)
}

// startingWeights are where copy i of a job starts.
func startingWeights(job *train.Job, i int) (*network.Weights, error) {
	if w := job.Copies[i].Weights; w != nil {
		return w, nil
	}
	_, w, err := job.Start(i)
	return w, err
}
