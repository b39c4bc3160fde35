package columns

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// MaxPlaces bounds the places along an axis.
const MaxPlaces = 256

// Where nothing else is asked, numbers have a place each while there are few of
// them, and even bins from there on.
const (
	autoPlaces = 64
	autoBins   = 32
)

// An Axis says how a column is laid out along an axis.
type Axis struct {
	Column string
	Bins   int  // 0: as many as fit, see [Places]
	Log    bool // bins are even in the logarithm
}

// Places are the places along an axis: values, or bins between edges, of which bin
// i holds Edges[i] ≤ v < Edges[i+1], the last one also its upper edge.
type Places struct {
	Column  string
	Numeric bool
	Values  []Entry   // nil for bins
	Edges   []float64 // nil for values
}

// Len returns the number of places.
func (p *Places) Len() int {
	if p.Edges != nil {
		return len(p.Edges) - 1
	}
	return len(p.Values)
}

// A LimitError is a view with more cells than can be shown.
type LimitError struct{ text string }

func (e *LimitError) Error() string { return e.text }

// A survey finds what an axis has to hold: which codes there are, or the smallest and
// largest number and, while they are few, which ones.
type survey struct {
	axis      Axis
	column    *Column
	seen      []bool             // by code
	distinct  map[float64]string // and how they are written
	low, high float64
}

func newSurvey(v *View, axis Axis) *survey {
	s := &survey{axis: axis, column: v.Column(axis.Column), low: math.Inf(1), high: math.Inf(-1)}
	s.seen = make([]bool, len(s.column.Entries))
	s.distinct = map[float64]string{}
	return s
}

func (s *survey) add(part int, rows []int32) {
	segment := &s.column.Segments[part]
	if segment.Codes != nil {
		for _, i := range rows {
			s.seen[segment.Codes[i]] = true
		}
		return
	}
	for _, i := range rows {
		s.number(segment.Values[i], "")
	}
}

// number takes in one number, if the axis has a place for it.
func (s *survey) number(v float64, text string) {
	if !s.allows(v) {
		return
	}
	s.low, s.high = min(s.low, v), max(s.high, v)
	if len(s.distinct) <= MaxPlaces {
		s.distinct[v] = text
	}
}

// allows reports whether an axis can show a number.
func (s *survey) allows(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!s.axis.Log || v > 0)
}

// places lays the axis out.
func (s *survey) places() (Places, error) {
	p := Places{Column: s.axis.Column, Numeric: s.column.Numeric}
	if !p.Numeric {
		for code, e := range s.column.Entries {
			if s.seen[code] {
				p.Values = append(p.Values, e)
			}
		}
		slices.SortFunc(p.Values, func(a, b Entry) int { return strings.Compare(a.Text, b.Text) })
		if len(p.Values) > MaxPlaces {
			return p, &LimitError{fmt.Sprintf("%s has %d different values, but an axis has at most %d places; choose some by where", p.Column, len(p.Values), MaxPlaces)}
		}
		return p, nil
	}
	for code, e := range s.column.Entries {
		if s.seen[code] {
			s.number(e.Number, e.Text)
		}
	}
	bins := s.axis.Bins
	if bins == 0 && len(s.distinct) > autoPlaces {
		bins = autoBins
	}
	if bins == 0 || len(s.distinct) <= 1 {
		p.Values = s.entries()
		slices.SortFunc(p.Values, func(a, b Entry) int { return cmp.Compare(a.Number, b.Number) })
		return p, nil
	}
	p.Edges = edges(s.low, s.high, bins, s.axis.Log)
	return p, nil
}

// entries returns the numbers on the axis, in no order.
func (s *survey) entries() []Entry {
	var list []Entry
	for v, text := range s.distinct {
		if text == "" {
			text = numberText(v)
		}
		list = append(list, Entry{v, text})
	}
	return list
}

// edges returns the borders of even bins. The first and the last are exactly the
// smallest and the largest number.
func edges(low, high float64, bins int, log bool) []float64 {
	list := make([]float64, bins+1)
	for i := range list {
		share := float64(i) / float64(bins)
		if log {
			list[i] = math.Exp(math.Log(low)*(1-share) + math.Log(high)*share)
		} else {
			list[i] = low*(1-share) + high*share
		}
		list[i] = min(max(list[i], low), high)
		if i > 0 {
			list[i] = max(list[i], list[i-1])
		}
	}
	list[0], list[bins] = low, high
	return list
}

// A placer computes the place of rows on an axis, −1 where there is none.
type placer struct {
	places *Places
	column *Column
	allows func(float64) bool
	codes  []int32
}

func (s *survey) placer(p *Places) *placer {
	l := &placer{places: p, column: s.column, allows: s.allows}
	for _, e := range s.column.Entries {
		l.codes = append(l.codes, l.of(e))
	}
	return l
}

// of returns the place of a value.
func (l *placer) of(e Entry) int32 {
	if !l.places.Numeric {
		i, ok := slices.BinarySearchFunc(l.places.Values, e.Text, func(a Entry, t string) int { return strings.Compare(a.Text, t) })
		if !ok {
			return -1
		}
		return int32(i)
	}
	if !l.allows(e.Number) {
		return -1
	}
	if l.places.Edges == nil {
		i, ok := slices.BinarySearchFunc(l.places.Values, e.Number, func(a Entry, v float64) int { return cmp.Compare(a.Number, v) })
		if !ok {
			return -1
		}
		return int32(i)
	}
	edges := l.places.Edges
	last := len(edges) - 1
	if e.Number < edges[0] || e.Number > edges[last] {
		return -1
	}
	return int32(min(sort.Search(len(edges), func(i int) bool { return edges[i] > e.Number }), last) - 1)
}

// fill writes the places of rows.
func (l *placer) fill(to []int32, part int, rows []int32) {
	segment := &l.column.Segments[part]
	if segment.Codes != nil {
		for n, i := range rows {
			to[n] = l.codes[segment.Codes[i]]
		}
		return
	}
	for n, i := range rows {
		to[n] = l.of(Entry{Number: segment.Values[i]})
	}
}
