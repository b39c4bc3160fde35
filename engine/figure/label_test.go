package figure

import (
	"strings"
	"testing"
)

// spelled writes spans with brackets around what is raised and lowered.
func spelled(spans []Span) string {
	var b strings.Builder
	for _, r := range spans {
		switch r.Level {
		case Superscript:
			b.WriteString("⟦^" + r.Text + "⟧")
		case Subscript:
			b.WriteString("⟦_" + r.Text + "⟧")
		default:
			b.WriteString(r.Text)
		}
	}
	return b.String()
}

func TestSpans(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"plain":               "plain",
		"10⁻⁴":                "10⟦^−4⟧",
		"10^-4 and 10^{−12}":  "10⟦^−4⟧ and 10⟦^−12⟧",
		"Ω_x → Γ_y":           "Ω⟦_x⟧ → Γ⟦_y⟧",
		"Ω_x→Γ_y":             "Ω⟦_x⟧→Γ⟦_y⟧",
		"Ωₓ→Γᵧ":               "Ω⟦_x⟧→Γ⟦_y⟧",
		"‖Ω_x→Ω_y‖²":          "‖Ω⟦_x⟧→Ω⟦_y⟧‖⟦^2⟧",
		"n_xc":                "n⟦_xc⟧",
		"a_max, σ_{0,1}":      "a⟦_max⟧, σ⟦_0,1⟧",
		"t_½":                 "t⟦_½⟧",
		"W_2(0)ᵀu":            "W⟦_2⟧(0)⟦^T⟧u",
		"e^{−2ηλt}":           "e⟦^−2ηλt⟧",
		"k_x r²":              "k⟦_x⟧ r⟦^2⟧",
		"k_xr²":               "k⟦_xr⟧⟦^2⟧",
		"step_size":           "step_size",
		"snake_case_x":        "snake_case_x",
		"a__b":                "a__b",
		"_x":                  "_x",
		"x_":                  "x_",
		"x_{}":                "x_{}",
		"x_{open":             "x_{open",
		"^2":                  "^2",
		"a ^2":                "a ^2",
		"2^":                  "2^",
		"x^{²}":               "x⟦^2⟧",
		"W₂W₁":                "W⟦_2⟧W⟦_1⟧",
		"½ mean ‖y − ŷ‖²":     "½ mean ‖y − ŷ‖⟦^2⟧",
		"\xff_x":              "\uFFFD_x",
		"engine/report a_b.c": "engine/report a⟦_b⟧.c",
	} {
		if got := spelled(Spans(in)); got != want {
			t.Errorf("Spans(%q) = %s, want %s", in, got, want)
		}
	}
	if got := Plain("‖Ω_x‖² = 10⁻⁴"); got != "‖Ωx‖2 = 10−4" {
		t.Errorf("Plain is %q", got)
	}
}
