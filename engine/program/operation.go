package program

// An Op is an operation: a row of [Operations].
type Op uint8

// The operations. x and y are operands, v is the result; products of shapes are
// written ×.
const (
	// Constant is a tensor that is the same in all runs: Data, or what Bytes stand for.
	Constant Op = iota
	// Read is variable Count of the training before the step.
	Read
	// Setting is setting Count of the run, a scalar.
	Setting
	// Steps is the number of steps done, a scalar.
	Steps
	// Normal draws standard normals: random.Stream.Normal.
	Normal
	// Uniform draws from the open interval (0, 1): random.Uniform. A backend in
	// float32 rounds it, so 1 can occur there.
	Uniform
	// Whole draws whole numbers 0 to Count − 1: the high half of word·Count.
	Whole
	// Batch gives the indices of the step's mini-batch from Count examples, a
	// vector: the examples in a new order (random.Stream.Permutation) in each
	// epoch. An epoch ends with the batch that has its last example; places after
	// that hold −1.
	Batch

	// Affine is A·x + B.
	Affine
	Add      // x + y
	Subtract // x − y
	Multiply // x·y
	Divide   // x / y
	// Maximum is the larger of x and y, NaN if one of them is NaN. Its gradient
	// goes to x where x > y, otherwise to y.
	Maximum
	Less // 1 where x < y, otherwise 0; no gradient
	// Select is x where the first operand is not 0, otherwise y.
	Select
	// Relu is x where x > 0 or x is NaN, otherwise 0. Its gradient at 0 is 0.
	Relu
	Exp
	Log
	Sqrt
	Tanh
	Sigmoid  // 1 / (1 + e^−x)
	Softplus // ln(1 + e^x)
	Erf
	Sin
	Cos
	Atan2 // the angle of the point (x: second operand, y: first operand)

	// Reshape has the elements of x in another shape of the same size.
	Reshape
	// Transpose exchanges axes: axis i of the result is axis Order[i] of x.
	Transpose
	// Slice is the part Low ≤ i < High of an axis.
	Slice
	// Pad puts Low zeros before and High zeros after the elements of an axis.
	Pad
	// Concat joins tensors along an axis.
	Concat
	// Broadcast repeats x along a new axis.
	Broadcast

	// Sum adds the elements along an axis, which it removes.
	Sum
	// Softmax is e^x / Σ e^x along the last axis.
	Softmax
	// LogSoftmax is x − ln Σ e^x along the last axis.
	LogSoftmax
	// TopK is 1 at the Count largest elements of the last axis and 0 elsewhere;
	// of equal elements the earlier counts as larger. NaN counts as smaller than
	// any number. No gradient.
	TopK

	// Gather takes rows of a table: v[i…, j…] = x[y[i…], j…]. The row −1 is zeros.
	// Other indices that are no row are an error.
	Gather

	// MatMul is the matrix product over the last two axes, of operands that TX
	// and TY transpose first. Leading axes are equal in both and in the result.
	MatMul
	// Conv2D is the valid cross-correlation with stride 1:
	// v[b, f, i, j] = Σ x[b, c, i+k, j+l]·y[f, c, k, l].
	Conv2D
	// Conv2DInput is the adjoint of Conv2D in its first operand:
	// v[b, c, i, j] = Σ x[b, f, i−k, j−l]·y[f, c, k, l].
	Conv2DInput
	// Conv2DWeights is the adjoint of Conv2D in its second operand:
	// v[f, c, k, l] = Σ x[b, c, i+k, j+l]·y[b, f, i, j].
	Conv2DWeights

	// Stop is x, through which no gradient goes.
	Stop

	numOps
)

// An Operation is what holds for an operation everywhere.
type Operation struct {
	Name     string
	Operands int // −1: one or more
	// Elementwise says that element i of the result depends on element i of each
	// operand alone, and that all shapes are equal.
	Elementwise bool
	// shape returns the shape of the result for operands of the given shapes, or
	// an error that says what does not fit. It is nil for an operation whose
	// builder method gives the shape.
	shape func(n *Node, in [][]int) ([]int, error)
	// gradient returns the gradient of the loss in each operand of node v with
	// attributes n, from the gradient g in its result. An operand without
	// gradient has none. It is nil for an operation that has no gradient.
	gradient func(b *Builder, n *Node, v, g Value) []Value
	// products returns the number of multiply-adds of a product; nil means 0.
	products func(n *Node, in [][]int) int64
}

// Operations is the table of all operations, by Op.
var Operations [numOps]Operation

// The table is filled when the program starts, since rules of gradients use the
// builder, which uses the table.
func init() {
	Operations = [numOps]Operation{
		Constant: {Name: "Constant"},
		Read:     {Name: "Read"},
		Setting:  {Name: "Setting"},
		Steps:    {Name: "Steps"},
		Normal:   {Name: "Normal"},
		Uniform:  {Name: "Uniform"},
		Whole:    {Name: "Whole"},
		Batch:    {Name: "Batch"},

		Affine:   elementwise("Affine", 1, gradAffine),
		Add:      elementwise("Add", 2, gradAdd),
		Subtract: elementwise("Subtract", 2, gradSubtract),
		Multiply: elementwise("Multiply", 2, gradMultiply),
		Divide:   elementwise("Divide", 2, gradDivide),
		Maximum:  elementwise("Maximum", 2, gradMaximum),
		Less:     elementwise("Less", 2, nil),
		Select:   elementwise("Select", 3, gradSelect),
		Relu:     elementwise("Relu", 1, gradRelu),
		Exp:      elementwise("Exp", 1, gradExp),
		Log:      elementwise("Log", 1, gradLog),
		Sqrt:     elementwise("Sqrt", 1, gradSqrt),
		Tanh:     elementwise("Tanh", 1, gradTanh),
		Sigmoid:  elementwise("Sigmoid", 1, gradSigmoid),
		Softplus: elementwise("Softplus", 1, gradSoftplus),
		Erf:      elementwise("Erf", 1, gradErf),
		Sin:      elementwise("Sin", 1, gradSin),
		Cos:      elementwise("Cos", 1, gradCos),
		Atan2:    elementwise("Atan2", 2, gradAtan2),

		Reshape:   {Name: "Reshape", Operands: 1, gradient: gradReshape},
		Transpose: {Name: "Transpose", Operands: 1, shape: shapeTranspose, gradient: gradTranspose},
		Slice:     {Name: "Slice", Operands: 1, shape: shapeSlice, gradient: gradSlice},
		Pad:       {Name: "Pad", Operands: 1, shape: shapePad, gradient: gradPad},
		Concat:    {Name: "Concat", Operands: -1, shape: shapeConcat, gradient: gradConcat},
		Broadcast: {Name: "Broadcast", Operands: 1, gradient: gradBroadcast},

		Sum:        {Name: "Sum", Operands: 1, shape: shapeSum, gradient: gradSum},
		Softmax:    {Name: "Softmax", Operands: 1, shape: shapeLastAxis, gradient: gradSoftmax},
		LogSoftmax: {Name: "LogSoftmax", Operands: 1, shape: shapeLastAxis, gradient: gradLogSoftmax},
		TopK:       {Name: "TopK", Operands: 1, shape: shapeTopK},

		Gather: {Name: "Gather", Operands: 2, shape: shapeGather, gradient: gradGather},

		MatMul:        {Name: "MatMul", Operands: 2, shape: shapeMatMul, gradient: gradMatMul, products: matMulProducts},
		Conv2D:        {Name: "Conv2D", Operands: 2, shape: shapeConv2D, gradient: gradConv2D, products: conv2DProducts},
		Conv2DInput:   {Name: "Conv2DInput", Operands: 2, shape: shapeConv2DInput, gradient: gradConv2DInput, products: conv2DInputProducts},
		Conv2DWeights: {Name: "Conv2DWeights", Operands: 2, shape: shapeConv2DWeights, gradient: gradConv2DWeights, products: conv2DWeightsProducts},

		Stop: {Name: "Stop", Operands: 1, Elementwise: true, shape: shapeElementwise},
	}
}

func elementwise(name string, operands int, gradient func(b *Builder, n *Node, v, g Value) []Value) Operation {
	return Operation{Name: name, Operands: operands, Elementwise: true, shape: shapeElementwise, gradient: gradient}
}

// String returns the operation's name.
func (o Op) String() string { return Operations[o].Name }
