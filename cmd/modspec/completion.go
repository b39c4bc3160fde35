package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/study"
	"modspec/engine/sweep/store"
)

// completions are the values that a shell offers for flags that take one of a few, by
// the flag's name. For other flags it offers files.
var completions = map[string]func() []string{
	"arch":      func() []string { return network.Names },
	"rule":      func() []string { return network.RuleNames },
	"backend":   func() []string { return backendNames },
	"precision": func() []string { return []string{"float32", "float64"} },
	"time":      func() []string { return []string{"continuous", "discrete"} },
	"table":     func() []string { return []string{"runs", "trajectories"} },
	"only":      studyIDs,
}

func studyIDs() []string {
	var ids []string
	for _, s := range study.All() {
		ids = append(ids, s.ID)
	}
	return ids
}

// columnFlags are the flags that take a column of the table runs of the folder that
// stands before them on the command line.
var columnFlags = []string{"x", "y", "value", "facet"}

// offerList returns what the last name of a list with commas may be, behind those that
// stand before it, each name once.
func offerList(known []string, begun string) []string {
	at := strings.LastIndex(begun, ",") + 1
	named := strings.Split(begun[:at], ",")
	var offered []string
	for _, name := range known {
		if strings.HasPrefix(name, begun[at:]) && !slices.Contains(named, name) {
			offered = append(offered, begun[:at]+name)
		}
	}
	return offered
}

func offerColumns(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	t, err := store.TableOf(args[0], results.RunsTable)
	if err != nil || t == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return t.Columns.Names(), cobra.ShellCompDirectiveNoFileComp
}

// completed are the commands of which a flag's name means what it does above: --time
// is a time limit in others, and --only a workload.
func completed(c *cobra.Command, flag string) bool {
	switch flag {
	case "time":
		return c.Name() == "theory"
	case "only":
		return c.Name() == "reproduce"
	}
	return true
}

// completeFlags has shells complete the values of the flags of a command and of those
// below it.
func completeFlags(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		values, ok := completions[f.Name]
		if p, own := f.Value.(*parameterFlag); own { // of a kind, whose schema says it
			values, ok = func() []string { return p.column.Words }, true
		}
		ofColumns := slices.Contains(columnFlags, f.Name)
		if !ok && !ofColumns || f.Value.Type() == "bool" || !completed(c, f.Name) {
			return
		}
		offer := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return slices.Clone(values()), cobra.ShellCompDirectiveNoFileComp
		}
		if ofColumns {
			offer = offerColumns
		}
		if c.Name() == "cmnist" && f.Name == "arch" { // or files of towers
			offer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return []string{"dense", "split"}, cobra.ShellCompDirectiveDefault
			}
		}
		if err := c.RegisterFlagCompletionFunc(f.Name, offer); err != nil {
			panic(err) // a flag of this command, once
		}
	})
	for _, below := range c.Commands() {
		completeFlags(below)
	}
}
