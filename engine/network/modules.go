package network

import (
	"fmt"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/names"
	"modspec/engine/number"
)

// MaxModules bounds a list of modules: with two blocks on either side there are
// nine different modules, and a layer's number in the random stream has room
// for far more (see [Initial]).
const MaxModules = 64

// ParseModules reads a list of modules that a user wrote,
//
//	READS>WRITES[:HIDDEN] [; READS>WRITES[:HIDDEN] …]
//
// where READS and WRITES are omega, gamma or both, and HIDDEN is the width of the
// hidden layers, or several widths joined by "x" (0 for a shallow module); left
// out, it is the given default. "omega>omega; both>gamma:20x10" has a module
// Ω_x → Ω_y and a module x → Γ_y through hidden layers of 20 and 10 units.
// Errors name the module and what is allowed.
func ParseModules(text string, hidden ...int) (Architecture, error) {
	arch := Architecture{Name: "custom"}
	for i, part := range strings.Split(text, ";") {
		m, err := parseModule(strings.TrimSpace(part), hidden)
		if err != nil {
			return Architecture{}, fmt.Errorf("module %d (%q): %w", i+1, strings.TrimSpace(part), err)
		}
		arch.Modules = append(arch.Modules, m)
		if len(arch.Modules) > MaxModules {
			return Architecture{}, fmt.Errorf("there are more than %d modules", MaxModules)
		}
	}
	return arch, nil
}

func parseModule(text string, hidden []int) (Module, error) {
	reads, rest, ok := strings.Cut(text, ">")
	if !ok {
		return Module{}, fmt.Errorf("it must have the form READS>WRITES or READS>WRITES:HIDDEN, such as both>omega:50")
	}
	writes, widths, own := strings.Cut(rest, ":")
	m := Module{Hidden: hidden}
	var err error
	if m.Reads, err = parseBlocks(reads); err != nil {
		return Module{}, err
	}
	if m.Writes, err = parseBlocks(writes); err != nil {
		return Module{}, err
	}
	if own {
		if m.Hidden, err = parseWidths(widths); err != nil {
			return Module{}, err
		}
	}
	return m, nil
}

func parseBlocks(text string) (dataset.Blocks, error) {
	switch name := strings.TrimSpace(text); name {
	case "omega":
		return dataset.Omega, nil
	case "gamma":
		return dataset.Gamma, nil
	case "both":
		return dataset.Both, nil
	default:
		return dataset.None, names.Unknown("block", name, []string{"omega", "gamma", "both"})
	}
}

func parseWidths(text string) ([]int, error) {
	if strings.TrimSpace(text) == "0" {
		return nil, nil
	}
	var widths []int
	for _, w := range strings.Split(text, "x") {
		// Digits alone: the text is kept as the architecture's name in results.
		n, err := number.Digits(strings.TrimSpace(w), 1, MaxUnits)
		if err != nil {
			return nil, fmt.Errorf("hidden width %w; 0 alone is no hidden layer", err)
		}
		widths = append(widths, n)
	}
	if len(widths) > MaxDepth {
		return nil, fmt.Errorf("it has %d hidden layers, but may have at most %d", len(widths), MaxDepth)
	}
	return widths, nil
}
