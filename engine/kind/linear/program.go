package linear

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/program"
	"modspec/engine/random"
)

// Program returns the training of a copy as a program, whose step is that of
// network.Rule. The architecture is the one at the copy's point, and the copy has
// passed [Job.Check].
//
// The program is that of all copies with equal dimensions, architecture, training
// examples, batch, terms of the rule and sign of β; in all else copies differ by their
// settings ([Copy.Run]). Labels of a teacher and initial weights of its own are in a
// copy's program.
//
// Variables are the layers of the modules, by [LayerName], drawn as network.Initial
// does. A mini-batch is the input "batch" of a step: places in the list of training
// examples, −1 for none. Observe has the modules' maps, n_out × n_in of each.
//
// The inputs of a step's m examples are X = [Ω_x; r·I; …; r·I], so a first layer W =
// [W_Ω, W_1, …] answers W_Ω·Ω_x + r·(W_1 + W_2 + …), and X itself is never formed.
func (c *Copy) Program(arch network.Architecture) (*program.Training, error) {
	d := program.NewDraft()
	s := &stepProgram{Builder: d.Step, task: c.Task, point: c.Task.Point, arch: arch, set: map[string]program.Value{}}
	for _, v := range c.settings() {
		s.set[v.name] = d.Step.Setting(v.name)
	}
	if err := s.data(); err != nil {
		return nil, err
	}
	scale := d.Start.Setting(scaleSetting)
	variables := make([][]program.Variable, len(arch.Modules))
	for m, module := range arch.Modules {
		shape := module.Shape(s.point)
		var layers, observed []program.Value
		for l := range shape[1:] {
			rows, cols := shape[l+1], shape[l]
			draw := program.Draw{Number: network.InitialLayer(m, l)}
			initial := d.Start.Multiply(d.Start.Normal(draw, rows, cols), d.Start.Fill(scale, rows, cols))
			v := d.Parameter(LayerName(m, l, len(shape)-1), initial)
			variables[m] = append(variables[m], v)
			layers = append(layers, d.Step.Read(v))
			observed = append(observed, d.Observe.Read(v))
		}
		s.layers = append(s.layers, layers)
		mapping := observed[0]
		for _, layer := range observed[1:] {
			mapping = d.Observe.MatMul(layer, mapping, false, false)
		}
		d.Observe.Output(fmt.Sprintf("module%d.map", m+1), mapping)
	}
	for m, next := range s.update(c.Rule) {
		for l, v := range variables[m] {
			d.Set(v, next[l])
		}
	}
	t, err := d.Training()
	if err != nil || c.Weights == nil {
		return t, err
	}
	given := map[string]program.Tensor{}
	for m, layers := range c.Weights.Modules {
		for l, layer := range layers {
			rows, cols := layer.Dims()
			data := make([]float64, 0, rows*cols)
			for i := range rows {
				data = append(data, layer.RawRowView(i)...)
			}
			given[LayerName(m, l, len(layers))] = program.Tensor{Shape: []int{rows, cols}, Data: data}
		}
	}
	return program.WithInitial(t, given)
}

// LayerName is the variable of layer l (from 0) of module m in a program: module1.w1,
// module1.w2, …, and module1.w in a module of one layer.
func LayerName(m, l, layers int) string {
	return fmt.Sprintf("module%d.%s", m+1, network.LayerName(l, layers))
}

// Run returns the settings, streams and variables of a copy for its program.
func (c *Copy) Run() program.Run {
	run := program.Run{Streams: []random.Stream{c.Stream}}
	for _, s := range c.settings() {
		run.Settings = append(run.Settings, s.value)
	}
	return run
}

// A setting is a number by which copies of one program differ.
type setting struct {
	name  string
	value float64
}

// The names of settings.
const (
	rateSetting       = "lr"
	scaleSetting      = "init_scale"
	featureSetting    = "r"
	gammaSetting      = "gamma"
	betaSetting       = "beta"
	inputBitSettings  = "input_bit_"
	outputBitSettings = "output_bit_"
)

// settings returns the settings of a copy, in the order of its program. The rows of Ω
// are among them, one a setting.
func (c *Copy) settings() []setting {
	p := c.Task.Point
	list := []setting{{rateSetting, c.LearningRate}, {scaleSetting, c.InitScale}, {featureSetting, p.R}}
	if c.Rule.Gamma != 0 {
		list = append(list, setting{gammaSetting, c.Rule.Gamma})
	}
	if c.Rule.Beta != 0 {
		list = append(list, setting{betaSetting, c.Rule.Beta})
	}
	for i, row := range p.InputBits {
		list = append(list, setting{bitSetting(inputBitSettings, i), float64(row)})
	}
	for i, row := range p.OutputBits {
		list = append(list, setting{bitSetting(outputBitSettings, i), float64(row)})
	}
	return list
}

func bitSetting(prefix string, i int) string { return fmt.Sprint(prefix, i+1) }

// A stepProgram is the builder of a step, with the data of the step. m is the number of
// its examples.
type stepProgram struct {
	*program.Builder
	task   *Task
	point  dataset.Point
	arch   network.Architecture
	set    map[string]program.Value // settings
	layers [][]program.Value        // of the modules

	chosen  program.Value // m × P, 1 where an example is that of a place; None where all are, in order
	count   program.Value // examples, a scalar: m, or fewer in the last batch of an epoch
	omega   program.Value // Ω_x, n_x × m; None where n_x is 0
	blocks  []dataset.Blocks
	targets []program.Value // labels of each block, its rows × m
}

// data appends the data of a step.
func (s *stepProgram) data() error {
	s.choose()
	p := s.point
	table := make([]float64, 0, p.Bits*p.Examples())
	for bit := range p.Bits {
		for e := range p.Examples() {
			table = append(table, p.Omega(bit, e))
		}
	}
	omega := func(prefix string, n int) program.Value { // n × m
		if n == 0 {
			return program.None
		}
		rows := make([]program.Value, n)
		for i := range rows {
			rows[i] = s.Reshape(s.set[bitSetting(prefix, i)], 1)
		}
		return s.columns(s.Gather(s.Constant(table, p.Bits, p.Examples()), s.Concat(0, rows...)))
	}
	s.omega = omega(inputBitSettings, p.NX())

	s.blocks = []dataset.Blocks{dataset.Both}
	for _, m := range s.arch.Modules {
		if m.Writes != dataset.Both {
			s.blocks = []dataset.Blocks{dataset.Omega, dataset.Gamma}
		}
	}
	var labels program.Value // n_out × m
	if s.task.Teacher != nil {
		y, err := s.task.Targets()
		if err != nil {
			return err
		}
		labels = s.columns(s.Constant(y.RawMatrix().Data, p.Outputs(), p.Examples()))
	} else {
		var parts []program.Value
		if p.NY() > 0 {
			parts = append(parts, omega(outputBitSettings, p.NY()))
		}
		if p.KY > 0 {
			identity := s.identity(p.Examples())
			if s.chosen != program.None {
				identity = s.Transpose(s.chosen, 1, 0)
			}
			one := s.scaled(featureSetting, identity)
			parts = append(parts, s.Reshape(s.Broadcast(one, 0, p.KY), p.KY*p.Examples(), s.Shape(one)[1]))
		}
		labels = s.Concat(0, parts...)
	}
	for _, block := range s.blocks {
		low, high := p.OutputRange(block)
		s.targets = append(s.targets, s.rows(labels, low, high))
	}
	return nil
}

// choose appends which examples a step has.
func (s *stepProgram) choose() {
	count, batch := s.task.TrainCount(), s.task.Batch
	places := s.point.Examples()
	s.count = s.Scalar(float64(count))
	if s.task.Examples != nil {
		chosen := make([]float64, count*places)
		for i, e := range s.task.Examples {
			chosen[i*places+e] = 1
		}
		s.chosen = s.Constant(chosen, count, places)
	}
	if batch == 0 || batch == count {
		return
	}
	now := s.OneHot(s.Input("batch", s.Batch(program.Draw{}, count, batch)), count)
	s.count = s.Total(now)
	if s.chosen != program.None {
		now = s.MatMul(now, s.chosen, false, false)
	}
	s.chosen = now
}

func (s *stepProgram) identity(n int) program.Value {
	data := make([]float64, n*n)
	for i := range n {
		data[i*n+i] = 1
	}
	return s.Constant(data, n, n)
}

// columns returns those columns of a matrix of P that the step's examples have.
func (s *stepProgram) columns(x program.Value) program.Value {
	if s.chosen == program.None {
		return x
	}
	return s.MatMul(x, s.chosen, false, true)
}

// rows returns rows low to high of a matrix.
func (s *stepProgram) rows(x program.Value, low, high int) program.Value {
	if low == 0 && high == s.Shape(x)[0] {
		return x
	}
	return s.Slice(x, 0, low, high)
}

// scaled is a setting times x.
func (s *stepProgram) scaled(setting string, x program.Value) program.Value {
	return s.Multiply(s.Like(s.set[setting], x), x)
}

// first returns the answers of a module's first layer to the examples.
func (s *stepProgram) first(m network.Module, w program.Value) program.Value {
	p := s.point
	units, inputs := s.Shape(w)[0], s.Shape(w)[1]
	answers, at := program.None, 0
	if m.Reads.Has(dataset.Omega) && p.NX() > 0 {
		at = p.NX()
		omega := w
		if at < inputs {
			omega = s.Slice(w, 1, 0, at)
		}
		answers = s.MatMul(omega, s.omega, false, false)
	}
	if at == inputs {
		return answers
	}
	gamma := s.Reshape(s.Slice(w, 1, at, inputs), units, p.KX, p.Examples())
	features := s.scaled(featureSetting, s.columns(s.Sum(gamma, 1)))
	if answers == program.None {
		return features
	}
	return s.Add(answers, features)
}

// update returns the layers after the step.
func (s *stepProgram) update(rule network.Rule) [][]program.Value {
	var parameters []program.Value
	answers := make([][]program.Value, len(s.layers)) // of each layer to the examples
	for m, layers := range s.layers {
		x := s.first(s.arch.Modules[m], layers[0])
		answers[m] = append(answers[m], x)
		for _, w := range layers[1:] {
			x = s.MatMul(w, x, false, false)
			answers[m] = append(answers[m], x)
		}
		parameters = append(parameters, layers...)
	}
	outputs := s.outputs(answers)
	loss := s.Scalar(0)
	for i, y := range outputs {
		if y != program.None {
			loss = s.Add(loss, s.Total(s.SquareLoss(y, s.targets[i])))
		}
	}
	gradients := s.Gradient(s.Divide(loss, s.count), parameters)
	next, at := make([][]program.Value, len(s.layers)), 0
	for m, layers := range s.layers {
		last := len(layers) - 1
		for l, w := range layers {
			step := s.Subtract(w, s.scaled(rateSetting, gradients[at]))
			at++
			if l == last && rule.Gamma != 0 {
				y, given := s.written(m, s.targets), s.written(m, outputs)
				contrast := s.Subtract(s.projected(y, w), s.projected(given, w))
				step = s.Add(step, s.scaled(rateSetting, s.scaled(gammaSetting, contrast)))
			}
			if l < last && rule.Beta != 0 {
				step = s.Add(step, s.scaled(betaSetting, s.hebbian(answers[m][l], w, rule.Beta > 0)))
			}
			next[m] = append(next[m], step)
		}
	}
	return next
}

// outputs returns the network's answers Ŷ in each block of outputs; None where no
// module writes it.
func (s *stepProgram) outputs(answers [][]program.Value) []program.Value {
	out := make([]program.Value, len(s.blocks))
	for i, block := range s.blocks {
		low, high := s.point.OutputRange(block)
		for m, module := range s.arch.Modules {
			if low == high || module.Writes&block == dataset.None {
				continue
			}
			from, _ := s.point.OutputRange(module.Writes)
			y := s.rows(answers[m][len(answers[m])-1], low-from, high-from)
			if out[i] != program.None {
				y = s.Add(out[i], y)
			}
			out[i] = y
		}
	}
	return out
}

// written returns the rows of blocks that a module writes.
func (s *stepProgram) written(m int, blocks []program.Value) program.Value {
	var parts []program.Value
	for i, block := range s.blocks {
		if low, high := s.point.OutputRange(block); low < high && s.arch.Modules[m].Writes&block != dataset.None {
			parts = append(parts, blocks[i])
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return s.Concat(0, parts...)
}

// projected is y·yᵀ·w.
func (s *stepProgram) projected(y, w program.Value) program.Value {
	return s.MatMul(y, s.MatMul(y, w, true, false), false, false)
}

// hebbian is the Hebbian term of a layer w with the answers h to inputs x, without its
// strength: h·(xᵀ − hᵀw) in Oja's rule, diag(1/(1 − ‖w_i‖²))·h·xᵀ in the other. With h =
// w·x, h·xᵀ is the derivative of Σ g·h in w for a constant g that equals h.
func (s *stepProgram) hebbian(h, w program.Value, oja bool) program.Value {
	g := h
	if !oja {
		room := s.Affine(s.Sum(s.Square(w), 1), -1, 1)
		g = s.Divide(h, s.Broadcast(room, 1, s.Shape(h)[1]))
	}
	term := s.Gradient(s.Total(s.Multiply(s.Stop(g), h)), []program.Value{w})[0]
	if oja {
		term = s.Subtract(term, s.projected(h, w))
	}
	return term
}

// Maps returns what Observe of a copy's program has computed as the maps of the modules.
// They share its memory.
func (c *Copy) Maps(arch network.Architecture, observed [][]float64) []*mat.Dense {
	maps := make([]*mat.Dense, len(observed))
	for m, module := range arch.Modules {
		shape := module.Shape(c.Task.Point)
		maps[m] = mat.NewDense(shape[len(shape)-1], shape[0], observed[m])
	}
	return maps
}
