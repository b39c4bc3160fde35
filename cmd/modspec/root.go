package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/names"
	"modspec/engine/printable"
	"modspec/engine/results"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
	"modspec/engine/yamlfile"
)

// The exit codes, as modspec --help lists them.
const (
	exitOK          = 0
	exitFailed      = 1   // a claim failed, or the work could not be finished
	exitBadInput    = 2   // a flag, value or file that is not allowed
	exitDiverged    = 3   // training diverged; what was recorded until then is shown
	exitInterrupted = 130 // Ctrl-C or SIGTERM
)

// An exitError is an error with its exit code.
type exitError struct {
	code int
	error
}

func (e exitError) Unwrap() error { return e.error }

// badInput marks an error as one that the user can correct: exit 2. An interruption is
// not marked.
func badInput(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return exitError{exitBadInput, err}
}

// run runs one command line and returns its exit code. Errors are one line on
// stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	for _, k := range kinds {
		if err := train.CheckKind(k); err != nil {
			fmt.Fprintln(stderr, "modspec: "+err.Error())
			return exitFailed
		}
	}
	root := newRoot()
	root.SetArgs(args)
	out := &output{to: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	checkTopics(root) // they write to what is set now
	err := out.outcome(root.ExecuteContext(ctx))
	if err == nil {
		return exitOK
	}
	code := exitFailed
	var known exitError
	var folder store.FolderError
	var other *store.OtherSweepError
	switch {
	case errors.As(err, &known):
		code = known.code
	case errors.As(err, &folder), errors.As(err, &other):
		code = exitBadInput
	case errors.Is(err, context.Canceled):
		code, err = exitInterrupted, errors.New("interrupted; every file that was finished is whole, nothing is half-written")
	}
	var faults yamlfile.Faults
	if errors.As(err, &faults) {
		fmt.Fprintln(stderr, strings.TrimRight(faults.Report(), "\n"))
		return code
	}
	fmt.Fprintln(stderr, "modspec: "+errorText(err))
	return code
}

// errorText returns an error for the terminal. It may name files and quote texts
// that came from elsewhere; its own line ends stay.
func errorText(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = printable.Text(line)
	}
	return strings.Join(lines, "\n")
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "modspec",
		Short: "Train very many small modular networks and ask when their modules specialise",
		Long: `modspec trains many small modular networks. Linear ones it trains on a space of
datasets that is exactly solvable, with exact theory beside every simulation;
modspec kinds lists the other kinds, such as mixture. It implements
"On The Specialization of Neural Modules" (Jarvis, Klein, Rosman, Saxe, ICLR 2023).

Exit codes:
  0    done; with reproduce, every claim holds
  1    a claim failed, or the work could not be finished
  2    a flag, value or file that is not allowed
  3    training diverged; with cmnist, every run did
  130  interrupted`,
		Example: `  modspec reproduce
  modspec theory --bits 3 --ny 1 --kx 3 --ky 1 --r 1
  modspec train --arch split --steps 300 --record-every 10`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          commandsOnly,
		RunE:          showHelp,
	}
	root.SetFlagErrorFunc(flagError)
	// Flags are wrapped to a terminal of 80 columns; cobra's own template does not
	// wrap.
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", ".FlagUsagesWrapped 80 "))
	root.AddCommand(newTheory(), newTrain(), newKinds(), newReproduce(), newSweep(), newReport(), newCMNIST(), newDoctor(), newVersion(), newServe(), newMan(), newBench())
	completeFlags(root)
	for _, c := range root.Commands() {
		if c.Args == nil {
			c.Args = noArguments
		}
	}
	return root
}

// checkTopics makes the commands that cobra adds refuse an unknown command.
func checkTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err != nil {
					return badInput(err)
				}
				return commandsOnly(found, rest)
			}
		case "completion":
			c.Args, c.RunE = commandsOnly, showHelp
		}
	}
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// commandsOnly refuses arguments of a command that has others below it.
func commandsOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	known := commandNames(cmd)
	if len(known) == 0 {
		return badInput(fmt.Errorf("%s has no commands below it, but got %q", cmd.CommandPath(), args[0]))
	}
	what := "command"
	if cmd.HasParent() {
		what += " of " + cmd.Name()
	}
	return badInput(names.Unknown(what, args[0], known))
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badInput(fmt.Errorf("%s takes no arguments, but got %q; values go behind flags, see %s --help", cmd.Name(), args[0], cmd.CommandPath()))
	}
	return nil
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden && c.Name() != "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError turns a flag that cannot be parsed into one line that says what is
// allowed; for an unknown flag it names the nearest known one.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := unknown.GetSpecifiedName()
		var flags []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
		if err := otherKinds(cmd, name); err != nil {
			return badInput(err)
		}
		hint := ""
		if near := names.Nearest(name, flags); near != "" {
			hint = fmt.Sprintf("; did you mean --%s?", near)
		}
		return badInput(fmt.Errorf("unknown flag --%s of %s%s (all flags: %s --help)", name, cmd.Name(), hint, cmd.CommandPath()))
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		flag := invalid.GetFlag()
		if p, ok := flag.Value.(*parameterFlag); ok {
			return badInput(wrongValue(flag.Name, errors.Unwrap(invalid), p.column.Doc))
		}
		if kind, ok := valueKinds[flag.Value.Type()]; ok {
			return badInput(fmt.Errorf("--%s is %q, but must be %s: %s", flag.Name, invalid.GetValue(), kind, flag.Usage))
		}
		return badInput(wrongValue(flag.Name, errors.Unwrap(invalid), flag.Usage)) // a number says so itself
	}
	return badInput(err)
}

// wrongValue says what a flag is for, after what is wrong with its value, which may end
// with a question.
func wrongValue(flag string, err error, use string) error {
	if strings.HasSuffix(err.Error(), "?") {
		return fmt.Errorf("--%s %w (%s)", flag, err, use)
	}
	return fmt.Errorf("--%s %w: %s", flag, err, use)
}

// valueKinds says what a flag of each type takes that holds no number.
var valueKinds = map[string]string{
	"bool": "true or false", "string": "a text", "stringSlice": "a list", "stringArray": "a text",
}

// version is the version of this build with its commit, where the build knows it.
func version() string {
	p := results.NewProvenance("", "", nil, time.Now())
	return fmt.Sprintf("%s (commit %s, tree %s, %s, %s)", p.Version, p.Commit, p.Tree, p.GoVersion, p.Platform)
}

// errNo returns what the system said of a file, without the path that the
// message around it names already.
func errNo(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
