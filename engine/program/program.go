package program

import (
	"fmt"
	"strconv"
	"strings"

	"modspec/engine/random"
)

// A Value is the result of a node: its place in the list of nodes. Of a
// [Builder], the value 0 is [None].
type Value int32

// None is no value: a layer without biases, an optimizer without momentum, the
// result of a call that failed.
const None Value = 0

// A Program is a list of nodes, each of which uses results of earlier ones.
type Program struct {
	Nodes   []Node
	Outputs []Output
}

// An Output is a result of a program.
type Output struct {
	Name  string
	Value Value
}

// A Node is one operation of a program. Which of the attributes an operation
// has is said at its constant.
type Node struct {
	Op    Op
	In    []Value
	Shape []int // of the result

	A, B      float64   // Affine
	TX, TY    bool      // MatMul: whether an operand is transposed
	Axis      int       // Broadcast, Sum, Slice, Pad, Concat
	Low, High int       // Slice: bounds; Pad: elements before and after
	Order     []int     // Transpose
	Count     int       // TopK, Whole, Batch, Read, Setting
	Draw      Draw      // Normal, Uniform, Whole, Batch
	Data      []float64 // Constant: the elements, or the 256 numbers that Bytes stand for; not changed by anybody
	Bytes     []byte    // Constant: element i is Data[Bytes[i]]; nil where it is Data[i]

	Input string // the name of the value as an input of the task, or ""; see [Builder.Input]
}

// Size returns the number of elements of the node's result.
func (n *Node) Size() int { return Size(n.Shape) }

// Size returns the number of elements of a shape.
func Size(shape []int) int {
	size := 1
	for _, n := range shape {
		size *= n
	}
	return size
}

// Numbers returns the elements low ≤ i < high of a constant, which must not be changed.
func (n *Node) Numbers(low, high int) []float64 {
	if n.Bytes == nil {
		return n.Data[low:high]
	}
	numbers := make([]float64, high-low)
	for i, code := range n.Bytes[low:high] {
		numbers[i] = n.Data[code]
	}
	return numbers
}

// A Draw names the random numbers of a node.
type Draw struct {
	Stream int    // which of the run's streams; see Run
	Number uint32 // which draw of it, 0 to 65535, of mini-batches 0 to 4095; each node of a program has one of its own
}

// A Run has the streams, settings and first checkpoint of one run.
type Run struct {
	// Streams are the sources of random numbers, by [Draw.Stream].
	Streams []random.Stream
	// Settings are the values of the settings, in the order of
	// [Training.Settings].
	Settings []float64
	// From is where the run begins; nil for step 0 and the initial values of Start.
	From *Checkpoint
}

// A Checkpoint is all of a run that changes from step to step. With the run's streams
// and settings it determines every number that follows.
type Checkpoint struct {
	Step      int         // steps done
	Variables [][]float64 // after them, in the order of Training.Variables; float64 holds those of float32 exactly
}

// Begin returns the steps done where the run begins.
func (r *Run) Begin() int {
	if r.From == nil {
		return 0
	}
	return r.From.Step
}

// A Place is what the results of a program depend on.
type Place struct {
	Run       Run
	Step      int         // steps done; −1 for initial values
	Variables [][]float64 // before the step, in the order of Training.Variables
}

// Check returns an error if a run lacks what a training needs, or begins with variables
// that the training does not have or that are not finite.
func (r *Run) Check(t *Training) error {
	if len(r.Streams) != t.Streams {
		return fmt.Errorf("the run has %d streams of random numbers, but its training uses %d", len(r.Streams), t.Streams)
	}
	if len(r.Settings) != len(t.Settings) {
		return fmt.Errorf("the run has %d settings, but its training has %d: %s", len(r.Settings), len(t.Settings), strings.Join(t.Settings, ", "))
	}
	if r.From == nil {
		return nil
	}
	return r.From.Check(t)
}

// Check returns an error if the step is negative, or the variables are not those of a
// training or not finite.
func (c *Checkpoint) Check(t *Training) error {
	if c.Step < 0 {
		return fmt.Errorf("the checkpoint is of step %d, but must be of 0 or more", c.Step)
	}
	if len(c.Variables) != len(t.Variables) {
		return fmt.Errorf("the checkpoint has %d variables, but the training has %d", len(c.Variables), len(t.Variables))
	}
	for v, info := range t.Variables {
		name := fmt.Sprintf("the variable %q of the checkpoint", info.Name)
		if len(c.Variables[v]) != Size(info.Shape) {
			return fmt.Errorf("%s has %d elements, but the shape %v has %d", name, len(c.Variables[v]), info.Shape, Size(info.Shape))
		}
		if err := (Tensor{info.Shape, c.Variables[v]}).check(name, info.Shape); err != nil {
			return err
		}
	}
	return nil
}

// String lists the nodes, one a line, for error messages and tests.
func (p *Program) String() string {
	var b strings.Builder
	for i := range p.Nodes {
		n := &p.Nodes[i]
		fmt.Fprintf(&b, "%%%d %v = %s\n", i, n.Shape, n.describe())
	}
	for _, o := range p.Outputs {
		fmt.Fprintf(&b, "%s = %%%d\n", o.Name, o.Value)
	}
	return b.String()
}

// describe writes the operation, its operands and its attributes. Two nodes with equal
// descriptions compute the same; data of constants is compared by its address.
func (n *Node) describe() string {
	parts := []string{Operations[n.Op].Name}
	for _, v := range n.In {
		parts = append(parts, "%"+strconv.Itoa(int(v)))
	}
	switch n.Op {
	case Affine:
		parts = append(parts, exact(n.A), exact(n.B))
	case MatMul:
		parts = append(parts, strconv.FormatBool(n.TX), strconv.FormatBool(n.TY))
	case Broadcast, Sum, Concat:
		parts = append(parts, "axis", strconv.Itoa(n.Axis))
	case Slice, Pad:
		parts = append(parts, "axis", strconv.Itoa(n.Axis), strconv.Itoa(n.Low), strconv.Itoa(n.High))
	case Transpose:
		parts = append(parts, fmt.Sprint(n.Order))
	case TopK, Read, Setting:
		parts = append(parts, strconv.Itoa(n.Count))
	case Normal, Uniform, Whole, Batch:
		parts = append(parts, fmt.Sprintf("stream %d draw %d", n.Draw.Stream, n.Draw.Number), strconv.Itoa(n.Count))
	case Constant:
		if n.Bytes != nil {
			parts = append(parts, fmt.Sprintf("%d bytes at %p", len(n.Bytes), n.Bytes))
		}
		if len(n.Data) > 4 {
			parts = append(parts, fmt.Sprintf("%d numbers at %p", len(n.Data), &n.Data[0]))
			break
		}
		for _, v := range n.Data {
			parts = append(parts, exact(v))
		}
	}
	return strings.Join(parts, " ")
}

// exact writes a number so that different numbers have different texts.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
