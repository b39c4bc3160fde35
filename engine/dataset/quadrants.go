package dataset

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Quadrants are the squared Frobenius norms of the four blocks of a learned map
// M (n_out × n_in), one for each pair of an input block and an output block.
// Their names read input first: GammaOmega is ‖Γ_x→Ω_y‖².
type Quadrants struct {
	OmegaOmega float64 `json:"omega_omega"` // ‖Ω_x→Ω_y‖²
	GammaOmega float64 `json:"gamma_omega"` // ‖Γ_x→Ω_y‖²
	OmegaGamma float64 `json:"omega_gamma"` // ‖Ω_x→Γ_y‖²
	GammaGamma float64 `json:"gamma_gamma"` // ‖Γ_x→Γ_y‖²
}

// Quadrants measures the four blocks of a map, which must be n_out × n_in.
func (p Point) Quadrants(m *mat.Dense) Quadrants {
	var q Quadrants
	nx, ny := p.NX(), p.NY()
	for i := 0; i < p.Outputs(); i++ {
		row := m.RawRowView(i)
		omega, gamma := sumSquares(row[:nx]), sumSquares(row[nx:])
		if i < ny {
			q.OmegaOmega += omega
			q.GammaOmega += gamma
		} else {
			q.OmegaGamma += omega
			q.GammaGamma += gamma
		}
	}
	return q
}

func sumSquares(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return sum
}

// Add returns the sum of two sets of quadrants: the quadrants of a map whose
// parts occupy different output blocks, or otherwise have no overlap.
func (q Quadrants) Add(o Quadrants) Quadrants {
	return Quadrants{
		OmegaOmega: q.OmegaOmega + o.OmegaOmega,
		GammaOmega: q.GammaOmega + o.GammaOmega,
		OmegaGamma: q.OmegaGamma + o.OmegaGamma,
		GammaGamma: q.GammaGamma + o.GammaGamma,
	}
}

// Scale returns the quadrants times a factor.
func (q Quadrants) Scale(f float64) Quadrants {
	return Quadrants{q.OmegaOmega * f, q.GammaOmega * f, q.OmegaGamma * f, q.GammaGamma * f}
}

// Norms returns the Frobenius norms themselves, the square roots of q.
func (q Quadrants) Norms() Quadrants {
	return Quadrants{math.Sqrt(q.OmegaOmega), math.Sqrt(q.GammaOmega), math.Sqrt(q.OmegaGamma), math.Sqrt(q.GammaGamma)}
}

// Compositional returns the Frobenius norm of the map onto the compositional
// output, √(‖Ω_x→Ω_y‖² + ‖Γ_x→Ω_y‖²).
func (q Quadrants) Compositional() float64 { return math.Sqrt(q.OmegaOmega + q.GammaOmega) }

// NonCompositional returns the Frobenius norm of the map onto the
// non-compositional output, √(‖Ω_x→Γ_y‖² + ‖Γ_x→Γ_y‖²).
func (q Quadrants) NonCompositional() float64 { return math.Sqrt(q.OmegaGamma + q.GammaGamma) }

// Systematicity returns S = ‖Ω_x→Ω_y‖² / (‖Ω_x→Ω_y‖² + ‖Γ_x→Ω_y‖²), the share of
// the compositional answer that comes from the compositional input alone. It is
// NaN while that answer is exactly zero, and where there is none (n_y = 0).
func (q Quadrants) Systematicity() float64 {
	return q.OmegaOmega / (q.OmegaOmega + q.GammaOmega)
}
