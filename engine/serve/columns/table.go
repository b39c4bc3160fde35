package columns

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"sync"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// A Table is the table runs of one sweep's folder.
type Table struct {
	store   *Store
	root    *os.Root
	dir     string
	parts   []*part
	columns map[string]*column
}

// A column is what is kept of a column, by part.
type column struct {
	name     string
	leaf     int // its place in the files
	numeric  bool
	coded    bool
	entries  []Entry
	index    map[string]uint16 // by the entry's text
	segments map[*part]Segment
	used     uint64 // the store's clock when it was last asked for
}

// width is how many bytes a row takes.
func (c *column) width() int64 {
	if c.coded {
		return 2
	}
	return 8
}

func (c *column) bytes() int64 {
	n := int64(0)
	for _, s := range c.segments {
		n += 2*int64(len(s.Codes)) + 8*int64(len(s.Values))
	}
	return n
}

// view attempts: a part can go while it is read, when a process removes what an
// earlier one did not finish.
const attempts = 3

// View returns the table as it is now, with the named columns. The error for
// files that are no table of this version is a [DamagedError], that for columns
// which the store cannot hold a [TooLargeError].
func (t *Table) View(ctx context.Context, names ...string) (*View, error) {
	if err := t.store.enter(ctx); err != nil {
		return nil, err
	}
	defer t.store.leave()
	t.store.tables[t] = true
	t.store.clock++
	var err error
	for range attempts {
		var v *View
		if v, err = t.view(ctx, names); err == nil {
			return v, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return nil, err
}

// Forget drops what is kept of the table.
func (t *Table) Forget(ctx context.Context) error {
	if err := t.store.enter(ctx); err != nil {
		return err
	}
	defer t.store.leave()
	for _, c := range t.columns {
		t.store.used -= c.bytes()
	}
	t.columns, t.parts = map[string]*column{}, nil
	delete(t.store.tables, t)
	return nil
}

func (t *Table) view(ctx context.Context, names []string) (*View, error) {
	if err := t.refresh(); err != nil {
		return nil, err
	}
	var wanted []*column
	for _, name := range names {
		c, err := t.column(name)
		if err != nil {
			return nil, err
		}
		c.used = t.store.clock
		if !slices.Contains(wanted, c) {
			wanted = append(wanted, c)
		}
	}
	if err := t.load(ctx, wanted); err != nil {
		return nil, err
	}
	v := &View{root: t.root, dir: t.dir, parts: slices.Clone(t.parts), columns: map[string]*Column{}}
	version := fnv.New64a()
	for _, p := range t.parts {
		v.first = append(v.first, v.Rows)
		v.Rows += p.rows
		fmt.Fprintf(version, "%s %d %d\n", p.name, p.size, p.modified.UnixNano())
	}
	v.Version = fmt.Sprintf("%016x", version.Sum64())
	for _, c := range wanted {
		out := &Column{Name: c.name, Numeric: c.numeric}
		if c.coded {
			out.Entries = c.entries[:len(c.entries):len(c.entries)]
		}
		for _, p := range t.parts {
			out.Segments = append(out.Segments, c.segments[p])
		}
		v.columns[c.name] = out
	}
	return v, nil
}

// refresh looks which parts are there, and drops what is kept of those that are
// not.
func (t *Table) refresh() error {
	now, err := listParts(t.root, path.Join(t.dir, runsFolder))
	if err != nil {
		return err
	}
	known := map[string]*part{}
	for _, p := range t.parts {
		known[p.name] = p
	}
	for i, p := range now {
		if old := known[p.name]; old != nil && old.same(p) {
			now[i] = old
			delete(known, p.name)
		}
	}
	for _, gone := range known {
		for _, c := range t.columns {
			if s, ok := c.segments[gone]; ok {
				t.store.used -= s.bytes()
				delete(c.segments, gone)
			}
		}
	}
	t.parts = now
	return nil
}

// column returns what is kept of a column, an empty one if it is the first time.
func (t *Table) column(name string) (*column, error) {
	if c := t.columns[name]; c != nil {
		return c, nil
	}
	field, err := results.FieldOf[results.Run](name)
	if err != nil {
		return nil, err
	}
	c := &column{
		name: name, leaf: slices.Index(results.Columns[results.Run](), name), numeric: field.Numeric,
		coded: IsParameter(name) || !field.Numeric, index: map[string]uint16{}, segments: map[*part]Segment{},
	}
	t.columns[name] = c
	return c, nil
}

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
	if tasks == nil {
		return t.fits(wanted)
	}
	if err := t.countRows(ctx); err != nil {
		return err
	}
	if err := t.fits(wanted); err != nil {
		return err
	}
	if err := t.decodeAll(ctx, tasks); err != nil {
		return err
	}
	for _, work := range tasks {
		for i, c := range work.columns {
			if err := t.keep(c, work.part, &work.decoded[i]); err != nil {
				return &DamagedError{path.Join(t.dir, runsFolder, work.part.name), fmt.Errorf("column %q: %w", c.name, err)}
			}
		}
	}
	return t.fits(wanted) // a dictionary may have been given up
}

// fits makes room for the columns of a view, or says that there is none.
func (t *Table) fits(wanted []*column) error {
	rows := int64(0)
	for _, p := range t.parts {
		rows += int64(p.rows)
	}
	need, have := int64(0), int64(0)
	for _, c := range wanted {
		need += rows * c.width()
		have += c.bytes()
	}
	if need > t.store.budget {
		return &TooLargeError{need, t.store.budget}
	}
	t.store.makeRoom(need - have)
	return nil
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
		err := openPart[results.Run](t.root, path.Join(t.dir, runsFolder, p.name), func(f *parquet.File) error {
			if f.NumRows() < 0 || f.NumRows() > math.MaxInt32 {
				return &DamagedError{path.Join(t.dir, runsFolder, p.name), fmt.Errorf("it says that it has %d rows: it is damaged", f.NumRows())}
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
				if err := t.decode(work); err != nil {
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

func (t *Table) decode(work *task) error {
	if work.columns == nil {
		return nil
	}
	name := path.Join(t.dir, runsFolder, work.part.name)
	return openPart[results.Run](t.root, name, func(f *parquet.File) error {
		if f.NumRows() != int64(work.part.rows) {
			return fmt.Errorf("%s was replaced while it was read: %w", name, fs.ErrNotExist)
		}
		for _, c := range work.columns {
			d, err := decode(f, c.leaf, c.name, c.numeric, c.coded)
			if err != nil {
				return &DamagedError{name, err}
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

// giveUp turns a column with a dictionary into one of plain numbers. Views that
// have it keep theirs.
func (t *Table) giveUp(c *column) error {
	if !c.numeric {
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
