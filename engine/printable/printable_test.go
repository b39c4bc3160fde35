package printable_test

import (
	"testing"

	"modspec/engine/printable"
)

// TestText: what would act on a terminal becomes an escape, all else stays.
func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"first sweep, γ = 0.5 日本": "first sweep, γ = 0.5 日本",
		"\x1b[31mred":             `\x1b[31mred`,
		"a\nb\tc\r":               `a\nb\tc\r`,
		"\u009b31m":               `\u009b31m`, // one character that terminals take for ESC [
		"\u202eabc\u2028":         `\u202eabc\u2028`,
		"\x7f\x00":                `\x7f\x00`,
		"نمی\u200cخواهم":          "نمی\u200cخواهم", // joins no letters, in Persian
		"":                        "",
	} {
		if got := printable.Text(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}
