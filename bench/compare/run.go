package compare

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"modspec/bench/peers"
	"modspec/engine/results"
)

// Options say what is compared, and how long.
type Options struct {
	Quick   bool
	Only    []string // workloads; none: all, or those of a quick run
	Peers   []string // contenders beside the baseline; none: all
	Python  string   // an interpreter for all peers in Python; "" for those of setup.sh
	Venv    string   // what setup.sh made: bench/peers/.venv
	Modspec string   // this program, which contends too
	Threads int      // of every contender; 0: one for each CPU
	Budget  time.Duration
	Rounds  int
	Hurry   time.Duration // after this, pairs take only two turns; 0: never
	// Patience is how long all may take that is measured again, or waited for, since the
	// machine was not quiet.
	Patience time.Duration
	Growth   bool // whether growth is measured too
	Memory   uint64
	Command  []string  // as typed
	Log      io.Writer // a line for every contender
}

// Run compares. A contender that cannot run here, or does not agree, has a row that
// says so. Run returns an error if the context is cancelled or nothing was measured.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := CheckNames(o.Only, o.Peers); err != nil {
		return nil, err
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	scratch, err := os.MkdirTemp("", "modspec-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	if err := os.CopyFS(filepath.Join(scratch, "peers"), peers.Files); err != nil {
		return nil, err
	}
	venv, err := filepath.Abs(o.Venv)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	c := &comparison{
		Options: o,
		where:   environments{modspec: o.Modspec, scripts: filepath.Join(scratch, "peers"), peers: venv, python: o.Python},
		scratch: scratch, began: began,
		result: &Result{
			Device: "cpu", Date: began.UTC().Format(time.DateOnly), Provenance: results.NewProvenance("cpu", "float32", o.Command, began),
			Threads: o.Threads, Memory: o.Memory, Quick: o.Quick, Budget: results.Number(o.Budget.Seconds()), Rounds: o.Rounds,
			Libraries: map[string]string{},
		},
		double: map[string]bool{},
	}
	c.glance = func() float64 { return c.result.Limits.glance(o.Threads) }
	c.meter, c.result.NoEnergy = openMeter(powerFolder)
	var list []workloadRows
	for _, w := range Workloads() {
		if len(o.Only) > 0 && !slices.Contains(o.Only, w.Name) || len(o.Only) == 0 && o.Quick && !w.Quick {
			continue
		}
		rows, err := c.workload(ctx, w)
		if err != nil {
			return nil, err
		}
		list = append(list, rows)
	}
	for _, w := range list {
		rows, err := c.quieter(ctx, w, func() (workloadRows, error) { return c.workload(ctx, w.Workload) })
		if err != nil {
			return nil, err
		}
		c.result.Rows = append(c.result.Rows, rows...)
	}
	if o.Growth {
		if err := c.grow(ctx); err != nil {
			return nil, err
		}
	}
	c.result.Limits.measure(o.Threads)
	for _, r := range c.result.Rows {
		if r.Status == Measured {
			r.summarise(c.result.Limits, c.double[r.Contender])
		}
	}
	if measuredRows(c.result.Rows) == 0 && len(c.result.Growth) == 0 {
		return nil, errNothing
	}
	c.result.Provenance.Took(time.Since(began))
	return c.result, nil
}

// A comparison is a run at work.
type comparison struct {
	Options
	where   environments
	scratch string
	began   time.Time
	meter   *meter
	result  *Result
	double  map[string]bool // contenders whose arithmetic is float64
	glance  func() float64  // multiply-adds a second that the machine has to give just now
	last    struct {        // what the last look saw
		seen float64
		at   time.Time
	}
}

// workloadRows are what a workload's measuring gave, and how long it took.
type workloadRows struct {
	Workload
	rows []*Row
	took time.Duration
}

// workload measures a workload. Only a context that is cancelled is an error: one
// workload that cannot be had takes no other with it.
func (c *comparison) workload(ctx context.Context, w Workload) (workloadRows, error) {
	fmt.Fprintf(c.Log, "%s\n", w.Title)
	c.result.Limits.measure(c.Threads)
	began := time.Now()
	rows, err := c.compare(ctx, w)
	if ctx.Err() != nil {
		return workloadRows{}, ctx.Err()
	}
	if err != nil {
		fmt.Fprintf(c.Log, "  failed: %v\n", err)
		rows = append(rows, &Row{
			Workload: w.Name, Title: w.Title, Unit: w.unit(), Contender: Baseline, Who: w.contenders()[0].Who, Ours: true, Status: Failed, Reason: err.Error(),
		})
	}
	return workloadRows{w, rows, time.Since(began)}, nil
}

// quieter returns a workload's rows, or those of its second measuring: of all that
// were not repeated at once, since it was not known yet what the machine can do, or patience
// was at its end for a time.
func (c *comparison) quieter(ctx context.Context, w workloadRows, measure func() (workloadRows, error)) ([]*Row, error) {
	low := lowestSeen(w.rows)
	if c.result.Limits.quiet(low) || c.Patience < w.took || !c.waits(ctx, time.Now()) {
		return w.rows, ctx.Err()
	}
	fmt.Fprintf(c.Log, "again, since the machine was not quiet: ")
	again, err := measure()
	if err != nil {
		return nil, err
	}
	c.Patience = max(0, c.Patience-again.took)
	if measuredRows(again.rows) < measuredRows(w.rows) || lowestSeen(again.rows) <= low {
		return w.rows, nil
	}
	return again.rows, nil
}

// measuredRows counts the rows that were measured.
func measuredRows(rows []*Row) (n int) {
	for _, r := range rows {
		if r.Status == Measured {
			n++
		}
	}
	return n
}

// compare measures one workload: the baseline with every other contender in turn, so
// that no more than two are there at once, in memory and on the CPUs.
func (c *comparison) compare(ctx context.Context, w Workload) (rows []*Row, err error) {
	dir := filepath.Join(c.scratch, w.Name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ready, err := c.readier(ctx, w, dir)
	if err != nil {
		return nil, err
	}
	var ours *rival
	for _, o := range w.contenders() {
		if !o.chosen(c.Peers) {
			continue
		}
		other, err := c.join(ctx, w, o, ready)
		if err != nil {
			return rows, err
		}
		if ours == nil {
			if other.run == nil {
				return rows, fmt.Errorf("%s, which all others are measured against, is %s: %s", o.Who, other.row.Status, other.row.Reason)
			}
			ours = other
			defer ours.leave()
			// A contender that is alone still has its repetitions.
			for range c.rounds(ours) {
				if err := c.alone(ctx, ours); err != nil {
					return rows, err
				}
			}
		} else {
			for n := c.rounds(ours); n > 0 && other.run != nil; n-- {
				if err := c.pair(ctx, ours, other); err != nil {
					other.leave()
					return rows, err
				}
			}
			other.leave()
		}
		rows = append(rows, other.row)
	}
	return rows, nil
}
