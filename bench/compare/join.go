package compare

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

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
	case w.Mixture != nil:
		return c.mixture(ctx, *w.Mixture, dir)
	case w.Images != nil:
		work, err := w.Images.work()
		if err != nil {
			return nil, err
		}
		truth, err := w.Images.Write(ctx, dir)
		if err != nil {
			return nil, err
		}
		return func(o Contender, r *Row) (*rival, error) { return c.images(ctx, work, truth, dir, o, r) }, nil
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
func (c *comparison) launch(ctx context.Context, o Contender, subject, dir, maps string, row *Row) (*process, error) {
	program, args, err := c.where.command(o, c.Options, subject, dir, maps)
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

// checked starts a contender and holds what it writes for the check against the truth.
func (c *comparison) checked(ctx context.Context, o Contender, subject, dir string, row *Row, check func(path string) (float64, error)) (*rival, error) {
	path := filepath.Join(dir, o.Name+".f64")
	p, err := c.launch(ctx, o, subject, dir, path, row)
	if err != nil {
		return nil, err
	}
	off, err := check(path)
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

// network starts a contender for networks of modules.
func (c *comparison) network(ctx context.Context, s Setting, truth *Truth, dir string, o Contender, row *Row) (*rival, error) {
	form := o.Form
	if o.Ours {
		form = s.ourForm()
	}
	row.Form, row.Copies, row.Work, row.Bound = form, s.Copies, s.Work(form), truth.Bound
	return c.checked(ctx, o, OfModules, dir, row, func(path string) (float64, error) { return truth.Check(s.Point, path) })
}

// mixture prepares a workload of mixtures of rules. All count the products of ours.
func (c *comparison) mixture(ctx context.Context, m Mixture, dir string) (readying, error) {
	work, err := m.work()
	if err != nil {
		return nil, err
	}
	if err := m.Write(ctx, dir); err != nil {
		return nil, err
	}
	_, runs, err := readMixture(dir)
	if err != nil {
		return nil, err
	}
	truth, err := m.bound(ctx, runs)
	if err != nil {
		return nil, err
	}
	return func(o Contender, row *Row) (*rival, error) {
		row.Copies, row.Work, row.Bound = m.Runs, work, truth.bound
		return c.checked(ctx, o, OfMixture, dir, row, truth.Check)
	}, nil
}

// images starts a contender for convolutional networks.
func (c *comparison) images(ctx context.Context, work float64, truth *imagesTruth, dir string, o Contender, row *Row) (*rival, error) {
	row.Copies, row.Work = 1, work
	r, err := c.checked(ctx, o, OfImages, dir, row, truth.Check)
	if err == nil {
		r.units = imageCount
	}
	return r, err
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
