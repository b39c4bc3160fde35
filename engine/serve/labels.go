package serve

import "strings"

// labels are the field's symbols for a sweep's parameters and results, as they
// stand in the figures of the written report too.
var labels = map[string]string{
	"bits": "bits n", "nx": "n_x", "ny": "n_y", "kx": "k_x", "ky": "k_y", "r": "r",
	"input_bits": "rows of Ω in the input", "output_bits": "rows of Ω in the output",
	"arch": "architecture", "modules": "modules", "hidden": "hidden units h", "depth": "hidden layers", "rule": "rule",
	"gamma": "γ", "beta": "β", "lr": "learning rate η", "init_scale": "starting scale σ",
	"train_examples": "training examples", "batch": "batch", "steps": "steps", "precision": "precision", "seed": "seed",
	"systematicity": "systematicity S", "train_loss": "training loss", "test_loss": "test loss",
	"last_step": "last step", "diverged_step": "step of divergence", "prediction": "kind of prediction",
}

// quadrants are the blocks of the map, input first.
var quadrants = map[string]string{
	"omega_omega": "Ωx→Ωy", "gamma_omega": "Γx→Ωy", "omega_gamma": "Ωx→Γy", "gamma_gamma": "Γx→Γy",
}

// label returns what the page calls a column, or the ratio of two.
func label(column string) string {
	if a, b, ratio := strings.Cut(column, "/"); ratio {
		if b == "pred_"+a {
			return label(a) + " over theory's"
		}
		return label(a) + " / " + label(b)
	}
	if known, ok := labels[column]; ok {
		return known
	}
	if rest, ok := strings.CutPrefix(column, "pred_"); ok {
		return label(rest) + ", theory"
	}
	if rest, ok := strings.CutPrefix(column, "t_half_"); ok {
		if q, ok := quadrants[rest]; ok {
			return "steps to half of ‖" + q + "‖"
		}
		return "steps to half of mode " + rest
	}
	if rest, ok := strings.CutPrefix(column, "quadrant_"); ok {
		return "‖" + quadrants[rest] + "‖²"
	}
	if rest, ok := strings.CutPrefix(column, "mode_"); ok {
		return "strength of mode " + rest
	}
	if base, ok := strings.CutSuffix(column, "_omega"); ok {
		return label(base) + " (Ωy)"
	}
	if base, ok := strings.CutSuffix(column, "_gamma"); ok {
		return label(base) + " (Γy)"
	}
	return column
}
