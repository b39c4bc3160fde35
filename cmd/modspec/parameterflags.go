package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/results"
	"modspec/engine/train"
)

// A parameterFlag is the value of a flag that sets a parameter of a kind.
type parameterFlag struct {
	kind    train.Kind
	column  *results.Column
	at      int // place in the setting
	setting *train.Setting
}

// Set implements pflag.Value.
func (p *parameterFlag) Set(text string) error {
	v, err := train.ReadValue(p.kind, p.column, text)
	if err == nil {
		p.setting.Set(p.at, v)
	}
	return err
}

// String implements pflag.Value. Help has the default in the words of the schema.
func (p *parameterFlag) String() string {
	if p.setting == nil || !p.setting.Given[p.at] {
		if p.column == nil {
			return ""
		}
		return p.column.Default
	}
	return train.ValueText(p.setting.Values[p.at])
}

// Type implements pflag.Value.
func (p *parameterFlag) Type() string {
	switch p.column.Type {
	case results.Real:
		return "float64"
	case results.Whole:
		return "int"
	case results.Seed:
		return "uint64"
	}
	return "text"
}

// flagName is the flag of a parameter.
func flagName(parameter string) string { return strings.ReplaceAll(parameter, "_", "-") }

// addParameters adds a flag for each parameter of a kind but some, which sets it in the
// setting.
func addParameters(flags *pflag.FlagSet, k train.Kind, s *train.Setting, but ...string) {
	schema := k.Parameters()
	for i := range schema {
		c := &schema[i]
		if slices.Contains(but, c.Name) {
			continue
		}
		flags.Var(&parameterFlag{k, c, i, s}, flagName(c.Name), parameterUsage(c))
	}
}

// parameterUsage is the help of a parameter: what it is, its unit and what it may be.
func parameterUsage(c *results.Column) string {
	text := c.Doc
	if c.Unit != "" && !strings.Contains(text, c.Unit) {
		text += ", in " + c.Unit
	}
	return text + "; " + train.Allowed(c)
}

// checkSetting returns an error if parameters were given that exclude each other.
func checkSetting(k train.Kind, s train.Setting) error {
	strict, ok := k.(train.Strict)
	if !ok {
		return nil
	}
	schema := k.Parameters()
	for _, c := range strict.Conflicts() {
		if s.Given[schema.Index(c.One)] && s.Given[schema.Index(c.Other)] {
			return fmt.Errorf("--%s and --%s %s", flagName(c.One), flagName(c.Other), c.Remedy)
		}
	}
	return nil
}

// checkUsed returns an error if a parameter was given that has no meaning for a model.
func checkUsed(k train.Kind, s train.Setting, m train.Model) error {
	for i, c := range k.Parameters() {
		if why := train.Ignored(m, s, i); why != "" {
			return fmt.Errorf("--%s is %s, but %s; leave it out", flagName(c.Name), train.ValueText(s.Values[i]), why)
		}
	}
	return nil
}

// otherKinds returns an error for a flag that a command lacks and that is a parameter
// of another kind than the one it trains.
func otherKinds(cmd *cobra.Command, flag string) error {
	name := strings.TrimPrefix(cmd.CommandPath(), "modspec train")
	if name == cmd.CommandPath() {
		return nil
	}
	parameter := strings.ReplaceAll(flag, "-", "_")
	var of []string
	for _, k := range kinds {
		if k.Name() != strings.TrimSpace(name) && k.Parameters().Index(parameter) >= 0 {
			of = append(of, k.Name())
		}
	}
	if len(of) == 0 || strings.TrimSpace(name) == "" && slices.Equal(of, []string{train.DefaultKind}) {
		return nil
	}
	trained := strings.TrimSpace(name)
	if trained == "" {
		trained = train.DefaultKind
	}
	return fmt.Errorf("unknown flag --%s of %s: %s is a parameter of the kind %s and not of %s (all flags: %s --help)",
		flag, cmd.Name(), parameter, strings.Join(of, ", "), trained, cmd.CommandPath())
}
