package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/network"
)

// flagSets is how many random command lines TestExtremeFlagSets runs, and fewSets how
// many where time is short.
const (
	flagSets = 700
	fewSets  = 70
)

// Values of flags and of a sweep's parameters: ordinary ones, so that a line gets past
// the first check, and the ends of what a number can be. What makes work is small, or
// past what is allowed.
var (
	extremeReals = []string{
		"0", "-0", "0.5", "1e-30", "1e30", "1.7976931348623157e308", "1", "3", "5e-324", "1e-300", "1e-100", "1e-45", "1e-31", "1e-3", "1e19", "1e39", "1e100", "1e150", "1e200",
		"-1", "-5e-324", "-1e308", "1e309", "NaN", "Inf", "-Inf", "0x1p-2", "one", "",
	}
	extremeWholes = []string{
		"0", "1", "2", "3", "5", "7", "-1", "1e2", "1.5", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616", "",
	}
	extremeTexts = []string{"", " ", ",", "0", "a\x00b", "\x1b[2J", "two\nlines", "日本", strings.Repeat("x", 300), "%s%d", "-", "/dev/null", "\xff"}
	tooMany      = []string{"-1", "9223372036854775807", "-9223372036854775808", "x"}
)

// flagValues are the values of flags by name; others have those of their type.
var flagValues = map[string][]string{
	"bits": append([]string{"3", "2", "1", "0", "13"}, tooMany...), "hidden": append([]string{"5", "2", "1", "0", "1048577"}, tooMany...), "depth": append([]string{"1", "2", "16", "0", "17"}, tooMany...),
	"kx": append([]string{"0", "1", "3", "1025"}, tooMany...), "ky": append([]string{"0", "1", "3", "1025"}, tooMany...), "steps": append([]string{"7", "2", "1", "0", "100000001"}, tooMany...),
	"epochs": append([]string{"1", "0"}, tooMany[:1]...), "runs": append([]string{"1", "0"}, tooMany[:1]...), "digits": append([]string{"2", "1", "5"}, tooMany...),
	"input-bits": {"", "0", "0,1", "1,0", "0,0", "-1", "99999999999999999999", "0,,1", "x"}, "output-bits": {"", "0", "0,1", "2", "1,0", "-1", "x"},
	"arch": append(network.Names[:len(network.Names):len(network.Names)], "dnse"), "rule": append(network.RuleNames[:len(network.RuleNames):len(network.RuleNames)], "sgd"),
	"modules": {"both>both", "both>omega; gamma>gamma:2", "both>omega:1;both>omega", "omega>omega:9223372036854775807", ">", "both>both:" + strings.Repeat("1x", 20) + "1", "both>both:0", ""},
	"backend": {"cpu", "reference", "cuda", "gpu", ""}, "precision": {"float64", "float32", "float16", ""}, "time": {"continuous", "discrete", "disc", ""},
	"devices": {"", "0", "0,1", "-1", "9223372036854775807", "x"},
	"shard":   {"1/1", "2/3", "3/2", "0/0", "1/9223372036854775807", "-1/2", "1/", "auto", "auto/3", "x"},
	"only":    {"dense-dynamics", "dense", ""},
	"x":       {"r", "arch", "kx", "lr", "seed", "nothing", ""}, "y": {"r", "arch", "kx", "seed", "nothing", ""}, "facet": {"r", "arch", "seed", "nothing", ""},
	"value": {"systematicity", "train_loss", "systematicity/pred_systematicity", "systematicity/nothing", "/", "arch", ""},
	"where": {"r=1", "arch=dense", "r=1e308", "r=", "=", "nothing=1", "seed=9223372036854775808", "r=NaN", "x", ""},
	"table": {"runs", "trajectories", "run", ""}, "array": {"1", "3%2", "0", "1001%0", "-1", "9223372036854775807", "1%", "x", ""},
	"addr":    {"127.0.0.1:0", "127.0.0.1:-1", "127.0.0.1:65536", "nowhere.invalid:0", ":", "x", ""},
	"memory":  {"16", "15", "1048577", "0", "-1", "9223372036854775807"},
	"notice":  {"0", "-1", "120", "9223372036854775807"},
	"threads": {"0", "1", "2", "-1", "-9223372036854775808", "x"},
	"train":   {"40", "1", "0", "-1", "9223372036854775807", "-9223372036854775808"}, "test": {"20", "1", "0", "-1", "9223372036854775807", "-9223372036854775808"},
	"weights": {"", "/dev/null", "nothing.json"}, "batches": {"", "/dev/null", "nothing"}, "metrics": {"", "train_loss", "x", ","}, "save-weights": {"", "/dev/null", "/"},
	"record-every": append([]string{"1", "2", "10"}, extremeWholes...), "record-per-decade": append([]string{"1", "10"}, extremeWholes...),
	"budget": {"0"},
}

// flagSet makes a random command line. Its files are under base, n is its number.
type flagSet struct {
	*rand.Rand
	base, digits, towers, swept string
	n                           int
}

// of returns one of a list, mostly of its first six.
func (s *flagSet) of(list []string) string {
	if s.IntN(4) > 0 {
		list = list[:min(len(list), 6)]
	}
	return list[s.IntN(len(list))]
}

// rarely returns one of the others, and most often what is ordinary.
func (s *flagSet) rarely(ordinary string, others []string) string {
	if s.IntN(8) > 0 {
		return ordinary
	}
	return s.of(others)
}

// fresh names a file or folder that is not there yet.
func (s *flagSet) fresh(name string) string { return filepath.Join(s.base, fmt.Sprint(s.n), name) }

// flag returns a flag of a command with a value, or "".
func (s *flagSet) flag(c *cobra.Command, f *pflag.Flag) string {
	if f.Name == "open" || f.Name == "help" || f.Name == "requeue" { // a browser, and what only Slurm has
		return ""
	}
	values, named := flagValues[f.Name]
	switch kind := f.Value.Type(); {
	case f.Name == "out" || f.Name == "tensorboard" || f.Name == "dir" || f.Name == "maps":
		values = []string{s.fresh("other"), s.fresh(""), s.towers, "/dev/null/x", ""}
		if f.Name == "out" && c.Name() == "plot" {
			values = []string{s.fresh("plot.png"), s.fresh("plot.svg"), s.fresh("plot.gif"), s.fresh(""), ""}
		}
	case f.Name == "data":
		values = []string{s.digits, s.base, "/dev/null", "nowhere", ""}
	case f.Name == "arch" && c.Name() == "cmnist":
		values = []string{s.towers, "dens", "nothing.yaml", ""}
	case named:
	case kind == "float64":
		values = extremeReals
	case kind == "int" || kind == "uint64":
		values = extremeWholes
	case kind == "bool":
		values = []string{s.rarely("true", []string{"false", "maybe"})}
	default:
		values = extremeTexts
	}
	return "--" + f.Name + "=" + s.of(values)
}

// sweepFile writes a sweep file of extreme parameters; most of its other lines are
// ordinary, as one fault keeps all from being trained.
func (s *flagSet) sweepFile() string {
	text := "method: grid\nseeds: " + s.rarely("2", []string{"[0, 3]", "{min: 1, max: 1}", "[0, 18446744073709551615]", "0", "-1"}) +
		"\nsteps: " + s.rarely("3", flagValues["steps"]) + "\nrecord: " + s.rarely("{every: 1}", []string{"{log: 3}", "{every: 9223372036854775807}", "{every: 0}", "{log: 1e300}"}) +
		"\nprecision: " + s.of([]string{"float32", "float64"}) + "\nparameters:\n"
	names := []string{"bits", "nx", "ny", "kx", "ky", "r", "arch", "hidden", "depth", "rule", "gamma", "beta", "lr", "lr", "init_scale", "init_scale", "train_examples", "batch"}
	given := map[string]bool{}
	for _, i := range s.Perm(len(names))[:1+s.IntN(3)] {
		if rule := map[string]string{"gamma": "contrastive-hebbian", "beta": "hebbian"}[names[i]]; rule != "" && !given["rule"] {
			text += "  rule: {value: " + rule + "}\n"
			given["rule"] = true
		}
		values, named := flagValues[names[i]]
		if !named {
			values = extremeReals
		}
		switch {
		case given[names[i]]:
		case s.IntN(8) == 0:
			text += fmt.Sprintf("  %s: {min: %s, max: %s}\n", names[i], s.of(values[:5]), s.of(values[:5]))
		case s.IntN(4) == 0:
			text += fmt.Sprintf("  %s: {values: [%s, %s]}\n", names[i], s.of(values), s.of(values))
		default:
			text += fmt.Sprintf("  %s: {value: %s}\n", names[i], s.of(values))
		}
		given[names[i]] = true
	}
	path := s.fresh("sweep.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		panic(err)
	}
	return path
}

// line returns the arguments of a random command line, and whether it is cancelled
// from the first, as what would go on for long is.
func (s *flagSet) line(root *cobra.Command) (args []string, cancelled bool) {
	if err := os.MkdirAll(s.fresh(""), 0o777); err != nil {
		panic(err)
	}
	// train and theory have the most numbers; a training of images and a report take
	// the longest.
	path := s.of([]string{
		"theory", "theory", "theory", "theory", "train", "train", "train", "train", "train", "train toy", "train toy", "kinds", "kinds toy", "sweep plan", "sweep run", "sweep run", "sweep run",
		"sweep status", "sweep merge", "sweep digest", "sweep export", "sweep plot", "sweep submit", "sweep resubmit", "sweep", "report", "cmnist", "cmnist",
		"doctor", "version", "man", "serve", "reproduce", "bench", "bench contend", "bench readme", "completion", "completion bash", "help", "",
	})
	args = strings.Fields(path)
	c, _, err := root.Find(args)
	if err != nil {
		panic(err)
	}
	switch path {
	case "theory":
		args = append(args, "--arch="+s.of(flagValues["arch"]))
	case "train":
		args = append(args, "--steps="+s.of(flagValues["steps"]), "--backend="+s.of([]string{"cpu", "reference"}),
			"--ny="+s.of([]string{"0", "1", "3"}), "--r="+s.of([]string{"0", "1", "1e-30", "1e30"}), "--init-scale="+s.of(extremeReals))
	case "train toy":
		args = append(args, "--steps="+s.of(flagValues["steps"]), "--hidden="+s.of(flagValues["hidden"]), "--batch="+s.of([]string{"1", "2", "classes", "0", "x"}),
			"--lr="+s.of(extremeReals), "--init-scale="+s.of(extremeReals))
	case "sweep plan", "sweep run", "sweep submit":
		args = append(args, s.rarely(s.sweepFile(), []string{s.towers, s.base, "nothing.yaml"}))
		if path != "sweep plan" {
			args = append(args, "--out="+s.fresh("out"))
		}
		if path == "sweep submit" {
			args = append(args, "--slurm", "--array=2", "--program=/opt/modspec", "--dry-run")
		}
	case "sweep status", "sweep merge", "sweep digest", "sweep export", "sweep plot", "sweep resubmit", "report":
		args = append(args, s.of([]string{s.swept, s.swept, s.swept, s.base, s.towers, "nowhere", ""}))
		if path == "sweep plot" {
			args = append(args, "--x=r", "--value=systematicity", "--out="+s.fresh("plot.svg"))
		}
		if path == "report" && s.n%10 > 0 { // drawing takes a second
			args[1] = s.of([]string{s.digits, s.towers, "nowhere"})
		}
		if path == "report" || path == "sweep merge" {
			args = append(args, "--out="+s.fresh("out"))
		}
	case "cmnist":
		cancelled = s.n%10 > 0
		args = append(args, "--arch="+s.towers, "--data="+s.digits, "--digits=2", "--runs=1", "--epochs=1", "--train=40", "--test=20", "--out="+s.fresh("out"))
	case "man":
		args = append(args, s.of([]string{s.fresh("man"), s.towers, "/dev/null/x", ""}))
	case "serve":
		cancelled = true
		args = append(args, s.base)
	case "reproduce":
		cancelled = true
		args = append(args, "--data=nowhere", "--out="+s.fresh("out"))
	case "bench", "bench contend", "bench readme":
		args = append(args, "--help") // it takes minutes
	case "help":
		args = append(args, s.of([]string{"train", "sweep run", "nothing", ""}))
	}
	var flags []*pflag.Flag
	c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f) })
	for _, i := range s.Perm(len(flags))[:min(s.IntN(4), len(flags))] {
		if text := s.flag(c, flags[i]); text != "" {
			args = append(args, text)
		}
	}
	if s.IntN(20) == 0 {
		args = append(args, s.of(extremeTexts))
	}
	return args, cancelled
}

// leak is what no message may hold: words of the runtime, of a library's own errors or
// of a format that went wrong, and control characters.
var leak = regexp.MustCompile(`goroutine |runtime error|panic|strconv\.|unsupported value|%!|reflect|[\x00-\x08\x0b-\x1f\x7f]`)

// check runs a command line and returns what is wrong with its end.
func (s *flagSet) check(args []string, cancelled bool) (fault error) {
	var stdout, stderr bytes.Buffer
	defer func() {
		if p := recover(); p != nil {
			fault = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if cancelled {
		cancel()
	}
	code := run(ctx, args, &stdout, &stderr)
	said := strings.ReplaceAll(stderr.String(), s.base, "")
	lines := strings.SplitAfter(said, "\n")
	lines = lines[:len(lines)-1]
	switch {
	case !slices.Contains([]int{exitOK, exitFailed, exitBadInput, exitDiverged, exitInterrupted}, code):
		return fmt.Errorf("exit code %d: %s", code, said)
	case leak.MatchString(said):
		return fmt.Errorf("exit %d, the message holds %q: %q", code, leak.FindString(said), said)
	case code != exitOK && (len(lines) == 0 || !strings.HasSuffix(said, "\n")):
		return fmt.Errorf("exit %d without a line that says why: %q", code, said)
	case code == exitBadInput && len(lines) > 1 && !strings.HasPrefix(lines[0], "/"): // a sweep file's faults are a list
		return fmt.Errorf("exit %d with %d lines: %q", code, len(lines), said)
	case code == exitBadInput && stdout.Len() > 0 && args[0] != "sweep":
		return fmt.Errorf("exit %d after %q", code, stdout.String())
	case (code == exitOK || code == exitDiverged) && slices.Contains(args, "--json=true") && !slices.Contains(args, "--help") && !slices.Contains(args, "--dry-run"):
		for d := json.NewDecoder(&stdout); ; {
			var v any
			if err := d.Decode(&v); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return fmt.Errorf("exit %d, and what was printed is no JSON: %w", code, err)
			}
		}
	}
	return nil
}

// TestExtremeFlagSets: random flags of every command, of values at the ends, end with a
// documented exit code and a line that says why. Trainings from large initial weights
// and of data without output signal panicked.
func TestExtremeFlagSets(t *testing.T) {
	base := t.TempDir()
	t.Setenv("PATH", base) // no scheduler, no browser
	swept := filepath.Join(base, "swept")
	must(t, "sweep", "run", writeSweep(t, smallSweep), "--out", swept)
	digits, towers := someDigits(t), smallTowers(t)
	root := newRoot()
	sets := flagSets
	if testing.Short() {
		sets = fewSets
	}
	for n := range sets {
		s := &flagSet{Rand: rand.New(rand.NewPCG(2023, uint64(n))), base: base, digits: digits, towers: towers, swept: swept, n: n}
		args, cancelled := s.line(root)
		if fault := s.check(args, cancelled); fault != nil {
			t.Errorf("set %d, modspec %q: %v", n, args, fault)
		}
	}
}
