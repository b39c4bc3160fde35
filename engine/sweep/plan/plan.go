// Package plan says what a sweep will cost: network-steps, operations, memory, disk, and
// with samples on a backend the time. It also says how many copies to train as one job.
package plan

import (
	"errors"
	"fmt"
	"runtime"

	"modspec/engine/machine"
	"modspec/engine/program"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
)

// Options are what a plan depends on besides the sweep.
type Options struct {
	Shard   space.Shard // which copies are run here; the zero Shard is all of them
	Threads int         // cores that train; 0 means all
	// Plain says that the backend trains in plain coordinates, as the reference
	// does: with Σ_x whole, and many times the work.
	Plain bool
	// NoTrajectories says that the table of trajectories is not written.
	NoTrajectories bool
	// JobCopies is how many copies of a group are trained as one job, where the backend
	// is a device that asks for very many; 0 means as many as [Group.ChunkCopies].
	JobCopies int
	// Lanes is how many copies the cpu backend's vectors hold; 0 means the widest's.
	Lanes int
	// ProgramMemory returns the bytes that are alive at once while runs of a training
	// are trained side by side on a number of threads. If it is nil, each of the runs,
	// one on a thread, keeps every result of a program, as on the reference backend.
	ProgramMemory func(t *program.Training, threads, runs int) (float64, error)
	// Memory is what the run may take; 0 means what [machine.Memory] finds free.
	Memory Bytes
}

// A Plan is what a sweep will cost, computed without training anything but, in
// [Plan.Calibrate], a few samples.
type Plan struct {
	Candidates int            // combinations or draws that the file names
	Skipped    int            // of them, those that cannot be trained
	Reasons    []space.Reason // why
	Duplicates int            // of them, those equal to an earlier one
	Points     int
	Seeds      int
	Copies     int // points × seeds
	// Trajectories says whether the table of trajectories is written: it is wanted, and
	// more is recorded than both ends.
	Trajectories bool
	Own          int // copies of this shard; what follows is of these alone

	NetworkSteps float64 // steps of module copies
	FLOPs        float64 // floating-point operations of all steps
	Observations float64 // recordings
	Memory       Bytes   // estimated peak
	Available    Bytes   // memory there is; 0 if the system does not say
	AvailableBy  string  // the limit that leaves so little, such as a control group's file; "" is the machine itself
	Disk         Bytes   // estimated size of the results
	Seconds      float64 // estimated time; 0 until Calibrate
	Measured     float64 // share of the work whose speed was measured, 0 to 1, the rest being inferred

	Groups []Group

	space   *space.Space
	options Options
}

// A Group is what the copies of one shape cost.
type Group struct {
	Shape        string
	Points       int // in the whole sweep
	Copies       int // in this shard
	Steps        int // of one copy
	Observations int // recordings of one copy
	Work         train.Work
	NetworkSteps float64
	FLOPs        float64 // of all steps and observations
	Memory       Bytes
	Disk         Bytes
	Seconds      float64 // estimated; 0 until Calibrate

	model        train.Estimator
	trajectories bool // whether they are kept and written
}

// New counts what a sweep will cost. A plan for a sweep that cannot be run
// is still a plan, to be shown; [Plan.Check] says whether it can.
func New(s *space.Space, o Options) (*Plan, error) {
	if err := o.Shard.Check(); err != nil {
		return nil, err
	}
	limit := o.complete()
	p := &Plan{
		Candidates: s.File.Candidates(), Skipped: s.Skipped, Reasons: s.Reasons, Duplicates: s.Duplicates,
		Points: s.Len(), Seeds: s.File.Seeds.Len(), Copies: s.Copies(), Available: o.Memory, AvailableBy: limit,
		Trajectories: !o.NoTrajectories && s.File.Schedule != (train.Schedule{}),
		space:        s, options: o,
	}
	for i := range s.Groups {
		g, err := planGroup(s, i, o, p.Trajectories)
		if err != nil {
			return nil, err
		}
		p.add(g)
	}
	p.Memory = Bytes(baseBytes) + collectorFactor*(p.Memory+indexBytes(s))
	return p, nil
}

// complete fills in defaults, and returns what limits the memory, if not the machine.
func (o *Options) complete() (limit string) {
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Memory == 0 {
		// An error is that the system does not say: then nothing is compared.
		room, _ := machine.Memory()
		o.Memory, limit = Bytes(room.Free), room.By
	}
	return limit
}

// indexBytes is what a space holds: two 32-bit numbers a point, and its groups.
func indexBytes(s *space.Space) Bytes { return Bytes(8*s.Len() + 512*len(s.Groups)) }

func (p *Plan) add(g Group) {
	p.Own += g.Copies
	p.NetworkSteps += g.NetworkSteps
	p.FLOPs += g.FLOPs
	p.Observations += float64(g.Copies) * float64(g.Observations)
	p.Memory = max(p.Memory, g.Memory)
	p.Disk += g.Disk
	p.Groups = append(p.Groups, g)
}

func planGroup(s *space.Space, i int, o Options, trajectories bool) (Group, error) {
	group := &s.Groups[i]
	// Of the first n copies a shard has Shard.Of(n), so of a run of copies it has
	// the difference.
	own := o.Shard.Of(group.First+group.Copies) - o.Shard.Of(group.First)
	g := Group{Shape: group.Shape, Points: group.Points(), Copies: own, trajectories: trajectories}
	var err error
	if g.model, err = estimator(s.File.Kind, s.Job(group, 1).Runs[0].Model, own, o); err != nil {
		return g, fmt.Errorf("at %s: %w", g.Shape, err)
	}
	g.Steps = g.model.Steps()
	g.Observations = s.File.Schedule.Count(g.Steps)
	g.Work = g.model.Work(o.place(s.File))
	copies := float64(own)
	g.NetworkSteps = copies * float64(g.Steps)
	g.FLOPs = copies * (float64(g.Steps)*g.Work.Step + float64(g.Observations)*g.Work.Observe)
	g.Memory = Bytes(g.memory(s.File, o))
	g.Disk = Bytes(copies * (g.runBytes() + float64(g.written())*g.observationBytes()))
	return g, nil
}

// place says how the backend trains.
func (o Options) place(f *spec.File) train.Place {
	return train.Place{Plain: o.Plain, Device: o.JobCopies > 0, Lanes: o.Lanes, Threads: o.Threads, Precision: f.Precision}
}

// Check returns an error if the sweep cannot be run: what [train.Job.Check] refuses
// of any group, too many recordings, a matrix beyond what is formed at once,
// or more memory than there is. It names the group, the numbers, and what to change.
func (p *Plan) Check() error {
	var problems []error
	for i := range p.Groups {
		g := &p.Groups[i]
		if err := p.checkJob(i); err != nil {
			return fmt.Errorf("at %v: %w", g.Shape, err)
		}
		// Where memory is short, the group that needs the most is named.
		if p.Available > 0 && p.Memory > p.Available && g.Memory == p.largest() {
			problems = append(problems, fmt.Errorf("the sweep needs about %v of memory, but %v is available%s; most of it at %v: use smaller networks or batches, record less often, or run fewer threads than %d",
				p.Memory, p.Available, limitText(p.AvailableBy), g.Shape, p.options.Threads))
			break
		}
	}
	return errors.Join(problems...)
}

// checkJob lets package train and the model say whether a job of a group can be run: its
// copies differ in nothing that they bound.
func (p *Plan) checkJob(i int) error {
	job := p.space.Job(&p.space.Groups[i], 1)
	if err := job.Check(); err != nil {
		return err
	}
	return p.Groups[i].model.Fits(p.options.place(p.space.File))
}

// limitText names what leaves so little memory, if it is not the machine itself.
func limitText(limit string) string {
	if limit == "" {
		return ""
	}
	return " (the limit is " + limit + ")"
}

func (p *Plan) largest() Bytes {
	largest := Bytes(0)
	for i := range p.Groups {
		largest = max(largest, p.Groups[i].Memory)
	}
	return largest
}

// ChunkCopies returns how many copies of a group to train as one job, for
// space.Space.Chunks.
func (p *Plan) ChunkCopies(g *space.Group) int {
	if p.options.JobCopies > 0 {
		return p.options.JobCopies
	}
	return p.Groups[g.Index].ChunkCopies()
}
