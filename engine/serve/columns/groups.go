package columns

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// A Group is the copies of one point that a filter lets through: they differ in
// their seeds alone.
type Group struct {
	Rows []Row // evenly spread over its copies, in the order of the table
	All  int   // copies
}

// maxGroups bounds the points that are distinguished at once: a few hundred megabytes
// of them.
const maxGroups = 1 << 22

// Groups returns the first most groups of the rows that meet a filter, with at
// most each rows of each, and how many rows and groups there are in all. The view
// must have all [Parameters].
func (v *View) Groups(ctx context.Context, f *Filter, most, each int) (groups []Group, rows, all int, err error) {
	m, err := v.match(ctx, f)
	if err != nil {
		return nil, 0, 0, err
	}
	points := v.pointColumns()
	counts := map[string]int{} // copies of each point
	var order []string         // the first points
	key := make([]byte, 0, 8*len(points))
	err = m.each(ctx, func(part int, batch []int32) error {
		rows += len(batch)
		for _, i := range batch {
			key = appendKey(key[:0], points, Row{part, int(i)})
			n := counts[string(key)]
			if n == 0 && len(order) < most {
				order = append(order, string(key))
			}
			counts[string(key)] = n + 1
		}
		if len(counts) > maxGroups {
			return &LimitError{fmt.Sprintf("more than %d points are to be told apart; choose some by where", maxGroups)}
		}
		return nil
	})
	if err != nil {
		return nil, 0, 0, err
	}
	at := map[string]int{}
	for i, k := range order {
		at[k] = i
		groups = append(groups, Group{All: counts[k]})
	}
	seen := make([]int, len(groups))
	err = m.each(ctx, func(part int, batch []int32) error {
		for _, i := range batch {
			r := Row{part, int(i)}
			key = appendKey(key[:0], points, r)
			n, ok := at[string(key)]
			if !ok {
				continue
			}
			if g := &groups[n]; chosen(seen[n], g.All, each) {
				g.Rows = append(g.Rows, r)
			}
			seen[n]++
		}
		return nil
	})
	return groups, rows, len(counts), err
}

// chosen reports whether number i of all is among count that are evenly spread.
func chosen(i, all, count int) bool {
	return count >= all || (i+1)*count/all > i*count/all
}

// pointColumns returns the parameters that distinguish the view's points: those with
// more than one value.
func (v *View) pointColumns() []*Column {
	var list []*Column
	for _, name := range Parameters(v.Table) {
		if c := v.Column(name); name != Seed && (!c.Coded() || len(c.Entries) > 1) {
			list = append(list, c)
		}
	}
	return list
}

func appendKey(key []byte, points []*Column, r Row) []byte {
	for _, c := range points {
		s := &c.Segments[r.Part]
		if s.Codes != nil {
			key = binary.LittleEndian.AppendUint16(key, s.Codes[r.Index])
		} else {
			key = binary.LittleEndian.AppendUint64(key, math.Float64bits(s.Values[r.Index]))
		}
	}
	return key
}
