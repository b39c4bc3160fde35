package results_test

import (
	"math"
	"testing"

	"modspec/engine/results"
)

func TestFieldsReadRows(t *testing.T) {
	run := results.Run{Seed: math.MaxUint64, DivergedStep: -1}
	run.R, run.Arch, run.KX = 0.5, "split", 3
	run.Modes = results.Kinds{0.25, math.NaN()}
	table := &results.Table{Name: results.RunsTable, Columns: results.SchemaOf[results.Run]()}
	row := table.NewRow()
	binding, err := results.Bind(table, &run)
	if err != nil {
		t.Fatal(err)
	}
	binding.Put(row)
	for _, c := range []struct {
		name   string
		number float64
		text   string
	}{
		{"r", 0.5, "0.5"}, {"kx", 3, "3"}, {"mode_1", 0.25, "0.25"}, {"mode_2", math.NaN(), ""},
		{"arch", math.NaN(), "split"}, {"diverged_step", math.NaN(), ""}, {"seed", 0x1p64, "18446744073709551615"},
	} {
		f, err := table.Field(c.name)
		if err != nil {
			t.Fatal(err)
		}
		got := f.Number(row)
		if got != c.number && !(math.IsNaN(got) && math.IsNaN(c.number)) {
			t.Errorf("%s is %v, want %v", c.name, got, c.number)
		}
		if f.Text(row) != c.text {
			t.Errorf("%s reads %q, want %q", c.name, f.Text(row), c.text)
		}
		if f.Numeric() == (c.name == "arch") {
			t.Errorf("%s: Numeric is %v", c.name, f.Numeric())
		}
	}
	if _, err := table.Field("rr"); err == nil {
		t.Error("no error for a column that does not exist")
	}
}
