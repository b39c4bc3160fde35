package network_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
)

// small has 1 + 2 inputs and 1 + 2 outputs.
var small = dataset.NewPoint(1, 1, 1, 1, 1, 1)

// sameBits fails unless two networks' weights agree bit by bit.
func sameBits(t *testing.T, got, want *network.Weights) {
	t.Helper()
	if len(got.Modules) != len(want.Modules) {
		t.Fatalf("there are %d modules, want %d", len(got.Modules), len(want.Modules))
	}
	for m := range want.Modules {
		if len(got.Modules[m]) != len(want.Modules[m]) {
			t.Fatalf("module %d has %d layers, want %d", m, len(got.Modules[m]), len(want.Modules[m]))
		}
		for l := range want.Modules[m] {
			a, b := got.Modules[m][l].RawMatrix(), want.Modules[m][l].RawMatrix()
			if a.Rows != b.Rows || a.Cols != b.Cols {
				t.Fatalf("module %d, layer %d is %d × %d, want %d × %d", m, l, a.Rows, a.Cols, b.Rows, b.Cols)
			}
			for i := range b.Data {
				if math.Float64bits(a.Data[i]) != math.Float64bits(b.Data[i]) {
					t.Fatalf("module %d, layer %d: weight %d is %v, want %v", m, l, i, a.Data[i], b.Data[i])
				}
			}
		}
	}
}

func TestWeightsFilesRoundTrip(t *testing.T) {
	for _, arch := range []network.Architecture{network.Shallow(), network.Dense(5), network.Split(4), network.Partitioned(3, 2, 4)} {
		w := initial(t, arch, paper, random.Stream{Seed: 9}, 1)
		// The ends of the range and what text often loses: −0, subnormals, last digits.
		copy(w.Modules[0][0].RawMatrix().Data, []float64{
			math.Copysign(0, -1), 5e-324, -2.2250738585072011e-308, math.MaxFloat64, 1. / 3, math.Nextafter(1, 2), 1e21, 123456789012345680,
		})
		var file bytes.Buffer
		if err := network.WriteWeights(&file, w); err != nil {
			t.Fatal(err)
		}
		got, err := network.ReadWeights(&file, arch, paper)
		if err != nil {
			t.Fatal(err)
		}
		sameBits(t, got, w)
	}
}

func TestWriteWeightsRefusesWhatJSONCannotHold(t *testing.T) {
	w := initial(t, network.Dense(5), paper, random.Stream{}, 1)
	w.Modules[0][1].Set(0, 0, math.NaN())
	var file bytes.Buffer
	if err := network.WriteWeights(&file, w); err == nil || file.Len() > 0 {
		t.Errorf("NaN was written: %d bytes, error %v", file.Len(), err)
	}
}

func TestReadWeightsNamesWhatIsWrong(t *testing.T) {
	const (
		w1 = `"w1":[[1,2,3]]`     // 1 hidden unit × 3 inputs
		w2 = `"w2":[[1],[2],[3]]` // 3 outputs × 1 hidden unit
		o2 = `"w2":[[1]]`         // the split network's Ω_y module has 1 output
		g2 = `"w2":[[2],[3]]`     // and its Γ_y module 2
	)
	dense, split, shallow := network.Dense(1), network.Split(1), network.Shallow()
	for _, c := range []struct {
		arch network.Architecture
		text string
		want string // empty: no error
	}{
		{dense, `{"modules":[{` + w1 + `,` + w2 + `}]}`, ""},
		{dense, " {\"modules\" : [ {" + w2 + ",\n" + w1 + "} ] }\n\n", ""},
		{split, `{"modules":[{` + w1 + `,` + o2 + `},{` + w1 + `,` + g2 + `}]}`, ""},
		{shallow, `{"modules":[{"w":[[1,2,3],[4,5,6],[7,8,9]]}]}`, ""},

		{dense, ``, "weights must be JSON of the form"},
		{dense, `null`, "there are weights for 0 modules, but the dense architecture has 1 here"},
		{dense, `[]`, "weights must be JSON of the form"},
		{dense, `{"modules":[{` + w1 + `,` + w2 + `}]`, "unexpected EOF"},
		{dense, `{"modules":[{` + w1 + `,` + w2 + `}],"epoch":3}`, `unknown field "epoch"`},
		{dense, `{"modules":[{` + w1 + `,` + w2 + `}]} {}`, "one JSON object, but more follows it"},
		{dense, `{"modules":[{` + w1 + `,` + w2 + `}]}]`, "one JSON object, but more follows it"},
		{dense, `{"modules":[]}`, "there are weights for 0 modules, but the dense architecture has 1 here"},
		{dense, `{"modules":[{` + w1 + `,` + w2 + `},{}]}`, "there are weights for 2 modules, but the dense architecture has 1 here"},
		{split, `{"modules":[{` + w1 + `,` + o2 + `},null]}`, `module 2: layer "w1" is missing`},
		{split, `{"modules":[{` + w1 + `,` + o2 + `},{` + w1 + `}]}`, `module 2: layer "w2" is missing: the module has w1, w2`},
		{split, `{"modules":[{` + w1 + `,` + g2 + `},{` + w1 + `,` + o2 + `}]}`, "module 1, w2 is 2 × 1, but must be 1 × 1 (output × input)"},
		{dense, `{"modules":[{` + w1 + `,` + w2 + `,"w4":[[1]],"w3":[[1]]}]}`, `module 1: there is a layer "w3", but the module has only w1, w2`},
		{shallow, `{"modules":[{"w1":[[1,2,3],[4,5,6],[7,8,9]]}]}`, `module 1: layer "w" is missing: the module has w`},
		{dense, `{"modules":[{"w1":[[1,2]],` + w2 + `}]}`, "module 1, w1 is 1 × 2, but must be 1 × 3 (output × input)"},
		{dense, `{"modules":[{"w1":[[1,2,3],[4,5,6]],` + w2 + `}]}`, "module 1, w1 is 2 × 3, but must be 1 × 3"},
		{dense, `{"modules":[{` + w1 + `,"w2":[[1],[2,3],[3]]}]}`, "module 1: w2: row 1 has 2 entries, but row 0 has 1"},
		{dense, `{"modules":[{` + w1 + `,"w2":[[1],null,[3]]}]}`, "module 1: w2: row 1 has 0 entries, but row 0 has 1"},
		{dense, `{"modules":[{"w1":[],` + w2 + `}]}`, "module 1: w1: the matrix is empty"},
		{dense, `{"modules":[{"w1":[[]],` + w2 + `}]}`, "module 1: w1: the matrix is empty"},
		{dense, `{"modules":[{"w1":null,` + w2 + `}]}`, "module 1: w1: the matrix is empty"},
		{dense, `{"modules":[{"w1":[[1,null,3]],` + w2 + `}]}`, "module 1: w1: row 0, entry 1 is null, but weights must be finite numbers"},
		{dense, `{"modules":[{"w1":[[1,NaN,3]],` + w2 + `}]}`, "invalid character 'N'"},
		{dense, `{"modules":[{"w1":[[1,-Infinity,3]],` + w2 + `}]}`, "invalid character 'I'"},
		{dense, `{"modules":[{"w1":[[1,"NaN",3]],` + w2 + `}]}`, "module 1: w1: it must be a list of rows of numbers"},
		{dense, `{"modules":[{"w1":[[1,1e400,3]],` + w2 + `}]}`, "module 1: w1: it must be a list of rows of numbers"},
		{dense, `{"modules":[{"w1":[1,2,3],` + w2 + `}]}`, "module 1: w1: it must be a list of rows of numbers"},
	} {
		w, err := network.ReadWeights(strings.NewReader(c.text), c.arch, small)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.text, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.text, err, c.want)
		case c.want == "" && w.Check(c.arch, small) != nil:
			t.Errorf("%s was read, but %v", c.text, w.Check(c.arch, small))
		}
	}
}

// FuzzReadWeights: no text makes the reader panic, and what it accepts are
// finite weights of the right shapes that read back the same bit by bit.
func FuzzReadWeights(f *testing.F) {
	archs := []network.Architecture{network.Shallow(), network.Dense(1), network.Split(1)}
	for _, text := range []string{
		`{"modules":[{"w":[[1,2,3],[4,5,6],[7,8,9]]}]}`,
		`{"modules":[{"w1":[[1,-0,1e-320]],"w2":[[1],[2],[3]]}]}`,
		`{"modules":[{"w1":[[1,2,3]],"w2":[[1]]},{"w1":[[1,2,3]],"w2":[[2],[3]]}]}`,
		`{"modules":[{"w1":[[null,2,3]],"w2":[[1],[2],[3]]}]}`,
		`{"modules":[{"w1":[[1,2,3]]}],"modules":[{"w2":[[1],[2],[3]]}]}`,
		`{"Modules":[{"W":[]}]}`,
		`null`,
	} {
		for which := range archs {
			f.Add(uint8(which), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		arch := archs[int(which)%len(archs)]
		w, err := network.ReadWeights(bytes.NewReader(text), arch, small)
		if err != nil {
			return
		}
		if err := w.Check(arch, small); err != nil {
			t.Fatalf("%s was read, but %v", text, err)
		}
		var file bytes.Buffer
		if err := network.WriteWeights(&file, w); err != nil {
			t.Fatal(err)
		}
		again, err := network.ReadWeights(&file, arch, small)
		if err != nil {
			t.Fatal(err)
		}
		sameBits(t, again, w)
	})
}

func TestRowsAreCopies(t *testing.T) {
	m := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	rows := network.Rows(m)
	if len(rows) != 2 || len(rows[1]) != 3 || rows[1][2] != 6 {
		t.Errorf("the rows are %v", rows)
	}
	rows[0][0] = 99
	if m.At(0, 0) != 1 {
		t.Error("changing a row changed the matrix")
	}
}
