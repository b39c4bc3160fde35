package images_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/cmnist"
	"modspec/engine/kind/images"
	"modspec/engine/mnist"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

func resolve(t *testing.T, given map[string]string) (train.Model, error) {
	t.Helper()
	k := images.Kind{}
	s, err := train.NewSetting(k)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range given {
		i := k.Parameters().Index(name)
		v, err := train.ReadValue(k, &k.Parameters()[i], text)
		if err != nil {
			return nil, err
		}
		s.Set(i, v)
	}
	return k.Resolve(s)
}

// Training and metrics are those of an oracle that answers one image after the other.
func TestTrainingImageByImage(t *testing.T) {
	data := traintest.Digits(t, 47, 23, 0)
	set, err := mnist.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		arch               string
		network            cmnist.Network
		digits, withhold   int
		momentum, rate     float64
		trained, tested, r int
	}{
		"one tower": {"2@9x19 > relu > 3@5×7 > relu > both", cmnist.Network{Towers: []cmnist.Tower{{Writes: cmnist.BothBlocks, Layers: []cmnist.Layer{
			{Convolution: &cmnist.Convolution{Channels: 2, Height: 9, Width: 19}}, cmnist.ReLU,
			{Convolution: &cmnist.Convolution{Channels: 3, Height: 5, Width: 7}}, cmnist.ReLU,
		}}}}, 2, 3, 0.5, 1e-4, 20, 9, 10},
		"two towers": {"7>relu>compositional;non-compositional", cmnist.Network{Towers: []cmnist.Tower{
			{Writes: cmnist.CompositionalBlock, Layers: []cmnist.Layer{{Linear: 7}, cmnist.ReLU}}, {Writes: cmnist.NonCompositionalBlock},
		}}, 2, 0, 0, 1e-4, 23, 11, 3},
		"compositional alone": {"compositional", cmnist.Network{Towers: []cmnist.Tower{{Writes: cmnist.CompositionalBlock}}}, 3, 1, 0, 1e-3, 15, 7, 0},
		"number alone":        {"non-compositional", cmnist.Network{Towers: []cmnist.Tower{{Writes: cmnist.NonCompositionalBlock}}}, 2, 2, 0.9, 1e-4, 17, 7, 0},
	} {
		t.Run(name, func(t *testing.T) {
			const batch, epochs = 4, 3
			composed, err := cmnist.Compose(set, cmnist.Composition{Digits: c.digits, R: float64(c.r)}, cmnist.Selection{Train: c.trained, Test: c.tested, Withhold: c.withhold})
			if err != nil {
				t.Fatal(err)
			}
			perEpoch := (composed.Train.Count() + batch - 1) / batch
			if perEpoch*batch == composed.Train.Count() {
				t.Fatal("no batch of the case is smaller than others")
			}
			stream := random.Stream{Seed: 5, Point: 77}
			oracle := &perImage{composed, c.network, epochs, batch, c.rate, c.momentum, 0.1, stream}
			observed, net, err := oracle.train()
			if err != nil {
				t.Fatal(err)
			}

			m, err := resolve(t, map[string]string{"data": data, "arch": c.arch, "digits": fmt.Sprint(c.digits), "r": fmt.Sprint(c.r),
				"train": fmt.Sprint(c.trained), "test": fmt.Sprint(c.tested), "withhold": fmt.Sprint(c.withhold), "batch": fmt.Sprint(batch),
				"lr": fmt.Sprint(c.rate), "momentum": fmt.Sprint(c.momentum), "init_scale": "0.1", "steps": fmt.Sprint(epochs * perEpoch)})
			if err != nil {
				t.Fatal(err)
			}
			training, err := m.Program()
			if err != nil {
				t.Fatal(err)
			}
			machine, err := reference.NewMachine(training, m.Run(stream))
			if err != nil {
				t.Fatal(err)
			}
			metrics := make([]float64, len(images.Kind{}.Metrics()))
			for epoch := range epochs + 1 {
				results, err := machine.Observe()
				if err != nil {
					t.Fatal(err)
				}
				m.Measure(results, metrics)
				for name, value := range observed[epoch] {
					near(t, fmt.Sprintf("%s after epoch %d", name, epoch), metrics[images.Kind{}.Metrics().Index(name)], value)
				}
				for i := 0; epoch < epochs && i < perEpoch; i++ {
					if err := machine.Step(); err != nil {
						t.Fatal(err)
					}
				}
			}
			for v, info := range training.Variables {
				var tower, layer int
				var what string
				if _, err := fmt.Sscanf(strings.ReplaceAll(info.Name, ".", " "), "tower%d layer%d %s", &tower, &layer, &what); err != nil {
					t.Fatal(err)
				}
				if !info.Trained {
					continue
				}
				own := net.towers[tower-1].parameters(layer - 1)
				list := map[string][]float64{"weight": own.weights.RawMatrix().Data, "bias": own.biases}[what]
				for i, value := range list {
					near(t, fmt.Sprintf("%s, element %d", info.Name, i), machine.Place().Variables[v][i], value)
				}
			}
		})
	}
}

// near compares with a bound for rounding: both compute in float64, a sum of some
// thousand terms at most in each of some ten dependent operations of some twenty steps,
// so that errors stay under 10⁴·10·20·2⁻⁵³ = 2·10⁻¹⁰ of the numbers, which are about 1.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// The variables of the paper's dense network.
func TestVariablesOfThePaper(t *testing.T) {
	m, err := resolve(t, map[string]string{"data": traintest.Digits(t, 47, 23, 0), "train": "all", "test": "all", "batch": "3"})
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, v := range training.Variables {
		got += fmt.Sprintln(v.Name, v.Shape)
	}
	const want = `tower1.layer1.weight [32 1 9 27]
tower1.layer1.bias [32]
tower1.layer3.weight [32 32 7 21]
tower1.layer3.bias [32]
tower1.layer5.weight [32 32 5 15]
tower1.layer5.bias [32]
tower1.layer7.weight [1030 7680]
tower1.layer7.bias [1030]
`
	if got != want {
		t.Errorf("the variables are\n%swant\n%s", got, want)
	}
}

// Equal networks have equal values, and what is recorded of a network may be given again.
func TestOneForm(t *testing.T) {
	data := traintest.Digits(t, 40, 20, 0)
	arch := images.Kind{}.Parameters().Index("arch")
	for given, want := range map[string]string{
		"dense": "dense", " split ": "split",
		"32@9x27>relu>32@7×21>relu>32@5x15 > relu>both": "dense",
		"5 > relu > both": "5>relu>both",
		"compositional":   "compositional",
	} {
		m, err := resolve(t, map[string]string{"data": data, "arch": given, "train": "all", "test": "all", "batch": "3"})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Parameters()[arch].Text; got != want {
			t.Errorf("the architecture %q is recorded as %q, want %q", given, got, want)
		}
		again, err := images.Kind{}.Resolve(train.Setting{Values: m.Parameters(), Given: make([]bool, len(m.Parameters()))})
		if err != nil || again.Shape() != m.Shape() {
			t.Errorf("what is recorded of %q is another network, or none: %v", given, err)
		}
	}
}

// Other digits are another run; a digest that no set has is refused.
func TestTheDigitsAreInTheIdentity(t *testing.T) {
	var digests []results.Value
	for salt := range byte(2) {
		m, err := resolve(t, map[string]string{"data": traintest.Digits(t, 40, 20, salt), "arch": "both", "train": "all", "test": "all", "batch": "3"})
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, m.Parameters()[images.Kind{}.Parameters().Index("data")])
	}
	if digests[0] == digests[1] || !strings.HasPrefix(digests[0].Text, "sha256:") {
		t.Errorf("two sets have the digests %v", digests)
	}
}

// A path means what it is a path of when it is resolved: another working directory has
// another folder of that name, and files may have been exchanged.
func TestPathsOfDigits(t *testing.T) {
	first, second := traintest.Digits(t, 40, 20, 0), traintest.Digits(t, 40, 20, 1)
	digest := func(path string) string {
		m, err := resolve(t, map[string]string{"data": path, "arch": "both", "train": "all", "test": "all", "batch": "3"})
		if err != nil {
			t.Fatal(err)
		}
		return m.Parameters()[images.Kind{}.Parameters().Index("data")].Text
	}
	t.Chdir(first)
	own := digest(".")
	t.Chdir(second)
	other := digest(".")
	if own == other {
		t.Error("the digits of another working directory are those of the first")
	}
	const name = "train-images-idx3-ubyte"
	if err := os.Rename(filepath.Join(first, name), name); err != nil {
		t.Fatal(err)
	}
	if got := digest("."); got == other || got == own {
		t.Errorf("with other images the digest is %s, and was %s", got, other)
	}
}

func TestBadSettings(t *testing.T) {
	data := traintest.Digits(t, 40, 20, 0)
	for _, c := range []struct{ name, value, want string }{
		{"arch", "dence", "dense, split or towers"},
		{"arch", "7>relu", "must end with the block"},
		{"arch", "7@9>both", `the layer "7@9" must be`},
		{"arch", "0>both", `the layer "0" must be`},
		{"arch", "2@29x3>both", "does not fit"},
		{"arch", "both;compositional", "both write"},
		{"digits", "5", "2 to 4"},
		{"withhold", "10", "0 to 9"},
		{"momentum", "1", "0 to"},
		{"r", "1e-40", "1e-30"},
		{"train", "14", "number of training images is 14, but must be 1 to 13"},
		{"test", "7", "number of test images is 7, but must be 1 to 6"},
		{"batch", "14", "batch is 14, but must be 1 to the 13 training images"},
		{"data", filepath.Join(data, "none"), "cannot look for images"},
		{"data", "sha256:00", "name the folder"},
	} {
		given := map[string]string{"data": data, "arch": "both", "train": "all", "test": "all", "batch": "3"}
		given[c.name] = c.value
		if _, err := resolve(t, given); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: the error is %v, want one with %q", c.name, c.value, err, c.want)
		}
	}
}
