package figure

import (
	"strings"
	"unicode"
)

// A Span is a piece of a label in one size and height.
type Span struct {
	Text  string
	Level Level
}

// A Level is the height at which a span is set.
type Level int

// The levels.
const (
	OnLine Level = iota
	Superscript
	Subscript
)

// Superscripts and subscripts as Unicode has them, and what they are small forms
// of. Unicode has no subscript y; ᵧ, a subscript gamma, is what authors write
// for it in Γᵧ, and it is read as that.
var (
	raised  = pairs("⁰0¹1²2³3⁴4⁵5⁶6⁷7⁸8⁹9⁺+⁻−⁼=⁽(⁾)ⁿnⁱiᵀTᵗtᵃaᵇbᵏkᵐmᵖpˣxʸy")
	lowered = pairs("₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₊+₋−₌=₍(₎)ₐaₑeₕhᵢiⱼjₖkₗlₘmₙnₒoₚpᵣrₛsₜtᵤuᵥvₓxᵧyᵦβ")
)

func pairs(s string) map[rune]rune {
	m := make(map[rune]rune)
	var small rune
	for i, r := range []rune(s) {
		if i%2 == 0 {
			small = r
		} else {
			m[small] = r
		}
	}
	return m
}

// Spans splits a label into runs. Besides Unicode's own small letters it
// understands a subscript mark after a single letter (Ω_x, a_max, σ_{0,1}) and a
// superscript mark after anything but a space (10^-4, e^{−t}). An underscore
// inside a word, as in step_size, is only an underscore. No mark nests.
func Spans(s string) []Span {
	var spans []Span
	add := func(text string, sc Level) {
		if n := len(spans); n > 0 && spans[n-1].Level == sc {
			spans[n-1].Text += text
		} else if text != "" {
			spans = append(spans, Span{text, sc})
		}
	}
	letters := []rune(s)
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		if base, ok := raised[r]; ok {
			add(string(base), Superscript)
			continue
		}
		if base, ok := lowered[r]; ok {
			add(string(base), Subscript)
			continue
		}
		if r == '_' && afterSingleLetter(letters[:i]) || r == '^' && i > 0 && !unicode.IsSpace(letters[i-1]) {
			if text, n := scripted(letters[i+1:], r == '^'); n > 0 {
				sc := Subscript
				if r == '^' {
					sc = Superscript
				}
				add(text, sc)
				i += n
				continue
			}
		}
		add(string(r), OnLine)
	}
	return spans
}

// afterSingleLetter reports whether before ends in a letter that is a word of
// its own.
func afterSingleLetter(before []rune) bool {
	n := len(before)
	if n == 0 || !unicode.IsLetter(before[n-1]) {
		return false
	}
	if n == 1 {
		return true
	}
	p := before[n-2]
	return !unicode.IsLetter(p) && !unicode.IsDigit(p) && p != '_'
}

// scripted takes what a mark applies to from the front of after: a group in
// braces, or letters and digits, with a sign before them where signed. It
// returns how many runes it took; none means that the mark was only a character.
func scripted(after []rune, signed bool) (text string, taken int) {
	if len(after) > 0 && after[0] == '{' {
		for i, r := range after {
			if r == '}' && i > 1 {
				return plain(after[1:i]), i + 1
			}
		}
		return "", 0
	}
	i := 0
	if signed && len(after) > 0 && strings.ContainsRune("-−+", after[0]) {
		i = 1
	}
	start := i
	for i < len(after) && (unicode.IsLetter(after[i]) || unicode.IsNumber(after[i])) && raised[after[i]] == 0 && lowered[after[i]] == 0 {
		i++
	}
	if i == start {
		return "", 0
	}
	return plain(after[:i]), i
}

// plain writes small letters at full size, since the run they stand in is small
// already, and a hyphen as the minus that it means there.
func plain(letters []rune) string {
	var b strings.Builder
	for _, r := range letters {
		switch {
		case raised[r] != 0:
			b.WriteRune(raised[r])
		case lowered[r] != 0:
			b.WriteRune(lowered[r])
		case r == '-':
			b.WriteRune('−')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Plain is a label without its marks, for places that cannot set small
// letters, such as the title of an SVG.
func Plain(s string) string {
	var b strings.Builder
	for _, r := range Spans(s) {
		b.WriteString(r.Text)
	}
	return b.String()
}
