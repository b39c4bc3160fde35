package results

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// CommandLine writes args, as in os.Args, on one line that can be typed again on
// another machine: the program by its bare name, and of every path that starts at a
// root, a home folder or a parent folder only the last element, because the rest says
// who ran it and where, not what was run. Wherever the user's name is an element of a
// path, or a whole argument, it becomes "user".
func CommandLine(args []string) string {
	name := ""
	if u, err := user.Current(); err == nil {
		// Windows writes DOMAIN\name.
		name = u.Username[strings.LastIndexAny(u.Username, `\/`)+1:]
	}
	if name == "" {
		if home, err := os.UserHomeDir(); err == nil {
			name = filepath.Base(home)
		}
	}
	return commandLine(args, name)
}

func commandLine(args []string, userName string) string {
	words := make([]string, len(args))
	for i, a := range args {
		if i == 0 {
			words[i] = ShellWord(strings.TrimSuffix(lastElement(a), ".exe"))
			continue
		}
		words[i] = ShellWord(withoutPlaces(a, userName))
	}
	return strings.Join(words, " ")
}

// withoutPlaces shortens every path in one argument. A path may be the whole
// argument, a flag's value, one of several in a list, or quoted inside JSON.
func withoutPlaces(arg, userName string) string {
	var b strings.Builder
	for {
		end := strings.IndexAny(arg, " \t\n=,:;|\"'(){}[]<>")
		if end < 0 {
			b.WriteString(shorten(arg, userName))
			return b.String()
		}
		b.WriteString(shorten(arg[:end], userName))
		b.WriteByte(arg[end])
		arg = arg[end+1:]
	}
}

// shorten does so for a piece that holds one path at most.
func shorten(piece, userName string) string {
	flag := ""
	if strings.HasPrefix(piece, "-") { // -I/some/where
		if i := strings.IndexAny(piece, `/\~`); i >= 0 {
			flag, piece = piece[:i], piece[i:]
		}
	}
	if piece == "" {
		return flag
	}
	elements := strings.FieldsFunc(piece, func(r rune) bool { return r == '/' || r == '\\' })
	if len(elements) == 0 { // a bare root
		return flag + piece
	}
	private, named := strings.ContainsRune(`/\~`, rune(piece[0])), false
	if strings.HasPrefix(elements[0], "~") { // ~name is that user's home folder
		elements[0] = "~"
	}
	for i, e := range elements {
		if e == ".." {
			private = true
		}
		if userName != "" && e == userName {
			elements[i], named = "user", true
		}
	}
	switch {
	case private:
		return flag + elements[len(elements)-1]
	case named:
		return flag + strings.Join(elements, "/")
	}
	return flag + piece
}

func lastElement(path string) string {
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// ShellWord puts single quotes around a word that a shell would split or expand.
func ShellWord(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/%@~"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
