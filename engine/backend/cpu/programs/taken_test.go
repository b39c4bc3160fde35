package programs

import (
	"slices"
	"testing"

	"modspec/engine/backend"
	"modspec/engine/program"
	"modspec/engine/random"
)

// TestTakenRows: a large product whose rows a chain takes as they are computed gives the
// bits that it gives where something else reads it too, and so is computed whole: for
// updates in place, with momentum, biases and a Relu between; for sums of two products; for
// the last rows and columns; and where the product reads the variable that it changes.
func TestTakenRows(t *testing.T) {
	type B = program.Builder
	type V = program.Value
	for name, update := range map[string]func(s *B, w, x, y V) (next, product V){
		"gradient descent": func(s *B, w, x, y V) (V, V) {
			g := s.MatMul(x, y, true, false)
			return s.Subtract(w, s.Multiply(s.Like(s.Setting("lr"), g), g)), g
		},
		"biases and Relu": func(s *B, w, x, y V) (V, V) {
			g := s.Relu(s.Add(s.MatMul(x, y, true, false), s.Broadcast(s.Sum(y, 0), 0, s.Shape(w)[0])))
			return s.Add(w, s.Sigmoid(s.Scale(g, -0.5))), g
		},
		"two products": func(s *B, w, x, y V) (V, V) {
			g := s.MatMul(x, y, true, false)
			return s.Add(s.Add(w, g), s.Tanh(s.MatMul(s.Scale(x, -1), y, true, false))), g
		},
		"itself": func(s *B, w, x, y V) (V, V) {
			rows := s.Shape(w)[0]
			mixed := s.MatMul(s.Normal(program.Draw{Number: 3}, rows, rows), w, false, false)
			return s.Subtract(w, s.Scale(mixed, 1e-3)), mixed
		},
	} {
		sizes := [][2]int{{517, 521}, {400, 1029}, {300, 1024}}
		if name == "itself" {
			sizes = [][2]int{{leastRows, 2053}} // every row is a sum of all
		}
		for _, size := range sizes {
			results := [2][][]float64{}
			for whole := range 2 {
				d := program.NewDraft()
				w := d.Parameter("w", d.Start.Normal(program.Draw{}, size[0], size[1]))
				x, y := d.Step.Normal(program.Draw{Number: 1}, 3, size[0]), d.Step.Normal(program.Draw{Number: 2}, 3, size[1])
				next, product := update(d.Step, d.Step.Read(w), x, y)
				d.Set(w, next)
				d.Step.Setting("lr")
				if whole > 0 {
					d.Set(d.State("product", d.Start.Zeros(size[:]...)), product)
				}
				training, err := d.Training()
				if err != nil {
					t.Fatal(err)
				}
				for _, threads := range []int{1, 3} {
					e, err := newExecutable[float32](training, Options{Threads: threads})
					if err != nil {
						t.Fatal(err)
					}
					if taken := slices.ContainsFunc(e.step.instructions, func(i instruction[float32]) bool {
						c, ok := i.(*chain[float32])
						return ok && c.product != nil
					}); taken != (whole == 0) && name != "two products" {
						t.Errorf("%s, %v: whether rows are taken is %v", name, size, taken)
					}
					last := &lastVariables{}
					run := program.Run{Streams: []random.Stream{{Seed: 4}}, Settings: []float64{0.1}[:len(training.Settings)]}
					if err := e.Train(t.Context(), []program.Run{run}, 2, nil, last); err != nil {
						t.Fatal(err)
					}
					if results[0] == nil {
						results[0] = last.values
					}
					if !slices.Equal(last.values[0], results[0][0]) {
						t.Errorf("%s, %v, %d threads, computed whole: %v: other bits", name, size, threads, whole > 0)
					}
				}
			}
		}
	}
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Due(int, int) bool                        { return false }
func (discard) Keep(int, []int, [][][]float64) error     { return nil }
func (discard) Observe(int, int, [][]float64) error      { return nil }
func (discard) Finish(int, int, bool, [][]float64) error { return nil }

// lastVariables keeps the variables of the run that ended last.
type lastVariables struct {
	discard
	values [][]float64
}

var _ backend.Sink = (*lastVariables)(nil)

func (l *lastVariables) Finish(_, _ int, _ bool, values [][]float64) error {
	l.values = nil
	for _, v := range values {
		l.values = append(l.values, slices.Clone(v))
	}
	return nil
}
