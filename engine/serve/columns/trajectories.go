package columns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// A Trajectory is what was recorded of a copy: Values[q][i] is quantity q at
// Steps[i], NaN where it does not exist. A copy of which nothing was recorded has
// no steps.
type Trajectory struct {
	Steps  []int
	Values [][]float64
}

// The bounds of what is read at once: recorded steps of one copy, as a run bounds
// those that it records, and numbers in all.
const (
	maxPoints  = 1 << 20
	maxNumbers = 1 << 24
)

// Trajectories returns what was recorded of some copies. Rows are their places in
// the view and numbers their column copy; quantities are some of [Quantities].
func (v *View) Trajectories(ctx context.Context, rows []Row, numbers []int, quantities []string, workers int) ([]Trajectory, error) {
	out := make([]Trajectory, len(rows))
	byPart := map[int][]int{}
	for i, r := range rows {
		byPart[r.Part] = append(byPart[r.Part], i)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var numbersRead atomic.Int64
	queue := make(chan int)
	var group sync.WaitGroup
	for range min(max(1, workers), len(byPart)) {
		group.Go(func() {
			for part := range queue {
				if ctx.Err() != nil {
					continue
				}
				r := pointReader{ctx: ctx, name: path.Join(v.dir, trajectoriesFolder, v.parts[part].name), quantities: quantities, read: &numbersRead}
				for _, i := range byPart[part] {
					r.wanted = append(r.wanted, wantedCopy{number: numbers[i], to: &out[i]})
				}
				if err := openPart(v.root, r.name, trajectoriesFolder, r.all); err != nil {
					cancel(err)
				}
			}
		})
	}
	for part := range byPart {
		queue <- part
	}
	close(queue)
	group.Wait()
	return out, context.Cause(ctx)
}

// A pointReader reads the trajectories of some copies of one part.
type pointReader struct {
	ctx        context.Context
	name       string
	quantities []string
	wanted     []wantedCopy  // by first row, once found
	read       *atomic.Int64 // numbers, of all parts
}

// A wantedCopy is where a copy's points stand in a file: the rows from first on.
type wantedCopy struct {
	number       int
	to           *Trajectory
	first, count int
}

func (r *pointReader) all(f *parquet.File, t *results.Table) error {
	leaves := make([]int, len(r.quantities))
	for i, name := range r.quantities {
		if leaves[i] = t.Columns.Index(name); leaves[i] < 0 {
			return fmt.Errorf("it has no column %q, as the files before it have", name)
		}
	}
	if err := r.find(f); err != nil {
		return err
	}
	steps := 0
	for i := range r.wanted {
		steps += r.wanted[i].count
	}
	if r.read.Add(int64(steps)*int64(1+len(r.quantities))) > maxNumbers {
		return &results.RequestError{Err: &LimitError{fmt.Sprintf("the trajectories have more than %d numbers, too many to bring together; ask for fewer copies or quantities", maxNumbers)}}
	}
	for i := range r.wanted {
		w := &r.wanted[i]
		w.to.Steps = make([]int, 0, w.count)
		w.to.Values = make([][]float64, len(r.quantities))
		for q := range r.quantities {
			w.to.Values[q] = make([]float64, 0, w.count)
		}
	}
	err := r.column(f, t.Columns.Index(results.StepColumn), func(w *wantedCopy, v *parquet.Value) {
		w.to.Steps = append(w.to.Steps, int(v.Int64()))
	})
	if err != nil {
		return err
	}
	for i, leaf := range leaves {
		d := decoder{unsigned: t.Columns[leaf].Type == results.Seed}
		err := r.column(f, leaf, func(w *wantedCopy, v *parquet.Value) {
			w.to.Values[i] = append(w.to.Values[i], d.number(v))
		})
		if err != nil {
			return err
		}
	}
	for i := range r.wanted {
		if !slices.IsSorted(r.wanted[i].to.Steps) {
			return fmt.Errorf("the steps of copy %d do not ascend", r.wanted[i].number)
		}
	}
	return nil
}

// find finds the rows of the copies. The rows of a copy stand together.
func (r *pointReader) find(f *parquet.File) error {
	byNumber := map[int64]*wantedCopy{}
	for i := range r.wanted {
		byNumber[int64(r.wanted[i].number)] = &r.wanted[i]
	}
	row := 0
	last, at := int64(-1), (*wantedCopy)(nil)
	for group := range f.RowGroups() {
		err := results.EachPage(r.ctx, f, group, results.CopyPlace, func(page parquet.Page) error {
			data := page.Data()
			if page.Dictionary() != nil || len(data.Int64()) != int(page.NumValues()) {
				return errors.New("its column copy is not as this version writes it")
			}
			for _, number := range data.Int64() {
				if number != last {
					last, at = number, byNumber[number]
					if at != nil && at.count > 0 {
						return fmt.Errorf("the rows of copy %d do not stand together", number)
					}
					if at != nil {
						at.first = row
					}
				}
				if at != nil {
					if at.count == maxPoints {
						return fmt.Errorf("copy %d has more than %d recorded steps", number, maxPoints)
					}
					at.count++
				}
				row++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(r.wanted, func(a, b wantedCopy) int { return cmp.Compare(a.first, b.first) })
	return nil
}

// column gives the values of a column in the wanted rows to take, in order.
func (r *pointReader) column(f *parquet.File, leaf int, take func(*wantedCopy, *parquet.Value)) error {
	next, row := 0, 0 // the wanted copy that is next, and the row
	for next < len(r.wanted) && r.wanted[next].count == 0 {
		next++
	}
	buffer := make([]parquet.Value, 1024)
	for i, group := range f.RowGroups() {
		end := row + int(group.NumRows())
		if next == len(r.wanted) {
			return nil
		}
		if r.wanted[next].first >= end {
			row = end
			continue
		}
		err := results.EachPage(r.ctx, f, i, leaf, func(page parquet.Page) error {
			first := row
			row += int(page.NumRows())
			for next < len(r.wanted) && r.wanted[next].first < row {
				w := &r.wanted[next]
				from, to := max(w.first, first), min(w.first+w.count, row)
				if from < to {
					if err := eachOf(page.Slice(int64(from-first), int64(to-first)), buffer, func(v *parquet.Value) error { take(w, v); return nil }); err != nil {
						return err
					}
				}
				if w.first+w.count > row {
					return nil // it goes on in the next page
				}
				next++
			}
			return nil
		})
		if err != nil {
			return err
		}
		if row != end {
			return fmt.Errorf("a column has %d rows where there should be %d", row, end)
		}
	}
	return nil
}

// eachOf gives the values of a page to take, until one is an error.
func eachOf(page parquet.Page, buffer []parquet.Value, take func(*parquet.Value) error) error {
	values := page.Values()
	for {
		n, err := values.ReadValues(buffer)
		for i := range buffer[:n] {
			if err := take(&buffer[i]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
