package cluster

import (
	"fmt"
	"strings"
)

// plain are the characters that neither a shell nor sbatch takes for anything but
// themselves.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.,:@%/"

func isPlain(word string) bool { return word != "" && strings.Trim(word, plain) == "" }

// ShellWord writes a word so that a POSIX shell reads exactly it.
func ShellWord(word string) string {
	if isPlain(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// directiveWord writes a word so that sbatch reads exactly it on a line that
// begins with #SBATCH. There, unlike in a shell, a backslash escapes within both
// kinds of quotes and $ means nothing. A line cannot hold a line break.
func directiveWord(word string) (string, error) {
	if word == "" || strings.ContainsAny(word, "\n\r\x00") {
		return "", fmt.Errorf("%q cannot stand in a batch script: it must be one line and not empty", word)
	}
	if isPlain(word) {
		return word, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`, nil
}
