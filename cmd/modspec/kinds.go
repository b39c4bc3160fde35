package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"modspec/engine/kind/images"
	"modspec/engine/kind/linear/model"
	"modspec/engine/kind/mixture"
	"modspec/engine/names"
	"modspec/engine/printable"
	"modspec/engine/results"
	"modspec/engine/train"
)

// kinds are the kinds of networks that commands and sweep files know.
var kinds = []train.Kind{model.Kind, mixture.Kind{}, images.Kind{}}

func kindNames() []string {
	var list []string
	for _, k := range kinds {
		list = append(list, k.Name())
	}
	return list
}

func newKinds() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "kinds [NAME]",
		Short: "List the kinds of networks with their parameters and metrics",
		Long: `List the kinds of networks that can be trained, or of one kind its parameters, its
metrics, and the tensors that modspec train reads with --weights and --batches and
writes with --save-weights, with the shapes that they have by default.

A parameter is named as in sweep files; its flag has dashes for underscores. Where the
data of the default network are not here, its tensors are not listed, and what is
missing is said.`,
		Example: `  modspec kinds
  modspec kinds mixture
  modspec kinds --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return badInput(fmt.Errorf("kinds takes one name, but got %d: %s", len(args), strings.Join(args, ", ")))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return kindNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen := kinds
			if len(args) == 1 {
				at := slices.Index(kindNames(), args[0])
				if at < 0 {
					return badInput(names.Unknown("kind", args[0], kindNames()))
				}
				chosen = kinds[at : at+1]
			}
			list := make([]kindJSON, len(chosen))
			for i, k := range chosen {
				var err error
				if list[i], err = newKindJSON(k); err != nil {
					return fmt.Errorf("the kind %s: %w", k.Name(), err)
				}
			}
			switch out := cmd.OutOrStdout(); {
			case asJSON && len(args) == 1:
				return json.NewEncoder(out).Encode(list[0])
			case asJSON:
				return json.NewEncoder(out).Encode(map[string][]kindJSON{"kinds": list})
			case len(args) == 1:
				list[0].print(out)
			default:
				t := newTable("kind", "what it is")
				for _, k := range list {
					what := k.Doc
					if k.Missing != "" {
						what += " (" + k.Missing + ")"
					}
					t.row(k.Name, what)
				}
				t.write(out)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, of all kinds with all that there is to say of one")
	return cmd
}

// kindJSON is a kind as modspec kinds shows it.
type kindJSON struct {
	Name       string          `json:"name"`
	Doc        string          `json:"doc"`
	Parameters []parameterJSON `json:"parameters"`
	Metrics    []metricJSON    `json:"metrics"`
	// Weights and Inputs are the tensors of the default network; empty where it is not
	// trained as a program, or where its data are missing.
	Weights []tensorJSON `json:"weights,omitempty"`
	Inputs  []tensorJSON `json:"inputs,omitempty"` // of a step
	// Missing says which data of the default network are not here; empty where all are.
	Missing string `json:"missing,omitempty"`
}

type parameterJSON struct {
	Name    string          `json:"name"`
	Type    string          `json:"type"`
	Default string          `json:"default"`
	Min     *results.Number `json:"min,omitempty"`
	Max     *results.Number `json:"max,omitempty"`
	Least   *results.Number `json:"least,omitempty"` // of numbers above 0
	Words   []string        `json:"words,omitempty"`
	Unit    string          `json:"unit,omitempty"`
	Label   string          `json:"label"`
	Doc     string          `json:"doc"`

	allowed string
}

type metricJSON struct {
	Name  string `json:"name"`
	Unit  string `json:"unit,omitempty"`
	Label string `json:"label"`
	Doc   string `json:"doc"`
	Null  bool   `json:"null"` // whether a run may lack it
}

type tensorJSON struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	Fixed bool   `json:"fixed,omitempty"` // whether it is part of the task, which no step changes
}

func newKindJSON(k train.Kind) (kindJSON, error) {
	j := kindJSON{Name: k.Name(), Doc: k.Doc()}
	for _, c := range k.Parameters() {
		p := parameterJSON{Name: c.Name, Type: c.Type.String(), Default: c.Default, Words: c.Words, Unit: c.Unit, Label: cmp.Or(c.Label, c.Name), Doc: c.Doc, allowed: train.Allowed(&c)}
		if c.Type == results.Real || c.Type == results.Whole {
			low, high := results.Number(c.Min), results.Number(c.Max)
			p.Min, p.Max = &low, &high
			if c.Least > 0 {
				least := results.Number(c.Least)
				p.Least = &least
			}
		}
		j.Parameters = append(j.Parameters, p)
	}
	for _, c := range k.Metrics() {
		j.Metrics = append(j.Metrics, metricJSON{c.Name, c.Unit, cmp.Or(c.Label, c.Name), c.Doc, c.Null})
	}
	if k.Name() == train.DefaultKind {
		return j, nil // its weights are a JSON file
	}
	s, err := train.NewSetting(k)
	if err != nil {
		return j, err
	}
	m, err := k.Resolve(s)
	if errors.Is(err, fs.ErrNotExist) {
		j.Missing = err.Error()
		return j, nil
	}
	if err != nil {
		return j, badInput(err)
	}
	t, err := m.Program()
	if err != nil {
		return j, err
	}
	for i, v := range t.Variables {
		if fixed := !v.Trained && t.Fixed(i); v.Trained || fixed {
			j.Weights = append(j.Weights, tensorJSON{v.Name, v.Shape, fixed})
		}
	}
	for _, in := range t.Inputs() {
		j.Inputs = append(j.Inputs, tensorJSON{Name: in.Name, Shape: in.Shape})
	}
	return j, nil
}

func (j *kindJSON) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n\n", j.Name, j.Doc)
	t := newTable("parameter", "default", "allowed", "unit", "meaning")
	for _, p := range j.Parameters {
		t.row(p.Name, p.Default, p.allowed, p.Unit, p.Doc)
	}
	t.write(w)
	fmt.Fprintln(w)
	t = newTable("metric", "label", "unit", "meaning")
	for _, m := range j.Metrics {
		t.row(m.Name, m.Label, m.Unit, m.Doc)
	}
	t.write(w)
	if j.Missing != "" {
		fmt.Fprintf(w, "\nweights and inputs depend on data that are not here: %s\n", printable.Text(j.Missing))
	}
	for _, tensors := range []struct {
		heading string
		list    []tensorJSON
	}{{"weights (--weights, --save-weights)", j.Weights}, {"input of a step (--batches)", j.Inputs}} {
		if len(tensors.list) == 0 {
			continue
		}
		fmt.Fprintln(w)
		t := newTable(tensors.heading, "shape by default")
		for _, x := range tensors.list {
			shape := shapeText(x.Shape)
			if x.Fixed {
				shape += " (of the task; may be left out)"
			}
			t.row(x.Name, shape)
		}
		t.write(w)
	}
}

// shapeText writes a shape as mathematics does.
func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "a number"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", " × "), "[]")
}
