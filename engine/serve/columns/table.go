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

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// A Table is the table runs of one sweep's folder.
type Table struct {
	// turn is held while a view is made. It is a channel, not a mutex, so that a
	// request can stop waiting for it. Other tables do not wait for it.
	turn    chan struct{}
	store   *Store
	root    *os.Root
	dir     string
	parts   []*part
	schema  *results.Table // of the parts, nil while there are none
	columns map[string]*column
}

// A column is what is kept of a column, by part.
type column struct {
	name     string
	leaf     int // its place in the files
	kind     results.Type
	coded    bool
	entries  []Entry
	index    map[string]uint16 // by the entry's text
	segments map[*part]Segment
	used     uint64 // the store's clock when it was last asked for
	pins     int    // views that are being made of it
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

// attempts is how often a view is tried: a process may remove a part that an earlier
// one did not finish, while it is read. Each failure takes a change of the folder
// between two looks, so three in a row happen, and as many as this do not.
const attempts = 100

// View returns the table as it is now, with the named columns. The error for
// files that are no table of this version is a [results.DamagedError], that for columns
// which the store cannot hold a [TooLargeError].
func (t *Table) View(ctx context.Context, names ...string) (*View, error) {
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-t.turn }()
	for failed := 0; ; {
		v, freed, err := t.view(ctx, names)
		switch {
		case errors.Is(err, errNoRoom):
			if freed == nil {
				continue
			}
			select {
			case <-freed:
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		case errors.Is(err, fs.ErrNotExist) && failed < attempts-1:
			failed++
		default:
			return v, err
		}
	}
}

// view tries to make a view. For lack of room it can be tried again once freed is
// closed; at once where that is nil.
func (t *Table) view(ctx context.Context, names []string) (v *View, freed <-chan struct{}, err error) {
	parts, err := listParts(t.root, path.Join(t.dir, runsFolder))
	if err != nil {
		return nil, nil, err
	}
	schema, err := t.tableOf(parts)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := t.plan(parts, schema, names)
	if err != nil {
		return nil, nil, err
	}
	defer func() { freed = t.store.unpin(wanted) }()
	if err := t.load(ctx, wanted); err != nil {
		return nil, nil, err
	}
	return t.made(wanted), nil, nil
}

// made returns a view of columns that are there.
func (t *Table) made(wanted []*column) *View {
	v := &View{Table: t.schema, root: t.root, dir: t.dir, parts: slices.Clone(t.parts), columns: map[string]*Column{}}
	version := fnv.New64a()
	for _, p := range t.parts {
		v.first = append(v.first, v.Rows)
		v.Rows += p.rows
		fmt.Fprintf(version, "%s %d %d\n", p.name, p.size, p.modified.UnixNano())
	}
	v.Version = fmt.Sprintf("%016x", version.Sum64())
	for _, c := range wanted {
		out := &Column{Name: c.name, Numeric: c.kind != results.Text}
		if c.coded {
			out.Entries = c.entries[:len(c.entries):len(c.entries)]
		}
		for _, p := range t.parts {
			out.Segments = append(out.Segments, c.segments[p])
		}
		v.columns[c.name] = out
	}
	return v
}

// plan takes in which parts there are now, drops what is kept of those that are
// not, and pins the columns of a view.
func (t *Table) plan(now []*part, schema *results.Table, names []string) ([]*column, error) {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	t.store.tables[t] = true
	t.store.clock++
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
	if t.schema != nil && schema.SameColumns(t.schema) != nil { // another sweep is in the folder
		for _, c := range t.columns {
			t.store.used -= c.bytes()
		}
		t.columns = map[string]*column{}
		for _, p := range now {
			p.rows = -1 // it is to be compared with the new columns
		}
	}
	t.schema = schema
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
	for _, c := range wanted {
		c.pins++
	}
	t.store.pins += len(wanted)
	return wanted, nil
}

// column returns what is kept of a column, an empty one if it is the first time.
func (t *Table) column(name string) (*column, error) {
	if c := t.columns[name]; c != nil {
		return c, nil
	}
	field, err := t.schema.Field(name)
	if err != nil {
		return nil, err
	}
	c := &column{
		name: name, leaf: t.schema.Columns.Index(name), kind: field.Type,
		coded: IsParameter(t.schema, name) || !field.Numeric(), index: map[string]uint16{}, segments: map[*part]Segment{},
	}
	t.columns[name] = c
	return c, nil
}

// noRuns and noTrajectories are the tables of folders without files, which have the
// columns that all have.
var (
	noRuns         = results.NewRunsTable("", nil, nil)
	noTrajectories = results.NewTrajectoriesTable("", nil)
)

// Schema returns what the table's columns are now, nil while it has no rows, of which
// nothing is known then. The error for files that are no table
// of this version is a [results.DamagedError].
func (t *Table) Schema(ctx context.Context) (*results.Table, error) {
	v, err := t.View(ctx)
	if err != nil || v.Rows == 0 {
		return nil, err
	}
	return v.Table, nil
}

// Trajectories returns what the columns of the table trajectories beside this one are
// now. Errors are those of [Table.Schema].
func (t *Table) Trajectories() (*results.Table, error) {
	folder := path.Join(t.dir, trajectoriesFolder)
	parts, err := listParts(t.root, folder)
	if err != nil || len(parts) == 0 {
		return noTrajectories, err
	}
	return readTable(t.root, path.Join(folder, parts[0].name), trajectoriesFolder)
}

// tableOf returns the columns of the first of the parts, which the others must have too.
func (t *Table) tableOf(parts []*part) (*results.Table, error) {
	if len(parts) == 0 {
		return noRuns, nil
	}
	if len(t.parts) > 0 && t.parts[0].same(parts[0]) {
		return t.schema, nil
	}
	return readTable(t.root, path.Join(t.dir, runsFolder, parts[0].name), runsFolder)
}

func readTable(root *os.Root, name, table string) (found *results.Table, err error) {
	err = openPart(root, name, table, func(_ *parquet.File, t *results.Table) error {
		found = t
		return nil
	})
	return found, err
}
