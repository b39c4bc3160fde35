package cluster

import (
	"fmt"
	"strings"
)

// A reserved flag of sbatch is one that the scripts set themselves, or that would
// make sbatch say or do something else than submit them.
var reserved = []struct{ long, short, why string }{
	{"array", "a", "say --array N to modspec"},
	{"job-name", "J", "jobs are found again by the name that modspec gives them"},
	{"output", "o", "logs are in the folder's " + LogsName + "/"},
	{"error", "e", "logs are in the folder's " + LogsName + "/"},
	{"open-mode", "", "a task that is requeued goes on in its log"},
	{"dependency", "d", "the merge depends on the array"},
	{"chdir", "D", "jobs run in the folder of results"},
	{"signal", "", "say --notice to modspec"},
	{"requeue", "", "the scripts have it"},
	{"no-requeue", "", "a task that is interrupted goes back into the queue"},
	{"parsable", "", "modspec reads what sbatch prints"},
	{"wrap", "", "modspec writes the script"},
	{"wait", "W", "ask modspec sweep status"},
	{"test-only", "", "say --dry-run to modspec"},
	{"help", "h", "see sbatch --help"},
	{"usage", "", "see sbatch --usage"},
	{"version", "V", "see sbatch --version"},
}

// shortSwitches are sbatch's flags of one letter that take no value, so that
// others may follow them in one word.
const shortSwitches = "HhkOQsuvVW"

// directives groups words that follow -- on a command line into flags with their
// values, each one line of a batch script behind #SBATCH.
func directives(words []string) ([]string, error) {
	var lines []string
	for _, word := range words {
		quoted, err := directiveWord(word)
		if err != nil {
			return nil, fmt.Errorf("sbatch flag: %w", err)
		}
		if !strings.HasPrefix(word, "-") || word == "-" {
			if len(lines) == 0 {
				return nil, fmt.Errorf("%q behind -- is no flag of sbatch: flags begin with -", word)
			}
			lines[len(lines)-1] += " " + quoted
			continue
		}
		if flag, why := reservedFlag(word); flag != "" {
			return nil, fmt.Errorf("%q behind -- sets sbatch's %s, which is modspec's to set: %s", word, flag, why)
		}
		lines = append(lines, quoted)
	}
	return lines, nil
}

// reservedFlag returns the reserved flag that a word sets, and why it is
// reserved. sbatch takes any beginning of a long name for the name.
func reservedFlag(word string) (flag, why string) {
	if name, long := strings.CutPrefix(word, "--"); long {
		name, _, _ = strings.Cut(name, "=")
		for _, r := range reserved {
			if name == "" || strings.HasPrefix(r.long, name) {
				return "--" + r.long, r.why
			}
		}
		return "", ""
	}
	for _, letter := range word[1:] {
		for _, r := range reserved {
			if r.short == string(letter) {
				return "-" + r.short, r.why
			}
		}
		if !strings.ContainsRune(shortSwitches, letter) {
			break // what follows is its value
		}
	}
	return "", ""
}

// CheckFlags returns an error if flags for sbatch set what the scripts set.
func CheckFlags(words []string) error {
	_, err := directives(words)
	return err
}
