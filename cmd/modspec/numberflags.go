package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/spf13/pflag"

	"modspec/engine/number"
)

// numberVar adds a flag that holds a number, as IntVar and the like do; see package
// number for the syntax.
func numberVar[T int | uint64 | float64](flags *pflag.FlagSet, to *T, name string, initial T, usage string) {
	flags.Var(number.NewFlag(to, initial), name, usage)
}

// A numberList is a flag of whole numbers from 0 with commas between them, or one
// that is repeated.
type numberList struct{ to *[]int }

func (l numberList) Set(text string) error {
	for piece := range strings.SplitSeq(text, ",") {
		n, err := number.Whole(strings.TrimSpace(piece), 0, math.MaxInt)
		if err != nil {
			return fmt.Errorf("names one that %w", err)
		}
		*l.to = append(*l.to, n)
	}
	return nil
}

func (l numberList) String() string { return strings.Trim(fmt.Sprint(*l.to), "[]") }

func (l numberList) Type() string { return "intSlice" }
