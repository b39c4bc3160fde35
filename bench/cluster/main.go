// Command cluster says what a sweep of very many copies costs on a cluster: it
// measures this machine's rates by small sweeps and simulates the scheduler with
// them.
//
//	go run ./bench/cluster -copies 1e9
//
// The rates are measured in the same run and printed before the table; a node is
// taken to be like this machine, unless another's rate is given with its source.
// What no machine can measure, how often nodes fail and tasks are preempted, is a
// scenario: the table has a row for each, and says so.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"

	"modspec/engine/number"
)

func main() {
	var s settings
	flag.Var(number.NewFlag(&s.copies, 1e9), "copies", "copies of the sweep")
	flag.Var(&s.shards, "shards", "numbers of shards, and of nodes that train them at the same time: 64x64,1000x64")
	flag.Var(number.NewFlag(&s.cores, runtime.NumCPU()), "cores", "cores of a node (default: this machine's, the only number whose rate is measured)")
	flag.Var(number.NewFlag(&s.steps, 300), "steps", "steps of a copy")
	flag.StringVar(&s.record, "record", "ends", "what is recorded, as a sweep file says it")
	flag.Var(number.NewFlag(&s.copiesPerSecond, 0), "node-rate", "copies that a node trains in a second, measured elsewhere (default: cores × this machine's rate of a core)")
	flag.StringVar(&s.source, "source", "", "where -node-rate was measured: machine, commit, command")
	flag.Var(number.NewFlag(&s.trials, 25), "trials", "simulations of a row, whose median is shown")
	flag.Parse()
	if err := run(context.Background(), &s); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	copies          float64
	shards          divisions
	cores, steps    int
	record          string
	copiesPerSecond float64
	source          string
	trials          int
}

func (s *settings) check() error {
	switch {
	case !(s.copies >= 1 && s.copies <= 1<<32):
		return fmt.Errorf("-copies is %g, but must be 1 to %d", s.copies, uint64(1)<<32)
	case s.cores < 1 || s.steps < 1 || s.trials < 1:
		return fmt.Errorf("-cores is %d, -steps %d, -trials %d; each must be 1 or more", s.cores, s.steps, s.trials)
	case s.copiesPerSecond < 0 || s.copiesPerSecond > 0 && s.source == "":
		return fmt.Errorf("-node-rate %g needs to be positive and measured: say where by -source", s.copiesPerSecond)
	}
	if len(s.shards) == 0 {
		s.shards = divisions{{16, 16}, {64, 64}, {256, 64}, {1000, 64}}
	}
	return nil
}

// A division is a number of shards and of nodes.
type division struct{ shards, nodes int }

// divisions are read as 64x64,1000x64.
type divisions []division

func (d *divisions) String() string { return fmt.Sprint(*d) }

// Set implements flag.Value.
func (d *divisions) Set(text string) error {
	*d = nil
	for piece := range strings.SplitSeq(text, ",") {
		shards, nodes, _ := strings.Cut(piece, "x")
		s, err1 := number.Whole(shards, 1, math.MaxInt)
		n, err2 := number.Whole(nodes, 1, math.MaxInt)
		if err := cmp.Or(err1, err2); err != nil {
			return fmt.Errorf("%q is not of the form SHARDSxNODES, such as 256x64: one number %w", piece, err)
		}
		*d = append(*d, division{s, n})
	}
	return nil
}

func run(ctx context.Context, s *settings) error {
	if err := s.check(); err != nil {
		return err
	}
	r, err := measure(ctx, s.steps, s.record)
	if err != nil {
		return err
	}
	r.print(os.Stdout, s)
	printTable(os.Stdout, s, r)
	return nil
}
