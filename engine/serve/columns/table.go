package columns

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"slices"

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
// files that are no table of this version is a [results.DamagedError], that for columns
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
