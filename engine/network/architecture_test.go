package network_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

var paper = dataset.NewPoint(3, 3, 1, 3, 1, 1) // 27 inputs, 9 outputs

func modulesEqual(a, b network.Module) bool {
	return a.Reads == b.Reads && a.Writes == b.Writes && slices.Equal(a.Hidden, b.Hidden)
}

func TestNamedArchitectures(t *testing.T) {
	both, omega, gamma := dataset.Both, dataset.Omega, dataset.Gamma
	hidden := []int{50, 20}
	for _, c := range []struct {
		name  string
		built network.Architecture
		want  []network.Module
	}{
		{"shallow", network.Shallow(), []network.Module{{Reads: both, Writes: both}}},
		{"dense", network.Dense(50, 20), []network.Module{{Reads: both, Writes: both, Hidden: hidden}}},
		{"split", network.Split(50, 20), []network.Module{
			{Reads: both, Writes: omega, Hidden: hidden}, {Reads: both, Writes: gamma, Hidden: hidden},
		}},
		{"partitioned", network.Partitioned(50, 20), []network.Module{
			{Reads: omega, Writes: omega, Hidden: hidden}, {Reads: gamma, Writes: gamma, Hidden: hidden},
		}},
	} {
		named, err := network.ByName(c.name, hidden...)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []network.Architecture{c.built, named} {
			if a.Name != c.name || !slices.EqualFunc(a.Modules, c.want, modulesEqual) {
				t.Errorf("%s is %+v, want modules %+v", c.name, a, c.want)
			}
		}
		if c.built.Overlaps() {
			t.Errorf("%s: no two modules write one block", c.name)
		}
	}
	if len(network.Names) != 4 {
		t.Errorf("the names are %v, but 4 architectures were checked", network.Names)
	}
	overlapping := network.Architecture{Modules: []network.Module{{Reads: both, Writes: both}, {Reads: omega, Writes: gamma}}}
	if !overlapping.Overlaps() {
		t.Error("two modules write gamma, but they do not overlap")
	}
}

func TestByNameSuggestsTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"dens": `did you mean "dense"?`, "Split": `did you mean "split"?`, "partitoned": `did you mean "partitioned"?`,
		"shalow": `did you mean "shallow"?`,
	} {
		if _, err := network.ByName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want one with %q", name, err, want)
		}
	}
	_, err := network.ByName("transformer")
	if err == nil || strings.Contains(err.Error(), "did you mean") || !strings.Contains(err.Error(), "dense, shallow, split, partitioned") {
		t.Errorf("a name like no other: the error is %v, want the list without a suggestion", err)
	}
}

func TestShapesAndViews(t *testing.T) {
	for _, c := range []struct {
		module network.Module
		want   []int
	}{
		{network.Module{Reads: dataset.Both, Writes: dataset.Both}, []int{27, 9}},
		{network.Module{Reads: dataset.Both, Writes: dataset.Omega, Hidden: []int{50}}, []int{27, 50, 1}},
		{network.Module{Reads: dataset.Omega, Writes: dataset.Gamma, Hidden: []int{7, 5}}, []int{3, 7, 5, 8}},
		{network.Module{Reads: dataset.Gamma, Writes: dataset.Both, Hidden: []int{4}}, []int{24, 4, 9}},
	} {
		if got := c.module.Shape(paper); !slices.Equal(got, c.want) {
			t.Errorf("shape of %+v is %v, want %v", c.module, got, c.want)
		}
		if v := c.module.View(); v != (dataset.View{Reads: c.module.Reads, Writes: c.module.Writes}) {
			t.Errorf("view of %+v is %+v", c.module, v)
		}
	}
	// Shape must not write into the module's own list.
	roomy := append(make([]int, 0, 8), 5)
	m := network.Module{Reads: dataset.Both, Writes: dataset.Both, Hidden: roomy}
	m.Shape(paper)
	if full := roomy[:2]; full[1] != 0 {
		t.Errorf("Shape wrote %v behind the hidden widths", full)
	}
}

func TestAtDropsModulesWithoutInputsOrOutputs(t *testing.T) {
	for _, c := range []struct {
		arch  network.Architecture
		point dataset.Point
		want  []network.Module
	}{
		{network.Split(5), dataset.NewPoint(3, 3, 0, 1, 1, 1), network.Split(5).Modules[1:]},
		{network.Split(5), dataset.NewPoint(3, 3, 2, 1, 0, 1), network.Split(5).Modules[:1]},
		{network.Partitioned(5), dataset.NewPoint(3, 3, 1, 0, 1, 1), network.Partitioned(5).Modules[:1]},
		{network.Partitioned(5), dataset.NewPoint(3, 0, 0, 1, 1, 1), network.Partitioned(5).Modules[1:]},
		{network.Dense(5), dataset.NewPoint(3, 0, 0, 1, 1, 1), network.Dense(5).Modules},
		{network.Split(5), paper, network.Split(5).Modules},
	} {
		here, err := c.arch.At(c.point)
		if err != nil {
			t.Errorf("%s at %v: %v", c.arch.Name, c.point, err)
			continue
		}
		if here.Name != c.arch.Name || !slices.EqualFunc(here.Modules, c.want, modulesEqual) {
			t.Errorf("%s at %v is %+v, want %+v", c.arch.Name, c.point, here.Modules, c.want)
		}
	}
}

func TestAtNamesWhatIsWrong(t *testing.T) {
	one := func(m network.Module) network.Architecture {
		return network.Architecture{Name: "custom", Modules: []network.Module{m}}
	}
	both := dataset.Both
	for _, c := range []struct {
		arch  network.Architecture
		point dataset.Point
		want  string
	}{
		{network.Dense(5), dataset.Point{}, "bits is 0"},
		{network.Dense(0), paper, "module 1 has a hidden layer of 0 units, but must have 1 to 1048576"},
		{network.Split(5, -3), paper, "module 1 has a hidden layer of -3 units"},
		{network.Dense(network.MaxUnits + 1), paper, "has a hidden layer of 1048577 units"},
		{network.Dense(slices.Repeat([]int{2}, network.MaxDepth+1)...), paper, "module 1 has 17 hidden layers, but may have at most 16"},
		{one(network.Module{Writes: both}), paper, "module 1 reads none and writes omega+gamma"},
		{one(network.Module{Reads: both}), paper, "module 1 reads omega+gamma and writes none"},
		{network.Architecture{Name: "empty"}, paper, "no module of the empty architecture"},
		{network.Partitioned(5), dataset.NewPoint(3, 3, 0, 0, 1, 1), "no module of the partitioned architecture has both inputs and outputs at bits=3"},
	} {
		if _, err := c.arch.At(c.point); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v at %v: the error is %v, want one with %q", c.arch, c.point, err, c.want)
		}
	}
}

func TestRulesByName(t *testing.T) {
	for name, want := range map[string]network.Rule{
		"gd": {}, "hebbian": {Beta: 0.001}, "anti-hebbian": {Beta: -0.001}, "contrastive-hebbian": {Gamma: 1}, "predictive-coding": {Gamma: -1},
	} {
		if got, err := network.RuleByName(name); err != nil || got != want {
			t.Errorf("%s is %+v, %v, want %+v", name, got, err, want)
		}
		if !slices.Contains(network.RuleNames, name) {
			t.Errorf("%s is not among the names %v", name, network.RuleNames)
		}
	}
	if _, err := network.RuleByName("hebbain"); err == nil || !strings.Contains(err.Error(), `did you mean "hebbian"?`) {
		t.Errorf("a misspelt rule: the error is %v", err)
	}
}

func TestRuleCheck(t *testing.T) {
	mixed := network.Architecture{Name: "custom", Modules: []network.Module{
		{Reads: dataset.Both, Writes: dataset.Omega, Hidden: []int{4}}, {Reads: dataset.Both, Writes: dataset.Gamma},
	}}
	for _, c := range []struct {
		rule network.Rule
		arch network.Architecture
		want string // empty: no error
	}{
		{network.Rule{}, network.Shallow(), ""},
		{network.Rule{Gamma: 1}, network.Dense(4), ""},
		{network.Rule{Beta: -1}, network.Split(4, 4), ""},
		{network.Rule{Gamma: 1}, network.Shallow(), "module 1: this learning rule changes weights through a hidden layer"},
		{network.Rule{Beta: 1}, mixed, "module 2: this learning rule"},
		{network.Rule{Gamma: math.NaN()}, network.Dense(4), "gamma is NaN, but must be a finite number"},
		{network.Rule{Beta: math.Inf(-1)}, network.Dense(4), "beta is -Inf, but must be a finite number"},
	} {
		err := c.rule.Check(c.arch)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v on %s: the error is %v, want %q", c.rule, c.arch.Name, err, c.want)
		}
	}
}
