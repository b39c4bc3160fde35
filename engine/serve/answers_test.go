package serve

import (
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// TestRangeIsOfFiniteValues: with a value that does not exist, or is infinite, among
// the cells, the range could turn into one of them or go away, and no test saw it.
func TestRangeIsOfFiniteValues(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{2, 1, 3}, "[1 3]"},
		{[]float64{2, math.NaN(), 1}, "[1 2]"},
		{[]float64{math.NaN(), 2, math.Inf(1)}, "[2 2]"},
		{[]float64{math.Inf(-1), -1}, "[-1 -1]"},
		{[]float64{math.NaN(), math.Inf(1)}, "none"},
		{nil, "none"},
	} {
		d := &columns.Diagram{Facets: []columns.Facet{{}}}
		for _, v := range c.values {
			d.Facets[0].Cells = append(d.Facets[0].Cells, columns.Cell{Value: v})
		}
		out := newDiagramJSON(&columns.View{Table: results.NewRunsTable("", nil, nil)}, &columns.Question{}, "train_loss", d)
		got := "none"
		if out.Range != nil {
			got = fmt.Sprint(*out.Range)
		}
		if got != c.want {
			t.Errorf("the range of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

// TestValuesOfAParameterAreListed at the bound and beside it, and in their order:
// numbers as numbers, texts and seeds that no real number tells apart as texts.
func TestValuesOfAParameterAreListed(t *testing.T) {
	for _, n := range []int{0, 1, maxListed - 1, maxListed, maxListed + 1} {
		column := &columns.Column{Name: "lr", Numeric: true, Entries: []columns.Entry{}}
		for i := range n {
			v := float64(n - i)
			column.Entries = append(column.Entries, columns.Entry{Number: v, Text: fmt.Sprint(v)})
		}
		var c columnJSON
		describeParameter(column, &c)
		if *c.Distinct != n {
			t.Errorf("%d values are counted as %d", n, *c.Distinct)
		}
		want := n
		if n > maxListed {
			want = 0
		}
		if len(*c.Values) != want || (*c.Values == nil) != (n > maxListed) {
			t.Errorf("of %d values %d are listed, want %d", n, len(*c.Values), want)
		}
		for i, v := range *c.Values {
			if fmt.Sprint(v) != fmt.Sprint(i+1) {
				t.Fatalf("value %d of %d is %v", i, n, v)
			}
		}
	}
	for _, c := range []struct {
		name    string
		numeric bool
		entries []columns.Entry
		want    string
	}{
		{"arch", false, []columns.Entry{{Number: math.NaN(), Text: "split"}, {Number: math.NaN(), Text: "dense"}}, "[dense split]"},
		// A column of texts has no numbers, whatever stands there.
		{"arch", false, []columns.Entry{{Number: 1, Text: "b"}, {Number: 2, Text: "a"}}, "[a b]"},
		{"seed", true, []columns.Entry{{Number: 1 << 53, Text: "9007199254740993"}, {Number: 1 << 53, Text: "9007199254740992"}, {Number: 7, Text: "7"}}, "[7 9007199254740992 9007199254740993]"},
	} {
		var out columnJSON
		describeParameter(&columns.Column{Name: c.name, Numeric: c.numeric, Entries: c.entries}, &out)
		if got := fmt.Sprint(*out.Values); got != c.want {
			t.Errorf("the values of %s are %s, want %s", c.name, got, c.want)
		}
	}
}

// TestConditionsAreBounded at the bound, one below and one above.
func TestConditionsAreBounded(t *testing.T) {
	for _, n := range []int{columns.MaxConditions - 1, columns.MaxConditions, columns.MaxConditions + 1} {
		query := url.Values{where: slices.Repeat([]string{"kx!=1"}, n)}
		q, err := readQuery(httptest.NewRequest("GET", "/?"+query.Encode(), nil), where)
		if err != nil {
			t.Fatal(err)
		}
		q.filter(results.NewRunsTable("", results.Schema{{Name: "kx"}}, nil))
		switch over := n > columns.MaxConditions; {
		case over != (q.err != nil):
			t.Errorf("%d conditions give %v", n, q.err)
		case over && !strings.Contains(q.err.Error(), "at most 64"):
			t.Errorf("%d conditions are refused by %v", n, q.err)
		}
	}
}

// TestASlowReadingIsNotTheLastForHours: a status was used for twenty times as long
// as its reading had taken, also if the file system had not answered for an hour.
func TestASlowReadingIsNotTheLastForHours(t *testing.T) {
	for _, c := range []struct {
		age, took       time.Duration
		changed, wanted bool
	}{
		{time.Hour, 24 * time.Hour, true, false},
		{time.Hour, 24 * time.Hour, false, false},
		{time.Hour, 4 * time.Minute, true, false}, // 80 minutes
		{time.Second, 0, true, false},
		{time.Second, 24 * time.Hour, true, true},
		{30 * time.Second, time.Second, true, false},
	} {
		stamp := "then"
		if c.changed {
			stamp = "now"
		}
		k := knownStatus{stamp: "then", at: time.Now().Add(-c.age), took: c.took}
		if got := k.fresh(stamp); got != c.wanted {
			t.Errorf("the status of a reading of %v, %v ago, is good: %v, want %v", c.took, c.age, got, c.wanted)
		}
	}
}
