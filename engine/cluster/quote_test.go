package cluster

import (
	"errors"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

// hostile are words that something on their way could take for something else.
var hostile = []string{
	"a b", " ", "'", `"`, `\`, `\\`, "$HOME", "`id`", "$(id)", "a'b\"c", "#x", "a #b", "~", "*", "?", "[a]", "{a,b}", "!x",
	"-n", "--", "a;b", "a&b", "a|b", "a>b", "a\tb", "ü ß", "日本", "a:b", ":", "=", "%A_%a", "'\\''", `"\"`, `\'`, `\n`, "x\\",
}

// broken are words with line breaks, which a shell takes and a directive cannot.
var broken = []string{"a\nb", "\n", "\r\n", "x\n#SBATCH --array=1-9"}

// random returns words of characters that mean something somewhere.
func random(count int) []string {
	const letters = "ab '\"\\$`#&;|<>()[]{}*?!~%:=,-\t"
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, count)
	for i := range words {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
		words[i] = b.String()
	}
	return words
}

// TestShellWords asks a shell what it reads.
func TestShellWords(t *testing.T) {
	words := append(append(append([]string{""}, hostile...), broken...), random(500)...)
	script := "printf '%s\\000'"
	for _, w := range words {
		script += " " + ShellWord(w)
	}
	out, err := exec.Command("/bin/sh", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(got) != len(words) {
		t.Fatalf("the shell reads %d words, not %d", len(got), len(words))
	}
	for i, w := range words {
		if got[i] != w {
			t.Errorf("%q is written %s, which the shell reads as %q", w, ShellWord(w), got[i])
		}
	}
}

// sbatchWords reads the words of a line behind #SBATCH as sbatch 22.05 does: blanks
// part them, both kinds of quotes hold them together, a backslash makes the
// character after it plain (testdata/slurm/check.sh asks a real sbatch), and a #
// begins a comment.
func sbatchWords(line string) ([]string, error) {
	var words []string
	var word []byte
	inside, quote, escaped := false, byte(0), false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case escaped:
			word, escaped = append(word, c), false
		case c == '\\':
			escaped, inside = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word = append(word, c)
		case c == '"' || c == '\'':
			quote, inside = c, true
		case c == ' ' || c == '\t':
			if inside {
				words, word, inside = append(words, string(word)), nil, false
			}
		case c == '#':
			i = len(line)
		default:
			word, inside = append(word, c), true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote or a backslash stands alone")
	}
	if inside {
		words = append(words, string(word))
	}
	return words, nil
}

func TestDirectiveWords(t *testing.T) {
	for _, w := range append(append([]string{}, hostile...), random(500)...) {
		written, err := directiveWord(w)
		if err != nil {
			t.Errorf("%q: %v", w, err)
			continue
		}
		got, err := sbatchWords(written)
		if err != nil || len(got) != 1 || got[0] != w {
			t.Errorf("%q is written %s, which reads as %q, %v", w, written, got, err)
		}
	}
	for _, w := range append([]string{"", "a\x00b"}, broken...) {
		_, err := directiveWord(w)
		expect(t, err, "one line")
	}
}
