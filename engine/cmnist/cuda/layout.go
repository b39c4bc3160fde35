//go:build gpu

package cuda

import (
	"fmt"

	"modspec/engine/cmnist"
	"modspec/engine/cuda"
)

// group is runs that train together on a device.
type group struct {
	*trainer
	members []*member
	room    int // images that are answered at a time, and that a batch may have
	queued  int // steps that are given to the device at a time
	memory  uint64
	bytes   int64 // of it
	program program
}

// answeredAtATime is how many images of each run are answered at a time between
// epochs, if batches are not larger.
const answeredAtATime = 64

// newGroup takes memory for some runs and brings over what they start from. Its error
// wraps cuda.ErrOutOfMemory where there is not so much memory.
func (t *trainer) newGroup(runs []int) (*group, error) {
	g := &group{trainer: t, room: max(t.job.Batch, answeredAtATime), queued: 1}
	for _, run := range runs {
		spec := &t.job.Runs[run]
		n, err := newNet(spec.Network, t.job.Data.Composition)
		if err != nil {
			return nil, err
		}
		g.members = append(g.members, &member{run: run, spec: spec, net: n})
	}
	var r room
	g.layOut(&r)
	var err error
	g.bytes = int64(r.next)
	if g.memory, err = t.device.Allocate(g.bytes, fmt.Sprintf("%d runs", len(runs))); err != nil {
		return nil, err
	}
	r.next = g.memory
	g.layOut(&r)
	if err := g.start(); err != nil {
		return nil, first(err, g.close())
	}
	return g, nil
}

// layOut gives everything its place.
func (g *group) layOut(r *room) {
	for _, m := range g.members {
		m.net.layOut(r, g.room, g.job.Batch, g.job.Data.Train.Count(), g.job.Momentum > 0)
	}
	g.program.layOut(g, r)
}

// close gives the group's memory back once nothing uses it any more. A broken device
// has lost it already.
func (g *group) close() error {
	if g.device.Broken() {
		return nil
	}
	return first(g.stream.Wait("what was begun"), g.device.Release(g.memory))
}

// start brings over what the members start from.
func (g *group) start() error {
	for _, m := range g.members {
		state, err := g.job.Start(m.run)
		if err != nil {
			return err
		}
		m.epoch = state.Epoch
		if err := g.bring(m, m.net.parameters, state.Parameters); err != nil {
			return err
		}
		if state.Velocity == nil {
			continue
		}
		if err := g.bring(m, m.net.velocity, state.Velocity); err != nil {
			return err
		}
	}
	return g.keep(g.members)
}

// bring copies parameters, or what lies like them, to the device.
func (g *group) bring(m *member, to stretch, p cmnist.Parameters) error {
	buffer := make([]float32, to.bytes/4)
	m.net.pack(buffer, p)
	return g.stream.Upload(to.address, cuda.AsBytes(buffer), fmt.Sprintf("the parameters of run %d", m.run+1))
}

// fetch copies parameters, or what lies like them, from the device.
func (g *group) fetch(m *member, from stretch) (cmnist.Parameters, error) {
	purpose := fmt.Sprintf("the parameters of run %d", m.run+1)
	buffer := make([]float32, from.bytes/4)
	if err := g.stream.Download(cuda.AsBytes(buffer), from.address, purpose); err != nil {
		return nil, err
	}
	if err := g.stream.Wait(purpose); err != nil {
		return nil, err
	}
	out, err := cmnist.Zero(m.net.network, g.job.Data.Composition)
	if err == nil {
		m.net.unpack(out, buffer)
	}
	return out, err
}

// save returns the checkpoint of a member as it is.
func (g *group) save(m *member) (*cmnist.Checkpoint, error) {
	out := &cmnist.Checkpoint{Epoch: m.epoch}
	var err error
	if out.Parameters, err = g.fetch(m, m.net.parameters); err != nil {
		return nil, err
	}
	if m.net.velocity.bytes > 0 {
		out.Velocity, err = g.fetch(m, m.net.velocity)
	}
	return out, err
}

// bringOrders copies the orders of the members' next epochs to the device.
func (g *group) bringOrders() error {
	order := make([]int32, g.job.Data.Train.Count())
	for _, m := range g.members {
		for i, image := range m.spec.Stream.Permutation(len(order), uint32(m.epoch)) {
			order[i] = int32(image)
		}
		if err := g.stream.Upload(m.net.order, cuda.AsBytes(order), "the order of images"); err != nil {
			return err
		}
	}
	return nil
}
