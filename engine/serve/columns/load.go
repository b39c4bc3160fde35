package columns

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// A task is the columns that a part lacks.
type task struct {
	part    *part
	columns []*column
	decoded []decoded
}

// load reads what the view needs and the store lacks.
func (t *Table) load(ctx context.Context, wanted []*column) error {
	var tasks []*task
	for _, p := range t.parts {
		work := &task{part: p}
		for _, c := range wanted {
			if _, ok := c.segments[p]; !ok {
				work.columns = append(work.columns, c)
			}
		}
		if work.columns != nil || p.rows < 0 {
			tasks = append(tasks, work)
		}
	}
	if err := t.countRows(ctx); err != nil {
		return err
	}
	rows := int64(0)
	for _, p := range t.parts {
		rows += int64(p.rows)
	}
	reserved, err := t.store.reserve(wanted, rows)
	if err != nil {
		return err
	}
	err = t.decodeAll(ctx, tasks)
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	t.store.used -= reserved
	if err != nil {
		return err
	}
	for _, work := range tasks {
		for i, c := range work.columns {
			if err := t.keep(c, work.part, &work.decoded[i]); err != nil {
				return &results.DamagedError{File: path.Join(t.dir, runsFolder, work.part.name), Err: fmt.Errorf("column %q: %w", c.name, err)}
			}
		}
	}
	more, err := t.store.lacks(wanted, rows) // a dictionary may have been given up
	t.store.makeRoom(more)
	return err
}

// countRows reads the number of rows of parts that have not been opened yet.
func (t *Table) countRows(ctx context.Context) error {
	for _, p := range t.parts {
		if p.rows >= 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		err := openPart(t.root, path.Join(t.dir, runsFolder, p.name), runsFolder, func(f *parquet.File, table *results.Table) error {
			if err := table.SameColumns(t.schema); err != nil {
				return fmt.Errorf("its columns are not those of the files before it: %w", err)
			}
			p.rows = int(f.NumRows())
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// decodeAll reads files side by side. What it reads belongs to no column yet.
func (t *Table) decodeAll(ctx context.Context, tasks []*task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *task)
	var group sync.WaitGroup
	for range min(t.store.workers, len(tasks)) {
		group.Go(func() {
			for work := range queue {
				if err := t.decode(ctx, work); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, work := range tasks {
		if ctx.Err() != nil {
			break
		}
		queue <- work
	}
	close(queue)
	group.Wait()
	return context.Cause(ctx)
}

func (t *Table) decode(ctx context.Context, work *task) error {
	if work.columns == nil {
		return nil
	}
	name := path.Join(t.dir, runsFolder, work.part.name)
	return openPart(t.root, name, runsFolder, func(f *parquet.File, table *results.Table) error {
		if f.NumRows() != int64(work.part.rows) || table.SameColumns(t.schema) != nil {
			return &results.RequestError{Err: fmt.Errorf("%s was replaced while it was read: %w", name, fs.ErrNotExist)}
		}
		for _, c := range work.columns {
			d, err := decode(ctx, f, c.leaf, c.name, c.kind, c.coded)
			if err != nil {
				return err
			}
			work.decoded = append(work.decoded, d)
		}
		return nil
	})
}

// keep enters what was read of a part into a column, under the column's own
// dictionary.
func (t *Table) keep(c *column, p *part, d *decoded) error {
	s := Segment{Codes: d.codes, Values: d.values}
	if c.coded && d.values == nil {
		translate, ok := c.translate(d.entries)
		if ok {
			for i, code := range s.Codes {
				s.Codes[i] = translate[code]
			}
		} else {
			s = Segment{Values: plain(d.entries, d.codes, len(d.codes))}
		}
	}
	if c.coded && s.Values != nil {
		if err := t.giveUp(c); err != nil {
			return err
		}
	}
	if !c.coded && s.Values == nil {
		s = Segment{Values: plain(d.entries, d.codes, len(d.codes))}
	}
	c.segments[p] = s
	t.store.used += s.bytes()
	return nil
}

// translate returns the column's codes of a part's entries, entering new ones;
// false if there is no room for them.
func (c *column) translate(entries []Entry) ([]uint16, bool) {
	out := make([]uint16, len(entries))
	for i, e := range entries {
		code, ok := c.index[e.Text]
		if !ok {
			if len(c.entries) == maxCodes {
				return nil, false
			}
			code = uint16(len(c.entries))
			c.entries = append(c.entries, e)
			c.index[e.Text] = code
		}
		out[i] = code
	}
	return out, true
}

// giveUp converts a column with a dictionary to one of plain numbers. Views that have
// it keep theirs.
func (t *Table) giveUp(c *column) error {
	if c.kind == results.Text {
		return errTooManyTexts
	}
	for p, s := range c.segments {
		t.store.used -= s.bytes()
		s = Segment{Values: plain(c.entries, s.Codes, len(s.Codes))}
		t.store.used += s.bytes()
		c.segments[p] = s
	}
	c.coded, c.entries, c.index = false, nil, nil
	return nil
}
