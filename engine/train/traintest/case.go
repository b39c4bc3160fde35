package traintest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"modspec/engine/kind/mixture"
	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/train"
)

// A Case is settings of one shape of a kind, of which jobs are made.
type Case struct {
	Name string
	Kind train.Kind
	// Settings are values of parameters by name, as a sweep file has them.
	Settings []map[string]string
	// Diverging is a setting of the same shape with which a run diverges in each
	// precision before its last step; nil for none.
	Diverging map[string]string
}

// Toys are cases of the kind [Toy].
func Toys() []Case {
	rates := func(more map[string]string, lrs ...string) (list []map[string]string) {
		for _, rate := range lrs {
			s := map[string]string{"lr": rate}
			for name, value := range more {
				s[name] = value
			}
			list = append(list, s)
		}
		return list
	}
	return []Case{
		{"toy, sgd", Toy{}, rates(nil, "0.125", "0.3", "0"), map[string]string{"lr": "1e30"}},
		{"toy, momentum, one class", Toy{}, rates(map[string]string{"momentum": "0.9", "classes": "1", "batch": "1", "hidden": "1"}, "0.05"), nil},
		{"toy, adam, wide", Toy{}, rates(map[string]string{"optimizer": "adam", "hidden": "17", "classes": "5", "batch": "9", "steps": "8"}, "0.01", "0.02"),
			map[string]string{"optimizer": "adam", "hidden": "17", "classes": "5", "batch": "9", "steps": "8", "init_scale": "1e300"}},
	}
}

// Mixtures are cases of the kind mixture: each core, with Adam and gradient descent, in
// odd sizes.
func Mixtures() (list []Case) {
	for _, c := range []struct{ core, task, optimizer, diverging string }{
		{"monolithic", "regression", "adam", "1e308"},
		{"modular", "regression", "sgd", "1e300"},
		{"modular-op", "classification", "adam", ""},
		{"ground-truth", "classification", "sgd", ""},
	} {
		at := func(lr string) map[string]string {
			return map[string]string{"core": c.core, "task": c.task, "optimizer": c.optimizer, "lr": lr, "steps": "6",
				"rules": "3", "embedding": "5", "width": "11", "batch": "7", "samples": "3"}
		}
		cases := Case{Name: "mixture, " + c.core, Kind: mixture.Kind{}, Settings: []map[string]string{at("0.001"), at("0.01")}}
		if c.diverging != "" {
			cases.Diverging = at(c.diverging)
		}
		list = append(list, cases)
	}
	return list
}

// Cases are those of all kinds, with data in folders of the test. Short tests, which look
// for races, leave out images: they take the most time, and no goroutines of their own.
func Cases(t testing.TB) []Case {
	list := slices.Concat(Toys(), Mixtures())
	if testing.Short() {
		return list
	}
	return append(list, Images(t)...)
}

// Model resolves a setting.
func (c *Case) Model(setting map[string]string) (train.Model, error) {
	s, err := train.NewSetting(c.Kind)
	if err != nil {
		return nil, err
	}
	for name, text := range setting {
		i := c.Kind.Parameters().Index(name)
		if i < 0 {
			return nil, fmt.Errorf("%s: the kind %s has no parameter %s", c.Name, c.Kind.Name(), name)
		}
		if v, err := number.Real(text); err == nil && c.Kind.Parameters()[i].Type != results.Text {
			s.Set(i, results.Value{Number: v})
		} else {
			s.Set(i, results.Value{Text: text})
		}
	}
	return c.Kind.Resolve(s)
}

// job is a job of two runs of each setting, with seeds 0 and 1, recorded at five
// steps or more.
func (c *Case) job(precision string, settings ...map[string]string) (*train.Job, error) {
	j := &train.Job{Kind: c.Kind, Precision: precision}
	for _, s := range settings {
		m, err := c.Model(s)
		if err != nil {
			return nil, err
		}
		j.Steps = m.Steps()
		for seed := range uint64(2) {
			j.Runs = append(j.Runs, train.Run{Model: m, Stream: train.Stream(c.Kind, m.Parameters(), seed)})
		}
	}
	j.Schedule.Every = max(j.Steps/4, 1)
	return j, nil
}

// An arithmetic is that of a backend.
type arithmetic struct {
	u       float64 // unit roundoff
	largest float64
}

func arithmeticOf(precision string) arithmetic {
	if precision == "float32" {
		return arithmetic{0x1p-24, math.MaxFloat32}
	}
	return arithmetic{0x1p-53, math.MaxFloat64}
}
