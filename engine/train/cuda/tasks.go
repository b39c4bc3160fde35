//go:build gpu

package cuda

import (
	"fmt"
	"strings"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// tasks are the tasks of a job. One that is equal but stored twice is prepared once.
// They are noted first and made then, which several goroutines may do at once for
// different ones.
type tasks struct {
	arch  network.Architecture
	known map[taskPointer]*task
	equal map[string]*task
}

// taskPointer is a task as a copy names it, and what of its rule a task depends on.
type taskPointer struct {
	linear *linear.Task
	rule   ruleKind
}

// ruleKind is which terms a rule has.
type ruleKind struct {
	gamma bool
	beta  int // sign
}

func pointerOf(c *linear.Copy) taskPointer {
	p := taskPointer{linear: c.Task, rule: ruleKind{gamma: c.Rule.Gamma != 0}}
	switch {
	case c.Rule.Beta > 0:
		p.rule.beta = 1
	case c.Rule.Beta < 0:
		p.rule.beta = -1
	}
	return p
}

func newTasks(arch network.Architecture) *tasks {
	return &tasks{arch: arch, known: map[taskPointer]*task{}, equal: map[string]*task{}}
}

// note adds an entry for a copy's task and reports whether it is a new one.
func (k *tasks) note(c *linear.Copy) bool {
	pointer := pointerOf(c)
	if k.known[pointer] != nil {
		return false
	}
	text := describeTask(pointer)
	t, isOld := k.equal[text]
	if !isOld {
		t = &task{}
		k.equal[text] = t
	}
	k.known[pointer] = t
	return !isOld
}

// make prepares the task of a copy, which was noted. Panics of gonum, which are faults
// of this package, come back as errors.
func (k *tasks) make(c *linear.Copy) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cuda backend, preparing a task: %v", r)
		}
	}()
	t, err := newTask(k.arch, c.Task, c.Rule)
	if err == nil {
		*k.ready(c) = *t
	}
	return err
}

// ready returns the task of a copy, which was noted.
func (k *tasks) ready(c *linear.Copy) *task { return k.known[pointerOf(c)] }

// describeTask names everything that decides what a task is. Teachers are compared by
// their address.
func describeTask(t taskPointer) string {
	var s strings.Builder
	l, p := t.linear, t.linear.Point
	fmt.Fprintf(&s, "%v %d %v %v %d %d %x %p %d %v %v", t.rule, p.Bits, p.InputBits, p.OutputBits, p.KX, p.KY, p.R,
		l.Teacher, l.Batch, l.Examples == nil, l.Examples)
	return s.String()
}
