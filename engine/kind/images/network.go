package images

import (
	"fmt"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/program"
)

// The settings of a program, in their order.
const (
	initScaleSetting = iota
	rSetting
	lrSetting
	momentumSetting // only where momentum is not 0
)

// observedImages is how many images Observe answers at a time. Their activations are
// what it needs memory for; images of the paper need 150 KB each in float32.
const observedImages = 32

// A network is a model with its variables.
type network struct {
	*model
	draft  *program.Draft
	towers [][]variables // of each layer
}

// variables are those of a layer; those of ReLU are not used.
type variables struct{ weights, biases program.Variable }

// Program implements [train.Model].
func (m *model) Program() (*program.Training, error) {
	n := &network{model: m, draft: program.NewDraft()}
	if err := n.declare(); err != nil {
		return nil, err
	}
	b := n.draft.Step
	r := b.Setting("r")
	set := m.set(b, read.set(m.digest).Train, m.data.Train)
	batch := b.Input("batch", b.Batch(program.Draw{}, m.data.Train.Count(), m.batch))
	// An epoch's last batch may have fewer images; the places without have the number −1.
	counted := b.Affine(b.Less(batch, b.Zeros(m.batch)), -1, 1)
	images := set.images(b, batch)
	var squares program.Value
	for t, tower := range m.network.Towers {
		answers := n.forward(b, t, images)
		wrong := b.Square(b.Subtract(answers, set.targets(b, tower.Writes, batch, r)))
		each := b.Multiply(b.Sum(wrong, 1), counted)
		if t == 0 {
			squares = each
		} else {
			squares = b.Add(squares, each)
		}
	}
	loss := b.Divide(b.Total(squares), b.Total(counted))

	parameters := n.draft.Parameters()
	var weights []program.Value
	for _, v := range parameters {
		weights = append(weights, b.Read(v))
	}
	rate := b.Setting("lr")
	var momentum program.Value
	if m.momentum != 0 {
		momentum = b.Setting("momentum")
	}
	program.SGD{Momentum: momentum}.Update(n.draft, rate, parameters, b.Gradient(loss, weights))
	n.observe()
	return n.draft.Training()
}

// declare declares the variables, tower1.layer1.weight and so on: layers are counted
// with those of ReLU, and draws are numbered by [cmnist.InitialLayer].
func (n *network) declare() error {
	start := n.draft.Start
	scale := start.Setting("init_scale")
	n.towers = make([][]variables, len(n.network.Towers))
	for t, tower := range n.network.Towers {
		shapes, err := tower.Shapes(n.Composition)
		if err != nil {
			return err
		}
		for l, layer := range tower.All(n.Composition) {
			var own variables
			in := shapes[l]
			var weights []int
			switch v := layer.Convolution; {
			case v != nil:
				weights = []int{v.Channels, in.Channels, v.Height, v.Width}
			case layer.Linear > 0:
				weights = []int{layer.Linear, in.Size()}
			}
			if weights != nil {
				draw := cmnist.InitialLayer(t, l)
				declare := func(what string, number uint32, shape ...int) program.Variable {
					initial := start.Normal(program.Draw{Number: number}, shape...)
					return n.draft.Parameter(fmt.Sprintf("tower%d.layer%d.%s", t+1, l+1, what), start.Multiply(initial, start.Fill(scale, shape...)))
				}
				own = variables{declare("weight", draw, weights...), declare("bias", draw+1, weights[0])}
			}
			n.towers[t] = append(n.towers[t], own)
		}
	}
	return nil
}

// forward returns the outputs of a tower, images × outputs.
func (n *network) forward(b *program.Builder, t int, x program.Value) program.Value {
	count := b.Shape(x)[0]
	for l, layer := range n.network.Towers[t].All(n.Composition) {
		own := n.towers[t][l]
		switch {
		case layer.Convolution != nil:
			x = b.Conv2D(x, b.Read(own.weights))
			shape := b.Shape(x)
			bias := b.Broadcast(b.Read(own.biases), 0, count)
			x = b.Add(x, b.Reshape(b.Broadcast(bias, 2, shape[2]*shape[3]), shape...))
		case layer.Linear > 0:
			row := b.Reshape(x, count, program.Size(b.Shape(x))/count)
			y := b.Linear(row, b.Read(own.weights), b.Read(own.biases))
			x = b.Reshape(y, count, layer.Linear, 1, 1)
		default:
			x = b.Relu(x)
		}
	}
	return b.Reshape(x, count, b.Shape(x)[1])
}

// A set is images as constants of a program: which row of a table of digits stands at
// each place of each image, and the classes of the digits and the number that they make.
type set struct {
	cmnist.Composition
	table   program.Value   // all digits of a part × pixels, from 0 to 1
	rows    []program.Value // of each place: of each image
	classes []program.Value // of each place: of each image
	numbers program.Value   // of each image
}

// grey are the numbers that pixels stand for, as cmnist.Examples.Image has them.
var grey = func() *[256]float64 {
	var numbers [256]float64
	for v := range numbers {
		numbers[v] = float64(float32(v) / 255)
	}
	return &numbers
}()

// set returns a set of images of a part. The table is the part's own memory, which all
// sets of all programs share.
func (m *model) set(b *program.Builder, part mnist.Part, of *cmnist.Examples) *set {
	s := &set{Composition: m.Composition}
	count := of.Count()
	rows, classes := make([][]float64, m.Digits), make([][]float64, m.Digits)
	numbers := make([]float64, count)
	label := make([]int, m.Digits)
	for i := range count {
		numbers[i] = float64(of.Label(label, i))
		for p, digit := range of.Of(i) {
			rows[p], classes[p] = append(rows[p], float64(digit)), append(classes[p], float64(label[p]))
		}
	}
	s.table = b.ByteConstant(part.Images.Pixels, grey, part.Images.Count, mnist.Side*mnist.Side)
	for p := range m.Digits {
		s.rows = append(s.rows, b.Constant(rows[p], count))
		s.classes = append(s.classes, b.Constant(classes[p], count))
	}
	s.numbers = b.Constant(numbers, count)
	return s
}

// images returns the images of the given numbers, one channel of height × width each.
// The number −1 stands for any image.
func (s *set) images(b *program.Builder, numbers program.Value) program.Value {
	count := b.Shape(numbers)[0]
	var places []program.Value
	for _, rows := range s.rows {
		digits := b.Gather(s.table, b.Gather(rows, numbers))
		places = append(places, b.Reshape(digits, count, 1, mnist.Side, mnist.Side))
	}
	return b.Concat(3, places...)
}

// targets returns the labels of the images of the given numbers, images × outputs of the
// block.
func (s *set) targets(b *program.Builder, block cmnist.Block, numbers, r program.Value) program.Value {
	var parts []program.Value
	if block != cmnist.NonCompositionalBlock {
		for _, classes := range s.classes {
			parts = append(parts, b.OneHot(b.Gather(classes, numbers), mnist.Classes))
		}
	}
	if block != cmnist.CompositionalBlock {
		one := b.OneHot(b.Gather(s.numbers, numbers), s.Numbers())
		parts = append(parts, b.Multiply(one, b.Like(r, one)))
	}
	return b.Concat(1, parts...)
}

// The results of Observe for each set: the compositional outputs of each image, the
// squared error of its non-compositional outputs, and 1 where the largest of these is
// that of the image's number.
const (
	digitsResult = iota
	errorResult
	rightResult
	setResults
)

var resultNames = [setResults]string{"digits", "error", "right"}

// observe appends what Measure reads: the results of each set, in the order of sets. A
// result that has no elements is a scalar 0: of an empty set, and of a block that no
// tower writes.
func (n *network) observe() {
	b := n.draft.Observe
	r := b.Setting("r")
	source := read.set(n.digest)
	for number, examples := range n.sets() {
		part := source.Train
		if number == testSet || number == unseenSet {
			part = source.Test
		}
		var parts [setResults][]program.Value
		if examples.Count() > 0 {
			s := n.model.set(b, part, examples)
			for low := 0; low < examples.Count(); low += observedImages {
				n.observeSome(b, s, r, low, min(low+observedImages, examples.Count()), &parts)
			}
		}
		for i, list := range parts {
			v := b.Scalar(0)
			if len(list) > 0 {
				v = b.Concat(0, list...)
			}
			b.Output(setNames[number]+"."+resultNames[i], v)
		}
	}
}

// observeSome appends the results for the images low ≤ i < high of a set.
func (n *network) observeSome(b *program.Builder, s *set, r program.Value, low, high int, to *[setResults][]program.Value) {
	list := make([]float64, high-low)
	for i := range list {
		list[i] = float64(low + i)
	}
	numbers := b.Constant(list, len(list))
	images := s.images(b, numbers)
	for t, tower := range n.network.Towers {
		answers := n.forward(b, t, images)
		first, last := n.Range(tower.Writes)
		if tower.Writes != cmnist.NonCompositionalBlock {
			to[digitsResult] = append(to[digitsResult], b.Slice(answers, 1, 0, n.Compositional()))
		}
		if tower.Writes != cmnist.CompositionalBlock {
			size := last - first
			own := b.Slice(answers, 1, size-n.Numbers(), size)
			target := s.targets(b, cmnist.NonCompositionalBlock, numbers, r)
			is := b.OneHot(b.Gather(s.numbers, numbers), n.Numbers())
			to[errorResult] = append(to[errorResult], b.Sum(b.Square(b.Subtract(own, target)), 1))
			to[rightResult] = append(to[rightResult], b.Sum(b.Multiply(b.TopK(own, 1), is), 1))
		}
	}
}
