package network

import (
	"errors"
	"fmt"
	"math"

	"modspec/engine/names"
)

// A Rule is a learning rule: gradient descent, plus a contrastive term of
// strength Gamma on every module's last layer and a Hebbian term of strength
// Beta on its hidden layers. With H = W1·X and Ŷ = W2·H over the step's m examples:
//
//	ΔW2 = η (Σ_yx − M Σ_x) W1ᵀ + η γ (YYᵀ − ŶŶᵀ) W2
//	ΔW1 = η W2ᵀ (Σ_yx − M Σ_x) + β H (Xᵀ − HᵀW1)                       β > 0
//	ΔW1 = η W2ᵀ (Σ_yx − M Σ_x) + β diag(1/(1 − ‖w_i‖²)) H Xᵀ            β < 0
//
// with w_i the rows of W1. Here Σ_yx = YXᵀ/m and Σ_x = XXᵀ/m are means, whereas the
// products of the γ and β terms, YYᵀ, ŶŶᵀ, HXᵀ and HHᵀ, are sums over the examples.
// The zero Rule is plain gradient descent. In a module
// of several hidden layers the Hebbian term acts on each of them, with its own
// inputs in place of X; the contrastive term acts on the last layer alone. Y and
// Ŷ are the rows that the module writes; Ŷ is the network's whole output there,
// also where several modules add up to it.
// Source: the paper's appendix on other learning rules.
type Rule struct {
	Gamma float64 // γ: 1 contrastive Hebbian, −1 quasi-predictive coding
	Beta  float64 // β: > 0 Hebbian (Oja), < 0 anti-Hebbian; not scaled by η
}

// RuleNames are the rules that [RuleByName] knows.
var RuleNames = []string{"gd", "hebbian", "anti-hebbian", "contrastive-hebbian", "predictive-coding"}

// RuleByName returns a named rule at the strength the paper uses: gd (0, 0),
// hebbian (β = 0.001), anti-hebbian (β = −0.001), contrastive-hebbian (γ = 1),
// predictive-coding (γ = −1). The error for an unknown name tells the nearest.
func RuleByName(name string) (Rule, error) {
	switch name {
	case "gd":
		return Rule{}, nil
	case "hebbian":
		return Rule{Beta: 0.001}, nil
	case "anti-hebbian":
		return Rule{Beta: -0.001}, nil
	case "contrastive-hebbian":
		return Rule{Gamma: 1}, nil
	case "predictive-coding":
		return Rule{Gamma: -1}, nil
	}
	return Rule{}, names.Unknown("learning rule", name, RuleNames)
}

// Check returns an error if the rule cannot train the architecture: strengths
// that are not finite, or a term that needs a hidden layer on a module that has
// none.
func (r Rule) Check(a Architecture) error {
	for _, s := range []struct {
		name  string
		value float64
	}{{"gamma", r.Gamma}, {"beta", r.Beta}} {
		if math.IsNaN(s.value) || math.IsInf(s.value, 0) {
			return fmt.Errorf("%s is %v, but must be a finite number", s.name, s.value)
		}
	}
	if r == (Rule{}) {
		return nil
	}
	for i, m := range a.Modules {
		if len(m.Hidden) == 0 {
			return fmt.Errorf("module %d: %w", i+1, errNoHidden)
		}
	}
	return nil
}

var errNoHidden = errors.New("this learning rule changes weights through a hidden layer, and a shallow module has none; use gd, or give the module a hidden layer")
