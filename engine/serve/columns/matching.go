package columns

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// idColumn is not kept: it takes as much memory as all other columns together, and
// no diagram uses it.
const idColumn = results.IDColumn

// batchRows is how many rows are tested together: few enough that they are still in
// the processor's cache for the next test.
const batchRows = 1 << 13

// A matcher finds the rows of a view that meet a filter.
type matcher struct {
	view  *View
	tests []boundTest
	byID  [][]int32 // by part: rows with the wanted ids; nil if any id will do
}

// A boundTest is a test on a column of the view.
type boundTest struct {
	test   *test
	column *Column
	codes  []bool   // the result for each code
	rows   [][]bool // the result for each row, by part, where float64 is not exact enough
}

// match prepares a filter for a view that was made with its columns.
func (v *View) match(ctx context.Context, f *Filter) (*matcher, error) {
	m := &matcher{view: v}
	for i := range f.tests {
		b := boundTest{test: &f.tests[i], column: v.Column(f.tests[i].column)}
		for _, e := range b.column.Entries {
			b.codes = append(b.codes, b.test.meets(e))
		}
		if !b.column.Coded() && b.test.needsDigits() {
			var err error
			if b.rows, err = v.testFiles(ctx, b.test); err != nil {
				return nil, err
			}
		}
		m.tests = append(m.tests, b)
	}
	if f.ids != nil {
		var err error
		if m.byID, err = v.findIDs(ctx, f.ids); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// each gives the rows that match to body, a batch of one part at a time. The batch
// is only good until the next.
func (m *matcher) each(ctx context.Context, body func(part int, rows []int32) error) error {
	rows := make([]int32, 0, batchRows)
	for part := range m.view.Parts() {
		total := m.view.PartRows(part)
		for first := 0; first < total; first += batchRows {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			rows = rows[:0]
			if m.byID == nil {
				for i := first; i < min(first+batchRows, total); i++ {
					rows = append(rows, int32(i))
				}
			} else {
				from, _ := slices.BinarySearch(m.byID[part], int32(first))
				to, _ := slices.BinarySearch(m.byID[part], int32(min(first+batchRows, total)))
				rows = append(rows, m.byID[part][from:to]...)
			}
			for i := range m.tests {
				rows = m.tests[i].keep(part, rows)
			}
			if len(rows) == 0 {
				continue
			}
			if err := body(part, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep returns those of the rows that pass, in their order.
func (b *boundTest) keep(part int, rows []int32) []int32 {
	s, kept := &b.column.Segments[part], rows[:0]
	if b.rows != nil {
		for _, i := range rows {
			if b.rows[part][i] {
				kept = append(kept, i)
			}
		}
		return kept
	}
	if s.Codes != nil {
		for _, i := range rows {
			if b.codes[s.Codes[i]] {
				kept = append(kept, i)
			}
		}
		return kept
	}
	for _, i := range rows {
		if b.test.meets(Entry{Number: s.Values[i]}) {
			kept = append(kept, i)
		}
	}
	return kept
}

// Matching returns the numbers of the rows that meet a filter: those from offset
// on, at most limit of them, and how many there are in all.
func (v *View) Matching(ctx context.Context, f *Filter, offset, limit int) (rows []Row, all int, err error) {
	m, err := v.match(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	err = m.each(ctx, func(part int, batch []int32) error {
		from, to := max(offset-all, 0), min(offset+limit-all, len(batch))
		for i := from; i < to; i++ {
			rows = append(rows, Row{part, int(batch[i])})
		}
		all += len(batch)
		return nil
	})
	return rows, all, err
}

// Selection returns, part by part, which rows meet a filter, and how many do.
func (v *View) Selection(ctx context.Context, f *Filter) (selected [][]bool, all int, err error) {
	m, err := v.match(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	selected = make([][]bool, v.Parts())
	err = m.each(ctx, func(part int, batch []int32) error {
		if selected[part] == nil {
			selected[part] = make([]bool, v.PartRows(part))
		}
		for _, i := range batch {
			selected[part][i] = true
		}
		all += len(batch)
		return nil
	})
	return selected, all, err
}

// findIDs returns the rows with one of the ids, part by part.
func (v *View) findIDs(ctx context.Context, ids []string) ([][]int32, error) {
	found := make([][]int32, v.Parts())
	for part := range found {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := v.readValues(ctx, part, idColumn, func(row int, value *parquet.Value) bool {
			if slices.Contains(ids, string(value.ByteArray())) {
				found[part] = append(found[part], int32(row))
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// testFiles tests the values of a column in the files, part by part: a float64 does
// not have all digits of a seed.
func (v *View) testFiles(ctx context.Context, t *test) ([][]bool, error) {
	d := decoder{unsigned: t.field.Type == results.Seed}
	passed := make([][]bool, v.Parts())
	for part := range passed {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		passed[part] = make([]bool, v.PartRows(part))
		err := v.readValues(ctx, part, t.column, func(row int, value *parquet.Value) bool {
			passed[part][row] = t.meets(Entry{d.number(value), d.text(value)})
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return passed, nil
}

// Exact returns the texts of a column in some rows, in their order, as the files
// have them: also of ids, which no view keeps, and of seeds beyond 2⁵³.
func (v *View) Exact(ctx context.Context, column string, rows []Row) ([]string, error) {
	texts := make([]string, len(rows))
	byPart := map[int]map[int][]int{} // part, row in it: places in texts
	for i, r := range rows {
		if byPart[r.Part] == nil {
			byPart[r.Part] = map[int][]int{}
		}
		byPart[r.Part][r.Index] = append(byPart[r.Part][r.Index], i)
	}
	d := decoder{unsigned: v.unsigned(column)}
	for part, wanted := range byPart {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		left := len(wanted)
		err := v.readValues(ctx, part, column, func(row int, value *parquet.Value) bool {
			if places, ok := wanted[row]; ok {
				text := d.text(value)
				for _, i := range places {
					texts[i] = text
				}
				left--
			}
			return left > 0
		})
		if err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// unsigned reports whether a column's whole numbers have no sign.
func (v *View) unsigned(column string) bool {
	i := v.Table.Columns.Index(column)
	return i >= 0 && v.Table.Columns[i].Type == results.Seed
}

// errEnough ends the reading of a file.
var errEnough = &results.RequestError{Err: errors.New("enough was read")}

// readValues gives the values of a column of a part to body, until it has enough.
func (v *View) readValues(ctx context.Context, part int, column string, body func(row int, value *parquet.Value) bool) error {
	leaf, row := v.Table.Columns.Index(column), 0
	buffer := make([]parquet.Value, 1024)
	err := openPart(v.root, v.RunsFile(part), runsFolder, func(f *parquet.File, t *results.Table) error {
		if t.SameColumns(v.Table) != nil {
			return &results.RequestError{Err: fmt.Errorf("%s was replaced while it was read: %w", v.RunsFile(part), fs.ErrNotExist)}
		}
		for group := range f.RowGroups() {
			err := results.EachPage(ctx, f, group, leaf, func(page parquet.Page) error {
				return eachOf(page, buffer, func(value *parquet.Value) error {
					if row >= v.PartRows(part) || !body(row, value) {
						return errEnough
					}
					row++
					return nil
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == errEnough.Err {
		return nil
	}
	return err
}
