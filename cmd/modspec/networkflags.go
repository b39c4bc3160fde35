package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

// networkFlags are the flags that name an architecture.
type networkFlags struct {
	arch, modules string
	hidden, depth int
	set           *pflag.FlagSet
}

func (f *networkFlags) add(set *pflag.FlagSet, defaultArch string) {
	f.set = set
	set.StringVar(&f.arch, "arch", defaultArch, "architecture: "+strings.Join(network.Names, ", "))
	set.StringVar(&f.modules, "modules", "", `modules of your own instead of --arch: READS>WRITES[:HIDDEN] with omega, gamma or both, such as "both>omega:50; gamma>gamma:20x10"`)
	numberVar(set, &f.hidden, "hidden", 50, "units in each hidden layer")
	numberVar(set, &f.depth, "depth", 1, "hidden layers of each module")
}

// given reports whether the user chose an architecture.
func (f *networkFlags) given() bool { return f.arch != "" || f.modules != "" }

// architecture returns the architecture that the flags name, as it is at p.
func (f *networkFlags) architecture(p dataset.Point) (network.Architecture, error) {
	arch, err := f.parse()
	if err != nil {
		return arch, badInput(err)
	}
	arch, err = arch.At(p)
	return arch, badInput(err)
}

func (f *networkFlags) parse() (network.Architecture, error) {
	shallow := f.modules == "" && f.arch == "shallow"
	if f.depth < 1 || f.depth > network.MaxDepth {
		if !shallow || f.depth != 0 {
			return network.Architecture{}, fmt.Errorf("--depth is %d, but must be 1 to %d hidden layers; for none, use --arch shallow", f.depth, network.MaxDepth)
		}
	} else if shallow && f.set.Changed("depth") {
		return network.Architecture{}, fmt.Errorf("--depth is %d, but a shallow network has no hidden layer; leave it out, or use --arch dense", f.depth)
	}
	if shallow && f.set.Changed("hidden") {
		return network.Architecture{}, fmt.Errorf("--hidden is %d, but a shallow network has no hidden layer; leave it out, or use --arch dense", f.hidden)
	}
	if f.hidden < 1 || f.hidden > network.MaxUnits {
		return network.Architecture{}, fmt.Errorf("--hidden is %d, but must be 1 to %d units", f.hidden, network.MaxUnits)
	}
	widths := make([]int, f.depth)
	for i := range widths {
		widths[i] = f.hidden
	}
	if f.modules == "" {
		return network.ByName(f.arch, widths...)
	}
	if f.set.Changed("arch") {
		return network.Architecture{}, fmt.Errorf("--arch %s and --modules both name an architecture; give one of them", f.arch)
	}
	arch, err := network.ParseModules(f.modules, widths...)
	if err != nil {
		err = fmt.Errorf("--modules: %w", err)
	}
	return arch, err
}

// ruleFlags are the flags that name a learning rule.
type ruleFlags struct {
	name        string
	gamma, beta float64
	set         *pflag.FlagSet
}

func (f *ruleFlags) add(set *pflag.FlagSet) {
	f.set = set
	set.StringVar(&f.name, "rule", "gd", "learning rule: "+strings.Join(network.RuleNames, ", "))
	numberVar(set, &f.gamma, "gamma", 0, "γ of the two contrastive rules (default: 1 contrastive-hebbian, −1 predictive-coding)")
	numberVar(set, &f.beta, "beta", 0, "β of the two Hebbian rules (default: 0.001 hebbian, −0.001 anti-hebbian)")
}

// rule returns the rule that the flags name. A strength that the rule does not have, or
// one of the wrong sign, would be another rule without an error, so it is refused.
func (f *ruleFlags) rule() (network.Rule, error) {
	rule, err := network.RuleByName(f.name)
	if err != nil {
		return rule, badInput(err)
	}
	for _, s := range []struct {
		flag  string
		value float64
		to    *float64
	}{{"gamma", f.gamma, &rule.Gamma}, {"beta", f.beta, &rule.Beta}} {
		if !f.set.Changed(s.flag) {
			continue
		}
		switch {
		case *s.to == 0:
			return rule, badInput(fmt.Errorf("--%s is %v, but the rule %s has no %s; leave it out or choose another --rule", s.flag, s.value, f.name, s.flag))
		case !(s.value**s.to > 0):
			return rule, badInput(fmt.Errorf("--%s is %v, but for %s it must be %s 0", s.flag, s.value, f.name, map[bool]string{true: ">", false: "<"}[*s.to > 0]))
		}
		*s.to = s.value
	}
	return rule, nil
}
