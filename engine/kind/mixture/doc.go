// Package mixture is the kind of networks that learn a mixture of rules, with one
// core for all rules or with a core of modules that a gate chooses from.
//
// Source: S. Mittal, Y. Bengio, G. Lajoie, Is a modular architecture enough?, 2022
// (arXiv 2206.02713), with its published code: the family of perceptrons.
//
// # Task
//
// There are R rules. Rule c has two coefficients, α_c and β_c, standard normals of
// the data seed. A sample is a rule c, uniform on 0 to R − 1, and two numbers x1
// and x2, standard normals; its target is y = α_c·x1 + β_c·x2, and its label in
// classification is 1 where y ≥ 0, otherwise 0. Each step has a new batch. Out of
// distribution, x is doubled and targets are computed anew, so labels do not
// change.
//
// The inputs of the task, by name, and the draw of the data stream, which is stream 1
// of a run, that they come from:
//
//	c             batch        the rule of each sample, 0 to R − 1: draw 0
//	x             batch × 2    its numbers x1, x2: draw 1
//	coefficients  R × 2        α and β of each rule: draw 0 of the initial values; a
//	                           variable that no step changes
//
// The x1, x2 of the S samples of each rule that a record measures, R·S × 2, rule by rule,
// are draw 2 of that stream at the record's step. They have no name and are always drawn.
//
// All of these depend on the data seed alone: networks of equal data seed and number of rules
// see equal data in equal order. Coefficients of the first rules do not depend on the
// number of rules.
//
// # Network
//
// E is the embedding, D the width, M the number of modules, and h = ⌊D/M⌋ the
// hidden units of a module: where M does not divide D, D − M·h units are missing.
// A layer maps x to W·x + b. Weights are (outputs × inputs); between two layers of
// a part is a ReLU.
//
//	digit.1.weight     E × 1     encodes x1 and x2, each by itself
//	digit.1.bias       E
//	digit.2.weight     E × E
//	digit.2.bias       E
//	rule.1.weight      E × R     encodes the rule, given one-hot
//	rule.1.bias        E
//	rule.2.weight      E × E
//	rule.2.bias        E
//	core.1.weight      M·h × 3E  reads the codes of x1, x2 and the rule, in this order
//	core.1.bias        M·h
//	core.2.weight      D × M·h
//	core.2.bias        M × D
//	gate.weight        M × h (modular) or M × E (modular-op)
//	gate.bias          M
//	decoder.1.weight   E × D
//	decoder.1.bias     E
//	decoder.2.weight   1 × E
//	decoder.2.bias     1
//
// Module m has the rows m·h to m·h + h − 1 of core.1, the same columns of
// core.2.weight and row m of core.2.bias. The decoder reads Σ_m g_m·v_m, with v_m
// the module's output and g_m its gate:
//
//	monolithic    M = 1 and no gate
//	modular       g = softmax over m of gate.weight[m]·(hidden units of m) + gate.bias[m]
//	modular-op    g = softmax of the layer "gate" on the code of the rule
//	ground-truth  M = R and g is 1 for the module of the sample's rule, otherwise 0
//
// Initial weights and biases are uniform on ±1/√(inputs of the layer), of the run's
// own stream; the layers core.2 and gate of the modular core have h inputs. The
// optimizer's state is named after the weights, such as digit.1.weight.first-moment.
//
// # Metrics
//
// Losses, errors and gates are measured on fresh samples at each record, equally
// many of each rule. With A[r, m] the mean gate of module m on rule r, R rules and
// M modules, P = A/R and p_m = Σ_r P[r, m]:
//
//	collapse_avg    M/(M − 1)·Σ_m max(0, 1/M − p_m)
//	collapse_worst  1 − M·min_m p_m
//	alignment       1 − max over permutations σ of the mean of A[r, σ(r)]; needs M = R
//	imi             (ln R − I)/ln R with the mutual information
//	                I = Σ P·ln(P/(q + ε) + ε), q[r, m] = p_m·Σ_m P[r, m], ε = 10⁻⁸
//	adaptation      the mean over k of half the L1 distance between sorted π_k and
//	                sorted π_k·A, for 100 draws π_k of the uniform Dirichlet
//	                distribution, those of NumPy's RandomState(k); needs M = R
//
// The published code measures the gates of adaptation on samples drawn with the
// probabilities π; π·A is their expectation. The monolithic core has none of the
// five, and one module no collapse.
package mixture
