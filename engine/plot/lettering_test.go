package plot

import (
	"strings"
	"testing"
)

// Everything that labels of this field need must be there. This is the list that
// authors can rely on.
func TestTheFontHasWhatLabelsNeed(t *testing.T) {
	for _, s := range []string{
		"ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "αβγδεζηθικλμνξοπρςστυφχψωϑϕϵ",
		"x⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵃᵇᵏᵐᵖᵗˣʸ", "x₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵧᵦ",
		"‖|·×÷±−–—…′″→←↑↓↔∞∂∆∑∏∫√≈≠≤≥∩≡‹›«»½¼¾⅓°µ%‰†‡§¶ℓ", "ŷẑŵÿĉäöüßéèñçøå",
		"∥∼⟨⟩≪≫⇒⊤ℝ∘⋅⋯", "■●▲□○♦", "‖Ω_x → Γ_y‖² over 10^{−4}", "",
	} {
		if err := CheckLabel(s); err != nil {
			t.Error(err)
		}
	}
}

func TestMissingGlyphsAreNamed(t *testing.T) {
	for _, s := range []string{"x ∈ Ω", "∝", "✓", "二", "two\nlines", "tab\t", "x^{∈}"} {
		if err := CheckLabel(s); err == nil || !strings.Contains(err.Error(), "U+") {
			t.Errorf("CheckLabel(%q) is %v, want an error that names the character", s, err)
		}
	}
}

func TestWidthsAddUp(t *testing.T) {
	l := axisLabel
	if l.width("") != 0 {
		t.Error("nothing has a width")
	}
	// A small letter is a full one times scriptSize; nothing is kerned across runs.
	got, want := l.width("Ω_x"), l.width("Ω")+scriptSize*l.width("x")
	if d := float64(got - want); d > 1e-9 || d < -1e-9 { // twenty roundings of numbers near 10 leave 10⁻¹⁴
		t.Errorf("Ω_x is %v wide, want %v", got, want)
	}
	if f := l.fitted("a long label", 20); f.size != 6 {
		t.Errorf("a label far too long has size %v, want the smallest, 6", f.size)
	}
	if f := l.fitted("a", 1000); f.size != l.size {
		t.Errorf("a label with room has size %v, want %v", f.size, l.size)
	}
}
