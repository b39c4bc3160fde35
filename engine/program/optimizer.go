package program

import "fmt"

// An Optimizer appends the update of parameters to a draft's step.
type Optimizer interface {
	// Update sets each parameter to its value after the step, from its gradient
	// (a value of d.Step) and the learning rate (a scalar of d.Step). State that
	// it needs becomes variables named after the parameter, such as
	// "w1.momentum".
	Update(d *Draft, rate Value, parameters []Variable, gradients []Value)
}

// Coefficients of optimizers are scalars of d.Step, so that runs with other
// coefficients may stand side by side: d.Step.Scalar(0.9) or
// d.Step.Setting("momentum").

// SGD is gradient descent, w ← w − η·g.
//
// With Momentum μ: m ← μ·m + g, w ← w − η·m, and with Nesterov
// w ← w − η·(g + μ·m). The rate multiplies the momentum when it is applied, not
// when it is gathered, as in PyTorch. Source: I. Sutskever et al., On the
// importance of initialization and momentum in deep learning, 2013, in the form
// of torch.optim.SGD with dampening 0.
type SGD struct {
	Momentum Value // [None] for none
	Nesterov bool
}

// Update implements [Optimizer].
func (o SGD) Update(d *Draft, rate Value, parameters []Variable, gradients []Value) {
	b := d.Step
	for i, w := range parameters {
		g := gradients[i]
		if o.Momentum != None {
			buffer := d.stateLike(w, "momentum")
			mu := b.Like(o.Momentum, g)
			m := b.Add(b.Multiply(mu, b.Read(buffer)), g)
			d.Set(buffer, m)
			if o.Nesterov {
				m = b.Add(g, b.Multiply(mu, m))
			}
			g = m
		}
		d.Set(w, b.Subtract(b.Read(w), b.Multiply(b.Like(rate, g), g)))
	}
}

// Adam is
//
//	m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,
//	w ← w − η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε),  t = 1, 2, …
//
// Sources: D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, 2015,
// algorithm 1. With Decay λ the weights are first multiplied by 1 − η·λ: AdamW,
// I. Loshchilov, F. Hutter, Decoupled weight decay regularization, 2019, in the
// form of torch.optim.AdamW.
type Adam struct {
	Beta1, Beta2, Epsilon Value
	Decay                 Value // [None] for none
}

// DefaultAdam has the coefficients of the paper: 0.9, 0.999, 10⁻⁸.
func DefaultAdam(b *Builder) Adam {
	return Adam{b.Scalar(0.9), b.Scalar(0.999), b.Scalar(1e-8), None}
}

// Update implements [Optimizer].
func (o Adam) Update(d *Draft, rate Value, parameters []Variable, gradients []Value) {
	b := d.Step
	t := b.Affine(b.Steps(), 1, 1)
	// 1 − βᵗ = 1 − exp(t·ln β): a product kept from step to step would gather an
	// error of t roundings.
	correction := func(beta Value) Value {
		return b.Affine(b.Exp(b.Multiply(t, b.Log(beta))), -1, 1)
	}
	correction1, correction2 := correction(o.Beta1), correction(o.Beta2)
	for i, w := range parameters {
		g := gradients[i]
		first, second := d.stateLike(w, "first-moment"), d.stateLike(w, "second-moment")
		m := b.mix(o.Beta1, b.Read(first), g)
		v := b.mix(o.Beta2, b.Read(second), b.Square(g))
		d.Set(first, m)
		d.Set(second, v)
		size := b.Add(b.Sqrt(b.Divide(v, b.Like(correction2, v))), b.Like(o.Epsilon, v))
		step := b.Multiply(b.Like(b.Divide(rate, correction1), m), b.Divide(m, size))
		from := b.Read(w)
		if o.Decay != None {
			from = b.Multiply(from, b.Like(b.Affine(b.Multiply(rate, o.Decay), -1, 1), from))
		}
		d.Set(w, b.Subtract(from, step))
	}
}

// RMSProp is
//
//	v ← α·v + (1 − α)·g²,  w ← w − η·g/(√v + ε).
//
// Source: T. Tieleman, G. Hinton, lecture 6.5, 2012, in the form of
// torch.optim.RMSprop.
type RMSProp struct{ Alpha, Epsilon Value }

// Update implements [Optimizer].
func (o RMSProp) Update(d *Draft, rate Value, parameters []Variable, gradients []Value) {
	b := d.Step
	for i, w := range parameters {
		g := gradients[i]
		second := d.stateLike(w, "second-moment")
		v := b.mix(o.Alpha, b.Read(second), b.Square(g))
		d.Set(second, v)
		size := b.Add(b.Sqrt(v), b.Like(o.Epsilon, v))
		d.Set(w, b.Subtract(b.Read(w), b.Multiply(b.Like(rate, g), b.Divide(g, size))))
	}
}

// mix is keep·old + (1 − keep)·now, keep a scalar.
func (b *Builder) mix(keep, old, now Value) Value {
	return b.Add(b.Multiply(b.Like(keep, old), old), b.Multiply(b.Like(b.Affine(keep, -1, 1), now), now))
}

// stateLike declares a state of a parameter's shape that begins with zeros.
func (d *Draft) stateLike(v Variable, what string) Variable {
	if int(v) < 0 || int(v) >= len(d.variables) {
		d.fail(fmt.Errorf("there is no parameter %d to update (%s)", v, caller()))
		return v
	}
	of := d.variables[v]
	return d.State(of.Name+"."+what, d.Start.Zeros(of.Shape...))
}

// ClipNorm scales gradients by min(1, most/‖gradients‖), the norm being that of
// all of them together, as torch.nn.utils.clip_grad_norm_ does but for its 10⁻⁶
// in the quotient.
func (b *Builder) ClipNorm(gradients []Value, most Value) []Value {
	norm := b.Scalar(0)
	for _, g := range gradients {
		norm = b.Add(norm, b.Total(b.Square(g)))
	}
	norm = b.Sqrt(norm)
	// A norm of 0 must not give 0·∞.
	scale := b.Select(b.Less(most, norm), b.Divide(most, norm), b.Scalar(1))
	out := make([]Value, len(gradients))
	for i, g := range gradients {
		out[i] = b.Multiply(b.Like(scale, g), g)
	}
	return out
}
