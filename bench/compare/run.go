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
	"modspec/engine/cmnist"
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
	Growth  bool          // whether growth is measured too
	Memory  uint64
	Command []string  // as typed
	Log     io.Writer // a line for every contender
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
	c.meter, c.result.NoEnergy = openMeter(powerFolder)
	for _, w := range Workloads() {
		if len(o.Only) > 0 && !slices.Contains(o.Only, w.Name) || len(o.Only) == 0 && o.Quick && !w.Quick {
			continue
		}
		fmt.Fprintf(o.Log, "%s\n", w.Title)
		c.result.Limits.measure(o.Threads)
		if err := c.compare(ctx, w); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			// One workload that cannot be had takes no other with it.
			c.result.Rows = append(c.result.Rows, &Row{
				Workload: w.Name, Title: w.Title, Unit: w.unit(), Contender: Baseline, Who: w.contenders()[0].Who, Ours: true, Status: Failed, Reason: err.Error(),
			})
			fmt.Fprintf(o.Log, "  failed: %v\n", err)
		}
	}
	if o.Growth {
		if err := c.grow(ctx); err != nil {
			return nil, err
		}
	}
	c.result.Limits.measure(o.Threads)
	measured := len(c.result.Growth) > 0
	for _, r := range c.result.Rows {
		if r.Status == Measured {
			measured = true
			r.summarise(c.result.Limits, c.double[r.Contender])
		}
	}
	if !measured {
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
}

// A rival is a contender in a workload: its row and what trains once.
type rival struct {
	row *Row
	run func() (float64, error) // seconds; nil if it does not run
	end func()
	// units is how many network-steps or images a repetition has.
	units  float64
	joules float64
	times  []float64 // how many times faster the baseline was just before each repetition
}

// compare measures one workload: the baseline with every other contender in turn, so
// that no more than two are there at once, in memory and on the CPUs.
func (c *comparison) compare(ctx context.Context, w Workload) error {
	dir := filepath.Join(c.scratch, w.Name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ready, err := c.readier(ctx, w, dir)
	if err != nil {
		return err
	}
	var ours *rival
	for _, o := range w.contenders() {
		if !o.chosen(c.Peers) {
			continue
		}
		other, err := c.join(ctx, w, o, ready)
		if err != nil {
			return err
		}
		if ours == nil {
			if other.run == nil {
				return fmt.Errorf("%s, which all others are measured against, is %s: %s", o.Who, other.row.Status, other.row.Reason)
			}
			ours = other
			defer ours.leave()
			// A contender that is alone still has its repetitions.
			for range c.rounds(ours) {
				if _, err := c.turn(ctx, ours); err != nil {
					return err
				}
			}
		} else {
			for range c.rounds(ours) {
				if err := c.turns(ctx, ours, other); err != nil {
					other.leave()
					return err
				}
			}
			other.leave()
		}
		c.result.Rows = append(c.result.Rows, other.row)
	}
	return nil
}

// rounds is how often a pair takes turns: less often where a turn of ours takes long,
// which is steadier too, and where the run has taken long already.
func (c *comparison) rounds(ours *rival) int {
	switch {
	case ours.row.First > 2, c.Hurry > 0 && time.Since(c.began) > c.Hurry:
		return min(c.Rounds, 2)
	case ours.row.First > 0.4 || ours.row.Workload == "sweep":
		return min(c.Rounds, 3)
	}
	return c.Rounds
}

// leave ends a contender and completes its row.
func (r *rival) leave() {
	if r.end != nil {
		r.end()
	}
	if n := float64(len(r.row.Rates)) * r.units; r.joules > 0 && n > 0 {
		r.row.Joules = 1e6 * r.joules / n
	}
	if len(r.times) > 0 {
		r.row.Times, r.row.TimesLow, r.row.TimesHigh = median(r.times), slices.Min(r.times), slices.Max(r.times)
	}
}

// turns lets ours and another train once each, one right after the other. Another
// that fails has had its last turn.
func (c *comparison) turns(ctx context.Context, ours, other *rival) error {
	if other.run == nil {
		return nil
	}
	mine, err := c.turn(ctx, ours)
	if err != nil {
		return err
	}
	theirs, err := c.turn(ctx, other)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		other.run, other.times = nil, nil
		other.row.Status, other.row.Reason, other.row.Rates = Failed, err.Error(), nil
		fmt.Fprintf(c.Log, "  %-28s %-8s %s: %s\n", other.row.Who, other.row.Form, Failed, err)
		return nil
	}
	other.times = append(other.times, mine/theirs)
	return nil
}

// turn lets a contender train once and returns its rate.
func (c *comparison) turn(ctx context.Context, r *rival) (float64, error) {
	var before []uint64
	if c.meter != nil {
		before, _ = c.meter.read()
	}
	seconds, err := r.run()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", r.row.Who, err)
	}
	if before != nil {
		if used, err := c.meter.since(before); err == nil {
			r.joules += used
		}
	}
	rate := r.units / seconds
	r.row.Rates = append(r.row.Rates, rate)
	return rate, nil
}

// A readying starts and checks a contender and fills in its row.
type readying func(Contender, *Row) (*rival, error)

// readier prepares a workload in a folder.
func (c *comparison) readier(ctx context.Context, w Workload, dir string) (readying, error) {
	switch {
	case w.Setting != nil:
		starts, err := w.Setting.Write(dir)
		if err != nil {
			return nil, err
		}
		truth, err := Bound(ctx, *w.Setting, starts)
		if err != nil {
			return nil, err
		}
		return func(o Contender, r *Row) (*rival, error) { return c.network(ctx, *w.Setting, truth, dir, o, r) }, nil
	case w.Images != nil:
		start, err := w.Images.Write(dir)
		if err != nil {
			return nil, err
		}
		n, err := w.Images.network()
		if err != nil {
			return nil, err
		}
		operations, err := n.Work(cmnist.Paper())
		if err != nil {
			return nil, err
		}
		truth := &imagesTruth{start: start}
		return func(o Contender, r *Row) (*rival, error) { return c.images(ctx, operations/2, truth, dir, o, r) }, nil
	}
	var ours []sweepRow
	return func(o Contender, r *Row) (*rival, error) { return c.sweep(ctx, *w.Sweep, &ours, dir, o, r) }, nil
}

// join brings in a contender. One that is missing or wrong comes without run, and its
// row says why.
func (c *comparison) join(ctx context.Context, w Workload, o Contender, ready readying) (*rival, error) {
	row := &Row{Workload: w.Name, Title: w.Title, Unit: w.unit(), Contender: o.Name, Who: o.Who, Form: o.Form, Ours: o.Ours, Status: Measured}
	r, err := ready(o, row)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	c.double[o.Name] = o.double
	if err == nil {
		r.row = row
		fmt.Fprintf(c.Log, "  %-28s %-8s ready after %.1f s\n", o.Who, o.Form, row.Start)
		return r, nil
	}
	if row.Status != Missing {
		row.Status = Failed
	}
	row.Reason = err.Error()
	fmt.Fprintf(c.Log, "  %-28s %-8s %s: %s\n", o.Who, o.Form, row.Status, row.Reason)
	return &rival{row: row}, nil
}

// launch starts a contender and reads that it is ready. A row without its process
// has the status Missing.
func (c *comparison) launch(ctx context.Context, o Contender, images bool, dir, maps string, row *Row) (*process, error) {
	program, args, err := c.where.command(o, c.Options, images, dir, maps)
	if err != nil {
		row.Status = Missing
		return nil, err
	}
	p, err := start(ctx, program, args, o.pinned(c.Threads), c.Threads)
	if err != nil {
		return nil, err
	}
	if p.ready.Missing != "" {
		p.stop()
		row.Status = Missing
		return nil, fmt.Errorf("%s", p.ready.Missing)
	}
	c.result.Libraries[o.Name] = p.ready.Library
	row.TimedCopies, row.TimedSteps = p.ready.Copies, p.ready.Steps
	row.First, row.Start = p.ready.First, p.ready.Start
	return p, nil
}

// network starts a contender for networks of modules and holds its check against the
// truth.
func (c *comparison) network(ctx context.Context, s Setting, truth *Truth, dir string, o Contender, row *Row) (*rival, error) {
	form := o.Form
	if o.Ours {
		form = s.ourForm()
	}
	row.Form, row.Copies, row.Work = form, s.Copies, s.Work(form)
	maps := filepath.Join(dir, o.Name+".f64")
	p, err := c.launch(ctx, o, false, dir, maps, row)
	if err != nil {
		return nil, err
	}
	row.Bound = truth.Bound
	off, err := truth.Check(s.Point, maps)
	if err != nil {
		p.stop()
		return nil, err
	}
	row.Deviation = off
	return &rival{
		run: p.run, end: func() { row.Memory = p.stop() },
		units: float64(row.TimedCopies) * float64(row.TimedSteps),
	}, nil
}

// images starts a contender for networks of convolutions. Ours comes first and is the
// truth of the others; its own tests hold it against another backend.
func (c *comparison) images(ctx context.Context, work float64, truth *imagesTruth, dir string, o Contender, row *Row) (*rival, error) {
	maps := filepath.Join(dir, o.Name+".f64")
	p, err := c.launch(ctx, o, true, dir, maps, row)
	if err != nil {
		return nil, err
	}
	row.Copies, row.Work = 1, work
	if truth.end == nil {
		err = truth.read(maps)
	}
	if err == nil {
		var off float64
		if off, err = truth.Check(maps); err == nil {
			row.Deviation = off
		}
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return &rival{run: p.run, end: func() { row.Memory = p.stop() }, units: float64(row.TimedCopies)}, nil
}

// sweep readies a contender for a whole sweep: it runs it once, which warms the
// caches of the disk, and compares its table with ours.
func (c *comparison) sweep(ctx context.Context, s Sweep, ours *[]sweepRow, dir string, o Contender, row *Row) (*rival, error) {
	dir = filepath.Join(dir, o.Name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	out := filepath.Join(dir, "out")
	var program string
	var args []string
	if o.Ours {
		file := filepath.Join(dir, "whole.yaml")
		if err := os.WriteFile(file, []byte(s.file()), 0o666); err != nil {
			return nil, err
		}
		program, args = c.where.modspec, []string{"sweep", "run", file, "--out", out, "--threads", fmt.Sprint(c.Threads)}
	} else {
		out += ".parquet"
		var err error
		if program, err = c.where.interpreter(o.python); err != nil {
			row.Status = Missing
			return nil, err
		}
		args = append([]string{"-B", filepath.Join(c.where.scripts, o.program), out}, s.arguments(o.Form)...)
	}
	run := func() (float64, error) {
		if err := os.RemoveAll(out); err != nil {
			return 0, err
		}
		e, err := whole(ctx, program, args, o.pinned(c.Threads), c.Threads)
		row.Memory = max(row.Memory, e.memory)
		if !o.Ours {
			c.result.Libraries[o.Name] = e.said
		}
		return e.seconds, err
	}
	seconds, err := run()
	if err != nil {
		return nil, err
	}
	row.Copies, row.TimedCopies, row.TimedSteps = s.copies(), s.copies(), s.Steps
	row.First, row.Start = seconds, seconds
	if o.Ours {
		*ours, err = readOurs(out)
	} else {
		var theirs []sweepRow
		if theirs, err = readTheirs(out); err == nil {
			err = agree(s, *ours, theirs)
		}
	}
	if err != nil {
		return nil, err
	}
	return &rival{run: run, units: float64(s.copies()) * float64(s.Steps)}, nil
}

// unit is what a workload's rates count.
func (w Workload) unit() string {
	if w.Images != nil {
		return "images/s"
	}
	return "network-steps/s"
}
