package program

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// A Builder appends nodes to a program. Equal nodes are made once. After the
// first error every call returns an invalid value, and Build the error.
type Builder struct {
	draft *Draft // whose variables and settings it has; nil for a program of its own
	nodes []Node
	// place finds a node by what it computes.
	place   map[string]Value
	draws   map[Draw]Value
	counts  map[int][]float64 // see numbers
	outputs []Output
	err     error
}

// NewBuilder returns a builder of a program without variables and settings.
func NewBuilder() *Builder {
	// Node 0 stands for None; no program has it.
	return &Builder{nodes: make([]Node, 1), place: map[string]Value{}, draws: map[Draw]Value{}, counts: map[int][]float64{}}
}

// Shape returns the shape of a value. It must not be changed.
func (b *Builder) Shape(v Value) []int {
	if v <= None || int(v) >= len(b.nodes) {
		return nil
	}
	return b.nodes[v].Shape
}

// Output names a result of the program. Results come in the order of the calls.
func (b *Builder) Output(name string, v Value) {
	if !b.valid("Output", v) {
		return
	}
	if slices.ContainsFunc(b.outputs, func(o Output) bool { return o.Name == name }) {
		b.fail("Output", fmt.Errorf("two results are named %q", name))
		return
	}
	b.outputs = append(b.outputs, Output{name, v})
}

// Build returns the program: the nodes that its results depend on. The error is
// the first of all calls and names the operation, the shapes and the line of the
// caller.
func (b *Builder) Build() (*Program, error) {
	if b.err != nil {
		return nil, b.err
	}
	used := make([]bool, len(b.nodes))
	for _, o := range b.outputs {
		used[o.Value] = true
	}
	for v := len(b.nodes) - 1; v >= 0; v-- {
		if used[v] {
			for _, in := range b.nodes[v].In {
				used[in] = true
			}
		}
	}
	p := &Program{}
	moved := make([]Value, len(b.nodes))
	for v, n := range b.nodes {
		if !used[v] {
			continue
		}
		n.In = slices.Clone(n.In)
		for i, in := range n.In {
			n.In[i] = moved[in]
		}
		moved[v] = Value(len(p.Nodes))
		p.Nodes = append(p.Nodes, n)
	}
	for _, o := range b.outputs {
		p.Outputs = append(p.Outputs, Output{o.Name, moved[o.Value]})
	}
	return p, nil
}

// fail keeps the first error, with the line outside this package that caused it.
func (b *Builder) fail(what string, err error) Value {
	if b.err == nil {
		b.err = fmt.Errorf("%s (%s): %w", what, caller(), err)
	}
	return None
}

// caller returns file and line of the innermost caller outside this package's
// own files.
func caller() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "modspec/engine/program.") || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return "unknown line"
		}
	}
}

// valid reports whether values are results of this builder.
func (b *Builder) valid(what string, values ...Value) bool {
	if b.err != nil {
		return false
	}
	for _, v := range values {
		if v <= None || int(v) >= len(b.nodes) {
			b.fail(what, fmt.Errorf("the operand %d is no value of this program", v))
			return false
		}
	}
	return true
}

// add appends a node, or finds an equal one. The table's rule gives the shape of
// an operation that has one; of others it is n.Shape.
func (b *Builder) add(n Node) Value {
	operation := &Operations[n.Op]
	if !b.valid(operation.Name, n.In...) {
		return None
	}
	if operation.shape != nil {
		in := make([][]int, len(n.In))
		for i, v := range n.In {
			in[i] = b.nodes[v].Shape
		}
		shape, err := operation.shape(&n, in)
		if err != nil {
			return b.fail(operation.Name, err)
		}
		n.Shape = shape
	}
	if err := checkShape(n.Shape); err != nil {
		return b.fail(operation.Name, err)
	}
	key := fmt.Sprint(n.describe(), n.Shape)
	if v, ok := b.place[key]; ok {
		return v
	}
	v := Value(len(b.nodes))
	b.nodes = append(b.nodes, n)
	b.place[key] = v
	return v
}

// Constant is a tensor that is the same in all runs. The data is kept, not
// copied, and must not be changed.
func (b *Builder) Constant(data []float64, shape ...int) Value {
	if err := checkShape(shape); err != nil {
		return b.fail("Constant", err)
	}
	if Size(shape) != len(data) {
		return b.fail("Constant", fmt.Errorf("there are %d numbers for the shape %v, which has %d elements", len(data), shape, Size(shape)))
	}
	return b.add(Node{Op: Constant, Data: data, Shape: shape})
}

// ByteConstant is a constant of at most 256 different numbers, which takes a byte an
// element: element i is numbers[bytes[i]]. Both are kept, not copied, and must not be
// changed. Rows that Gather takes of it may be formed as they are taken.
func (b *Builder) ByteConstant(bytes []byte, numbers *[256]float64, shape ...int) Value {
	if err := checkShape(shape); err != nil {
		return b.fail("ByteConstant", err)
	}
	if Size(shape) != len(bytes) {
		return b.fail("ByteConstant", fmt.Errorf("there are %d bytes for the shape %v, which has %d elements", len(bytes), shape, Size(shape)))
	}
	if len(bytes) == 0 {
		return b.Constant(nil, shape...)
	}
	return b.add(Node{Op: Constant, Data: numbers[:], Bytes: bytes, Shape: shape})
}

// Scalar is a constant scalar.
func (b *Builder) Scalar(v float64) Value { return b.Constant([]float64{v}) }

// Read is the value that a variable has before the step; the shape is the
// variable's.
func (b *Builder) Read(v Variable) Value {
	if b.draft == nil || int(v) < 0 || int(v) >= len(b.draft.variables) {
		return b.fail("Read", fmt.Errorf("there is no variable %d", v))
	}
	return b.add(Node{Op: Read, Count: int(v), Shape: b.draft.variables[v].Shape})
}

// Setting is a scalar that each run brings, such as its learning rate. The settings of
// a draft have the order in which they are first named, in any of its programs.
func (b *Builder) Setting(name string) Value {
	if b.draft == nil {
		return b.fail("Setting", fmt.Errorf("the setting %q belongs to no training", name))
	}
	return b.add(Node{Op: Setting, Count: b.draft.setting(name), Shape: []int{}})
}

// Steps is the number of steps done before this one, a scalar.
func (b *Builder) Steps() Value { return b.add(Node{Op: Steps, Shape: []int{}}) }

// draw appends a draw, which must be the only one of its name in the program:
// equal names would give equal numbers.
func (b *Builder) draw(op Op, d Draw, count int, shape []int) Value {
	name, most := Operations[op].Name, uint32(maxDraw)
	if op == Batch {
		most = maxBatchDraw
	}
	switch {
	case d.Stream < 0:
		return b.fail(name, fmt.Errorf("the stream is %d, but must be 0 or more", d.Stream))
	case d.Number > most:
		return b.fail(name, fmt.Errorf("the draw is number %d, but must be 0 to %d", d.Number, most))
	}
	v := b.add(Node{Op: op, Draw: d, Count: count, Shape: shape})
	if other, ok := b.draws[d]; ok && other != v && b.err == nil {
		return b.fail(name, fmt.Errorf("draw %d of stream %d is used for another node too; equal draws give equal numbers", d.Number, d.Stream))
	}
	if b.draft != nil {
		b.draft.streams = max(b.draft.streams, d.Stream+1)
	}
	b.draws[d] = v
	return v
}

// Normal draws standard normals.
func (b *Builder) Normal(d Draw, shape ...int) Value { return b.draw(Normal, d, 0, shape) }

// Uniform draws numbers of the open interval (0, 1).
func (b *Builder) Uniform(d Draw, shape ...int) Value { return b.draw(Uniform, d, 0, shape) }

// Whole draws whole numbers from 0 to below, without below itself; 1 ≤ below ≤ 2²⁴.
func (b *Builder) Whole(d Draw, below int, shape ...int) Value {
	if below < 1 || below > maxRows {
		return b.fail("Whole", fmt.Errorf("the bound is %d, but must be 1 to %d", below, maxRows))
	}
	return b.draw(Whole, d, below, shape)
}

// Batch gives the indices of the step's mini-batch of size examples from count;
// 1 ≤ size ≤ count ≤ 2²⁴. See [Batch].
func (b *Builder) Batch(d Draw, count, size int) Value {
	if count < 1 || count > maxRows || size < 1 || size > count {
		return b.fail("Batch", fmt.Errorf("a batch has %d of %d examples, but must have 1 to all of at most %d", size, count, maxRows))
	}
	return b.draw(Batch, d, count, []int{size})
}

func (b *Builder) unary(op Op, x Value) Value     { return b.add(Node{Op: op, In: []Value{x}}) }
func (b *Builder) binary(op Op, x, y Value) Value { return b.add(Node{Op: op, In: []Value{x, y}}) }

// Affine is scale·x + shift.
func (b *Builder) Affine(x Value, scale, shift float64) Value {
	if scale == 1 && shift == 0 {
		return x
	}
	return b.add(Node{Op: Affine, In: []Value{x}, A: scale, B: shift})
}

// Scale is by·x.
func (b *Builder) Scale(x Value, by float64) Value { return b.Affine(x, by, 0) }

// Add is x + y. The operands have equal shapes; so have those of all elementwise
// operations. [Builder.Like] gives a scalar the shape of another operand, and
// [Builder.Broadcast] repeats a tensor along a new axis.
func (b *Builder) Add(x, y Value) Value      { return b.binary(Add, x, y) }
func (b *Builder) Subtract(x, y Value) Value { return b.binary(Subtract, x, y) }
func (b *Builder) Multiply(x, y Value) Value { return b.binary(Multiply, x, y) }
func (b *Builder) Divide(x, y Value) Value   { return b.binary(Divide, x, y) }

// Maximum is the larger of x and y; see [Maximum].
func (b *Builder) Maximum(x, y Value) Value { return b.binary(Maximum, x, y) }

// Less is 1 where x < y and 0 elsewhere. It has no gradient.
func (b *Builder) Less(x, y Value) Value { return b.binary(Less, x, y) }

// Select is x where condition is not 0, and y elsewhere.
func (b *Builder) Select(condition, x, y Value) Value {
	return b.add(Node{Op: Select, In: []Value{condition, x, y}})
}

func (b *Builder) Relu(x Value) Value     { return b.unary(Relu, x) }
func (b *Builder) Exp(x Value) Value      { return b.unary(Exp, x) }
func (b *Builder) Log(x Value) Value      { return b.unary(Log, x) }
func (b *Builder) Sqrt(x Value) Value     { return b.unary(Sqrt, x) }
func (b *Builder) Tanh(x Value) Value     { return b.unary(Tanh, x) }
func (b *Builder) Sigmoid(x Value) Value  { return b.unary(Sigmoid, x) }
func (b *Builder) Softplus(x Value) Value { return b.unary(Softplus, x) }
func (b *Builder) Erf(x Value) Value      { return b.unary(Erf, x) }
func (b *Builder) Sin(x Value) Value      { return b.unary(Sin, x) }
func (b *Builder) Cos(x Value) Value      { return b.unary(Cos, x) }

// Atan2 is the angle of the point with the coordinates x and y.
func (b *Builder) Atan2(y, x Value) Value { return b.binary(Atan2, y, x) }

// Stop is x, through which no gradient goes.
func (b *Builder) Stop(x Value) Value { return b.unary(Stop, x) }

// Reshape has the elements of x in another shape of the same size.
func (b *Builder) Reshape(x Value, shape ...int) Value {
	if !b.valid("Reshape", x) {
		return None
	}
	if err := checkShape(shape); err != nil {
		return b.fail("Reshape", err)
	}
	have := b.Shape(x)
	if slices.Equal(have, shape) {
		return x
	}
	if Size(have) != Size(shape) {
		return b.fail("Reshape", fmt.Errorf("the operand %v has %d elements, but the shape %v has %d", have, Size(have), shape, Size(shape)))
	}
	return b.add(Node{Op: Reshape, In: []Value{x}, Shape: shape})
}

// Transpose exchanges axes: axis i of the result is axis order[i] of x.
func (b *Builder) Transpose(x Value, order ...int) Value {
	return b.add(Node{Op: Transpose, In: []Value{x}, Order: order})
}

// Slice is the part low ≤ i < high of an axis.
func (b *Builder) Slice(x Value, axis, low, high int) Value {
	return b.add(Node{Op: Slice, In: []Value{x}, Axis: axis, Low: low, High: high})
}

// Pad puts zeros before and after the elements of an axis.
func (b *Builder) Pad(x Value, axis, before, after int) Value {
	return b.add(Node{Op: Pad, In: []Value{x}, Axis: axis, Low: before, High: after})
}

// Concat joins tensors along an axis.
func (b *Builder) Concat(axis int, parts ...Value) Value {
	if len(parts) == 0 {
		return b.fail("Concat", fmt.Errorf("there are no operands, but must be 1 or more"))
	}
	return b.add(Node{Op: Concat, In: parts, Axis: axis})
}

// Broadcast repeats x count times along a new axis, which is axis number axis of
// the result.
func (b *Builder) Broadcast(x Value, axis, count int) Value {
	if !b.valid("Broadcast", x) {
		return None
	}
	have := b.Shape(x)
	if axis < 0 || axis > len(have) {
		return b.fail("Broadcast", fmt.Errorf("the new axis is %d, but must be 0 to %d for the operand %v", axis, len(have), have))
	}
	return b.add(Node{Op: Broadcast, In: []Value{x}, Axis: axis, Shape: slices.Insert(slices.Clone(have), axis, count)})
}

// Sum adds the elements along an axis, which it removes.
func (b *Builder) Sum(x Value, axis int) Value {
	return b.add(Node{Op: Sum, In: []Value{x}, Axis: axis})
}

// Softmax is e^x / Σ e^x along the last axis.
func (b *Builder) Softmax(x Value) Value { return b.unary(Softmax, x) }

// LogSoftmax is x − ln Σ e^x along the last axis.
func (b *Builder) LogSoftmax(x Value) Value { return b.unary(LogSoftmax, x) }

// TopK is 1 at the count largest elements of the last axis and 0 elsewhere.
func (b *Builder) TopK(x Value, count int) Value {
	return b.add(Node{Op: TopK, In: []Value{x}, Count: count})
}

// Gather takes rows of a table: result[i…, j…] = table[indices[i…], j…]. The row
// −1 is zeros.
func (b *Builder) Gather(table, indices Value) Value { return b.binary(Gather, table, indices) }

// MatMul is the product over the last two axes of x and y, which tx and ty
// transpose first. Leading axes are equal.
func (b *Builder) MatMul(x, y Value, tx, ty bool) Value {
	return b.add(Node{Op: MatMul, In: []Value{x, y}, TX: tx, TY: ty})
}

// Conv2D is the valid cross-correlation of images (batch × channels × height ×
// width) with windows (filters × channels × height × width), stride 1.
func (b *Builder) Conv2D(images, windows Value) Value { return b.binary(Conv2D, images, windows) }

// Conv2DInput is the adjoint of Conv2D in the images: from results and windows
// to images.
func (b *Builder) Conv2DInput(results, windows Value) Value {
	return b.binary(Conv2DInput, results, windows)
}

// Conv2DWeights is the adjoint of Conv2D in the windows: from images and results
// to windows.
func (b *Builder) Conv2DWeights(images, results Value) Value {
	return b.binary(Conv2DWeights, images, results)
}
