package report

import "strings"

// parameterLabels are the field's symbols for a sweep's parameters.
var parameterLabels = map[string]string{
	"bits": "bits n", "nx": "n_x", "ny": "n_y", "kx": "k_x", "ky": "k_y", "r": "r",
	"arch": "architecture", "hidden": "hidden units h", "depth": "hidden layers", "rule": "rule",
	"gamma": "γ", "beta": "β", "lr": "learning rate η", "init_scale": "starting scale σ",
	"train_examples": "training examples", "batch": "batch", "steps": "steps",
	"systematicity": "systematicity S",
	"train_loss":    "training loss", "test_loss": "test loss",
}

// quadrantLabels are the quadrants as figures name them.
var quadrantLabels = map[string]string{
	"omega_omega": "Ωx→Ωy", "gamma_omega": "Γx→Ωy", "omega_gamma": "Ωx→Γy", "gamma_gamma": "Γx→Γy",
}

// columnLabel returns what an axis calls a column of the table runs; a column
// without a name of its own is called what it is called there.
func columnLabel(column string) string {
	if a, b, ratio := strings.Cut(column, "/"); ratio {
		if b == "pred_"+a {
			return columnLabel(a) + " over theory's"
		}
		return columnLabel(a) + " / " + columnLabel(b)
	}
	if rest, ok := strings.CutPrefix(column, "pred_"); ok {
		return columnLabel(rest) + ", theory"
	}
	if label, ok := parameterLabels[column]; ok {
		return label
	}
	for _, block := range []struct{ suffix, label string }{{"_omega", " (Ωy)"}, {"_gamma", " (Γy)"}} {
		if base, ok := strings.CutSuffix(column, block.suffix); ok && strings.HasSuffix(base, "_loss") {
			return columnLabel(base) + block.label
		}
	}
	if rest, ok := strings.CutPrefix(column, "t_half_"); ok {
		if q, ok := quadrantLabels[rest]; ok {
			return "steps to half of ‖" + q + "‖"
		}
		return "steps to half of mode " + rest
	}
	if rest, ok := strings.CutPrefix(column, "quadrant_"); ok {
		return "‖" + quadrantLabels[rest] + "‖²"
	}
	if rest, ok := strings.CutPrefix(column, "mode_"); ok {
		return "strength of mode " + rest
	}
	return column
}
