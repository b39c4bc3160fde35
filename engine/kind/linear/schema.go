package linear

import (
	"fmt"
	"math"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/train"
)

// all stands for as many as there are: n_x of the bits, n_y of n_x, training examples
// of P, a batch of the training examples.
const all = "all"

// Parameters are what decides a run but for its seed and precision. The defaults are
// the paper's dense experiment. The strengths of rules have none, because each rule
// has its own.
var Parameters = results.Schema{
	{Name: "bits", Type: results.Whole, Label: "bits n", Doc: "n; there are P = 2ⁿ examples",
		Domain: results.Domain{Default: "3", Min: dataset.MinBits, Max: dataset.MaxBits}},
	{Name: "nx", Type: results.Whole, Label: "n_x", Doc: "compositional input bits n_x, or all",
		Domain: results.Domain{Default: all, Max: dataset.MaxBits, Words: []string{all}}},
	{Name: "ny", Type: results.Whole, Label: "n_y", Doc: "compositional output bits n_y, or all of the input's",
		Domain: results.Domain{Default: "1", Max: dataset.MaxBits, Words: []string{all}}},
	{Name: "kx", Type: results.Whole, Label: "k_x", Doc: "copies of the non-compositional inputs, k_x",
		Domain: results.Domain{Default: "3", Max: dataset.MaxCopies}},
	{Name: "ky", Type: results.Whole, Label: "k_y", Doc: "copies of the non-compositional outputs, k_y",
		Domain: results.Domain{Default: "1", Max: dataset.MaxCopies}},
	{Name: "r", Type: results.Real, Label: "r", Doc: "scale of the non-compositional features",
		Domain: results.Domain{Default: "1", Max: dataset.MaxR, Least: dataset.MinR}},
	{Name: "input_bits", Type: results.Text, Label: "rows of Ω in the input", Doc: "rows of Ω that make up Ω_x, such as 0,2"},
	{Name: "output_bits", Type: results.Text, Label: "rows of Ω in the output", Doc: "rows of Ω that make up Ω_y, such as 0,2"},
	{Name: "arch", Type: results.Text, Label: "architecture", Doc: "architecture",
		Domain: results.Domain{Default: "dense", Words: network.Names, Aliases: []string{"architecture"}}},
	{Name: "modules", Type: results.Text, Label: "modules", Doc: "modules of a custom architecture"},
	{Name: "hidden", Type: results.Whole, Label: "hidden units h", Doc: "units in each hidden layer",
		Domain: results.Domain{Default: "50", Min: 1, Max: network.MaxUnits, Aliases: []string{"hidden_size", "width"}}},
	{Name: "depth", Type: results.Whole, Label: "hidden layers", Doc: "hidden layers",
		Domain: results.Domain{Default: "1", Max: network.MaxDepth, Aliases: []string{"layers", "hidden_layers"}}},
	{Name: "rule", Type: results.Text, Label: "rule", Doc: "learning rule",
		Domain: results.Domain{Default: "gd", Words: network.RuleNames, Aliases: []string{"learning_rule"}}},
	{Name: "gamma", Type: results.Real, Label: "γ", Doc: "strength γ of the two contrastive rules",
		Domain: results.Domain{Min: -math.MaxFloat64, Max: math.MaxFloat64}},
	{Name: "beta", Type: results.Real, Label: "β", Doc: "strength β of the two Hebbian rules",
		Domain: results.Domain{Min: -math.MaxFloat64, Max: math.MaxFloat64}},
	{Name: "lr", Type: results.Real, Label: "learning rate η", Doc: "learning rate η",
		Domain: results.Domain{Default: "0.16", Max: math.MaxFloat64, Aliases: []string{"eta", "learning_rate"}}},
	{Name: "init_scale", Type: results.Real, Label: "initial scale σ", Doc: "standard deviation σ of the initial weights",
		Domain: results.Domain{Default: "0.0002", Max: network.MaxScale, Least: network.MinScale, Aliases: []string{"sigma", "init_std"}}},
	{Name: train.StepsParameter, Type: results.Whole, Label: "steps", Unit: "steps", Doc: "updates",
		Domain: results.Domain{Default: "300", Max: train.MaxSteps, Aliases: []string{"epochs"}}},
	{Name: "train_examples", Type: results.Whole, Label: "training examples", Doc: "examples trained on, the first so many, or all",
		Domain: results.Domain{Default: all, Min: 1, Max: 1 << dataset.MaxBits, Words: []string{all}}},
	{Name: "batch", Type: results.Whole, Label: "batch", Doc: "examples in a step, or all of the training examples",
		Domain: results.Domain{Default: all, Min: 1, Max: 1 << dataset.MaxBits, Words: []string{all}, Aliases: []string{"batch_size"}}},
}

// Metrics are what is measured of a network at a step.
var Metrics = results.Schema{
	metric("train_loss", "training loss", "½ · mean over the training examples of ‖y − ŷ‖²"),
	metric("train_loss_omega", "training loss (Ωy)", "part of the training loss over Ω_y's rows"),
	metric("train_loss_gamma", "training loss (Γy)", "part of the training loss over Γ_y's rows"),
	metric("test_loss", "test loss", "½ · mean over the other examples of ‖y − ŷ‖²; null where there are none"),
	metric("test_loss_omega", "test loss (Ωy)", "part of the test loss over Ω_y's rows"),
	metric("test_loss_gamma", "test loss (Γy)", "part of the test loss over Γ_y's rows"),
	metric("quadrant_omega_omega", "‖Ωx→Ωy‖²", "squared Frobenius norm of the map's block from Ω_x to Ω_y"),
	metric("quadrant_gamma_omega", "‖Γx→Ωy‖²", "squared Frobenius norm of the map's block from Γ_x to Ω_y"),
	metric("quadrant_omega_gamma", "‖Ωx→Γy‖²", "squared Frobenius norm of the map's block from Ω_x to Γ_y"),
	metric("quadrant_gamma_gamma", "‖Γx→Γy‖²", "squared Frobenius norm of the map's block from Γ_x to Γ_y"),
	metric("mode_1", "strength of mode 1", "strength uᵀMv of the modes of the bits that Ω_y asks for"),
	metric("mode_2", "strength of mode 2", "strength uᵀMv of the modes of the bits that Ω_y leaves out"),
	metric("mode_3", "strength of mode 3", "strength uᵀMv of the modes of every other Walsh function"),
	metric("mode_4", "strength of mode 4", "strength uᵀMv of the modes of the bits that Ω_y asks for and Ω_x lacks"),
	metric("systematicity", "systematicity S", "S; null where the network writes no Ω_y"),
}

// metric returns a column. Columns of one kind share a panel, by their names.
func metric(name, label, doc string) results.Column {
	c := results.Column{Name: name, Label: label, Doc: doc, Null: true}
	switch {
	case name == "train_loss", name == "test_loss":
		c.Panel, c.Scale = "Loss", results.Log
	case strings.Contains(name, "_loss_"):
		c.Panel, c.Scale = "Loss by output block", results.Log
	case strings.HasPrefix(name, "quadrant_"):
		c.Panel, c.Scale = "Quadrants of the learned map", results.Root
	case strings.HasPrefix(name, "mode_"):
		c.Panel = "Mode strengths"
	}
	return c
}

// Summary are what is known of a run that has ended: its metrics at the last step, the
// steps until half of what each mode and quadrant ends at, and the same from theory.
// In theory's columns is nothing on the test loss.
var Summary = func() results.Schema {
	summary := append(results.Schema{}, Metrics...)
	summary[summary.Index("systematicity")].Rank = 1
	summary[summary.Index("train_loss")].Rank = 2
	for i := 1; i <= 4; i++ {
		mode := fmt.Sprintf("mode_%d", i)
		summary = append(summary, halfTime(fmt.Sprintf("t_half_%d", i), mode, fmt.Sprintf("mode %d", i),
			"steps until "+mode+" is half of where theory says that it ends, λ/δ"))
	}
	for _, q := range [][2]string{{"omega_omega", "Ωx→Ωy"}, {"gamma_omega", "Γx→Ωy"}, {"omega_gamma", "Ωx→Γy"}, {"gamma_gamma", "Γx→Γy"}} {
		summary = append(summary, halfTime("t_half_"+q[0], "quadrant_"+q[0], "‖"+q[1]+"‖",
			"steps until the norm ‖"+q[1]+"‖ (not its square) is half of where it ends"))
	}
	summary[summary.Index("t_half_1")].Rank = 3
	measured := summary
	summary = append(summary, results.Column{Name: "prediction", Type: results.Text, Role: results.Source, Label: "kind of prediction",
		Doc: "where the predictions come from; discrete: gradient descent step by step from each network's own initial weights, nothing is fitted; asymptote: where learning ends; none: theory says nothing"})
	for _, c := range measured {
		switch c.Name {
		case "test_loss", "test_loss_omega", "test_loss_gamma":
			continue
		}
		c.Role, c.Of, c.Rank = results.Prediction, c.Name, 0
		c.Name, c.Label, c.Doc = "pred_"+c.Name, c.Label+", theory", "theory's "+c.Name
		summary = append(summary, c)
	}
	return summary
}()

func halfTime(name, of, quantity, doc string) results.Column {
	return results.Column{Name: name, Role: results.Time, Of: of, Label: "steps to half of " + quantity, Unit: "steps", Doc: doc, Null: true}
}
