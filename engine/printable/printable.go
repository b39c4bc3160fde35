// Package printable keeps texts from files, folders and journals from moving the
// cursor, colouring the terminal or breaking the line that shows them.
package printable

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Is reports whether a character may be shown as it is: not a control character, a
// line's end or one that turns the direction of writing.
func Is(r rune) bool { return !unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) }

// Text returns a text with those that may not, and bytes that are not UTF-8, as
// escapes, such as \x1b.
func Text(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		part := text[:size]
		if !Is(r) || r == utf8.RuneError && size == 1 {
			part = strings.Trim(strconv.QuoteToASCII(part), `"`)
		}
		b.WriteString(part)
		text = text[size:]
	}
	return b.String()
}
