// Command gorgonia is a peer of the comparison: networks in gorgonia, one at a time on
// every CPU, a tape machine each, gradients by automatic differentiation, float32. It
// talks to modspec bench as bench/peers/contest.py says.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"modspec/engine/number"
)

func main() {
	var o options
	flag.StringVar(&o.form, "form", "plain", "coordinates of the inputs: plain or reduced")
	flag.StringVar(&o.maps, "maps", "", "file for the maps of the check")
	flag.Var(number.NewFlag(&o.budget, 1), "budget", "seconds that one repetition may take")
	flag.Parse()
	if flag.NArg() != 1 || o.maps == "" || o.form != "plain" && o.form != "reduced" {
		fmt.Fprintln(os.Stderr, "usage: gorgonia -maps FILE [-form plain|reduced] [-budget SECONDS] FOLDER")
		os.Exit(2)
	}
	if err := serve(flag.Arg(0), o); err != nil {
		fmt.Fprintln(os.Stderr, "gorgonia:", err)
		os.Exit(1)
	}
}

type options struct {
	form, maps string
	budget     float64
}

// say writes a line of JSON.
func say(line any) error { return json.NewEncoder(os.Stdout).Encode(line) }

func serve(folder string, o options) error {
	s, err := readSetting(folder)
	if err != nil {
		return err
	}
	if s.Gamma != 0 || s.Beta != 0 {
		return say(map[string]string{"missing": "automatic differentiation gives gradients, and this rule is none"})
	}
	c, err := s.coordinates(o.form == "reduced")
	if err != nil {
		return err
	}
	if err := s.check(c, o.maps); err != nil {
		return err
	}
	// How long one network takes says how many fit into the budget.
	run := func(copies, steps int) (float64, error) {
		began := time.Now()
		var group errgroup
		for copy := range copies {
			group.run(func() error {
				n, err := newNetwork(s, c, s.draw(c, copy))
				if err != nil {
					return err
				}
				return n.train(steps)
			})
		}
		err := group.wait()
		return time.Since(began).Seconds(), err
	}
	tried := min(30, s.Steps)
	if _, err := run(1, tried); err != nil {
		return err
	}
	took, err := run(1, tried)
	if err != nil {
		return err
	}
	step := took / float64(tried)
	steps := max(min(2, s.Steps), min(s.Steps, int(o.budget/step)))
	copies := max(1, min(s.Copies, runtime.GOMAXPROCS(0)*int(o.budget/(step*float64(steps)))))
	first, err := run(copies, steps)
	if err != nil {
		return err
	}
	if err := say(map[string]any{"library": "gorgonia " + version(), "copies": copies, "steps": steps, "first_seconds": first}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		took, err := run(copies, steps)
		if err != nil {
			return err
		}
		if err := say(map[string]float64{"seconds": took}); err != nil {
			return err
		}
	}
	return nil
}
