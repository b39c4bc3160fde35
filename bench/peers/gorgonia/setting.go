package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"

	"gonum.org/v1/gonum/mat"
)

// A setting is the training, as bench/compare writes it.
type setting struct {
	Inputs, Outputs, Examples int
	Modules                   []module
	Rate                      float64 `json:"learning_rate"`
	Gamma, Beta, Scale        float64
	Copies, Steps             int
	CheckCopies               int `json:"check_copies"`
	CheckSteps                int `json:"check_steps"`

	x, y  *mat.Dense
	given []float32
}

// A module writes the outputs [Lo, Hi) and reads all inputs.
type module struct {
	Lo, Hi int
	Hidden []int
}

func readSetting(folder string) (*setting, error) {
	text, err := os.ReadFile(filepath.Join(folder, "setting.json"))
	if err != nil {
		return nil, err
	}
	s := &setting{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("setting.json: %w", err)
	}
	data := make([]float64, (s.Inputs+s.Outputs)*s.Examples)
	if err := read(filepath.Join(folder, "data.f64"), data); err != nil {
		return nil, err
	}
	cut := s.Inputs * s.Examples
	s.x, s.y = mat.NewDense(s.Inputs, s.Examples, data[:cut]), mat.NewDense(s.Outputs, s.Examples, data[cut:])
	size := 0
	for _, layers := range s.shapes() {
		for _, shape := range layers {
			size += shape[0] * shape[1]
		}
	}
	s.given = make([]float32, s.CheckCopies*size)
	return s, read(filepath.Join(folder, "weights.f32"), s.given)
}

// read fills a slice of numbers from a file that holds just them.
func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if want := binary.Size(into); len(text) != want {
		return fmt.Errorf("%s has %d bytes, but must have %d", path, len(text), want)
	}
	_, err = binary.Decode(text, binary.LittleEndian, into)
	return err
}

// shapes are the shapes of every module's layers, in plain coordinates.
func (s *setting) shapes() [][][2]int {
	var all [][][2]int
	for _, m := range s.Modules {
		widths := append(append([]int{s.Inputs}, m.Hidden...), m.Hi-m.Lo)
		var layers [][2]int
		for l := range widths[1:] {
			layers = append(layers, [2]int{widths[l+1], widths[l]})
		}
		all = append(all, layers)
	}
	return all
}

// Coordinates are the inputs and targets that a network learns from: X/√P and Y/√P in
// plain form; in reduced form, with Q an orthonormal basis of the inputs' span in
// which Σ_x is the diagonal D, √D and Σ_yx Q √D⁻¹, which have the same moments.
type coordinates struct {
	x, y *mat.Dense
	q    *mat.Dense // inputs × coordinates; nil in plain form
}

func (s *setting) coordinates(reduced bool) (*coordinates, error) {
	root := 1 / math.Sqrt(float64(s.Examples))
	var x, y mat.Dense
	x.Scale(root, s.x)
	y.Scale(root, s.y)
	if !reduced {
		return &coordinates{x: &x, y: &y}, nil
	}
	var svd mat.SVD
	if !svd.Factorize(&x, mat.SVDThin) {
		return nil, fmt.Errorf("the inputs have no singular value decomposition")
	}
	values := svd.Values(nil)
	rank := 0
	for rank < len(values) && values[rank] > float64(s.Inputs)*0x1p-52*values[0] {
		rank++
	}
	var u, v, target mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	diagonal := mat.NewDense(rank, rank, nil)
	for i := range rank {
		diagonal.Set(i, i, values[i])
	}
	// Σ_yx Q √D⁻¹ = Y/√P · V.
	target.Mul(&y, v.Slice(0, s.Examples, 0, rank))
	return &coordinates{x: diagonal, y: &target, q: mat.DenseCopyOf(u.Slice(0, s.Inputs, 0, rank))}, nil
}

// draw draws the initial weights of a network, in the given coordinates.
func (s *setting) draw(c *coordinates, copy int) [][]*mat.Dense {
	normal := rand.New(rand.NewPCG(1, uint64(copy)))
	return s.layers(c, func() float64 { return s.Scale * normal.NormFloat64() })
}

// layers fills a network's layers number by number.
func (s *setting) layers(c *coordinates, next func() float64) [][]*mat.Dense {
	var all [][]*mat.Dense
	for _, shapes := range s.shapes() {
		var layers []*mat.Dense
		for l, shape := range shapes {
			w := mat.NewDense(shape[0], shape[1], nil)
			w.Apply(func(int, int, float64) float64 { return next() }, w)
			if l == 0 && c.q != nil {
				var reduced mat.Dense
				reduced.Mul(w, c.q)
				w = &reduced
			}
			layers = append(layers, w)
		}
		all = append(all, layers)
	}
	return all
}

// check trains the networks of the check and writes their maps.
func (s *setting) check(c *coordinates, path string) error {
	given := s.given
	next := func() float64 {
		v := given[0]
		given = given[1:]
		return float64(v)
	}
	var flat []byte
	for range s.CheckCopies {
		n, err := newNetwork(s, c, s.layers(c, next))
		if err != nil {
			return err
		}
		if err := n.train(s.CheckSteps); err != nil {
			return err
		}
		for _, m := range n.maps() {
			if c.q != nil {
				var plain mat.Dense
				plain.Mul(m, c.q.T())
				m = &plain
			}
			flat, _ = binary.Append(flat, binary.LittleEndian, m.RawMatrix().Data)
		}
	}
	return os.WriteFile(path, flat, 0o666)
}

// version is gorgonia's.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "gorgonia.org/gorgonia" {
				return m.Version
			}
		}
	}
	return "(unknown version)"
}
