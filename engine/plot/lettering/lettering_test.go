package lettering

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
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
		if err := Check(s); err != nil {
			t.Error(err)
		}
	}
}

func TestMissingGlyphsAreNamed(t *testing.T) {
	for _, s := range []string{"x ∈ Ω", "∝", "✓", "二", "two\nlines", "tab\t", "x^{∈}"} {
		if err := Check(s); err == nil || !strings.Contains(err.Error(), "U+") {
			t.Errorf("Check(%q) is %v, want an error that names the character", s, err)
		}
	}
}

func TestWidthsAddUp(t *testing.T) {
	l := Style(9.5, color.Black)
	if l.Width("") != 0 {
		t.Error("nothing has a width")
	}
	// A small letter is a full one times scriptSize; nothing is kerned across spans.
	got, want := l.Width("Ω_x"), l.Width("Ω")+scriptSize*l.Width("x")
	if d := float64(got - want); d > 1e-9 || d < -1e-9 { // twenty roundings of numbers near 10 leave 10⁻¹⁴
		t.Errorf("Ω_x is %v wide, want %v", got, want)
	}
	if f := Fitted(l, "a long label", 20); f.Font.Size != smallest {
		t.Errorf("a label far too long has size %v, want the smallest, %v", f.Font.Size, smallest)
	}
	if f := Fitted(l, "a", 1000); f.Font.Size != l.Font.Size {
		t.Errorf("a label with room has size %v, want %v", f.Font.Size, l.Font.Size)
	}
	if w := Within(l, 20).Width("a long label"); w != 20 {
		t.Errorf("a label within 20 counts as %v wide", w)
	}
}

// TestExtents: the proportions of the letters are those of the font.
func TestExtents(t *testing.T) {
	f := face(font.Font{Size: 1000})
	e := f.Extents()
	for _, c := range []struct {
		name      string
		got, want vg.Length
	}{{"ascent", 1000 * ascent, e.Ascent}, {"descent", 1000 * descent, e.Descent}} {
		if math.Abs(float64(c.got-c.want)) > 1 { // constants of three digits
			t.Errorf("the %s is %v, the font's %v", c.name, c.got, c.want)
		}
	}
}
