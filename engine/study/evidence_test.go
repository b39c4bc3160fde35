package study

import (
	"context"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	kindimages "modspec/engine/kind/images"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// tablesByText are the tables of sweep files that tests have trained, so that each is
// trained once.
var tablesByText sync.Map

// evidenceOf returns the tables of a study's sweeps, trained on the reference backend, of
// the seeds below a number, and a linear backend. They are the caller's to change.
func evidenceOf(t *testing.T, s Study, seeds int) Evidence {
	t.Helper()
	e := Evidence{Tables: map[string]*Table{}, Linear: reference.New(0)}
	for _, named := range s.Sweeps {
		e.Tables[named.Name] = trained(t, named, seeds)
	}
	return e
}

// every is more seeds than any sweep has.
const every = 1000

// shortSeeds is how many seeds short tests train.
const shortSeeds = 5

var seedsLine = regexp.MustCompile(`(?m)^seeds: [0-9]+$`)

func trained(t *testing.T, named Sweep, seeds int) *Table {
	t.Helper()
	if testing.Short() {
		named.Text = seedsLine.ReplaceAllString(named.Text, fmt.Sprintf("seeds: %d", shortSeeds))
	}
	once, _ := tablesByText.LoadOrStore(named.Text, sync.OnceValues(func() (*Table, error) { return trainOne(named) }))
	table, err := once.(func() (*Table, error))()
	if err != nil {
		t.Fatalf("sweep %s: %v", named.Name, err)
	}
	own := table.Seeds(seeds)
	for i := range own.Runs {
		r := &own.Runs[i]
		r.Parameters, r.curves = slices.Clone(r.Parameters), slices.Clone(r.curves)
		for k := range r.curves {
			r.curves[k] = slices.Clone(r.curves[k])
		}
	}
	return own
}

func trainOne(named Sweep) (*Table, error) {
	points, err := spaceOf(named)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "study")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	_, err = runner.Run(context.Background(), runner.Options{
		Dir: dir, Sweep: store.SweepOf(points, true), Chunks: points.Chunks(func(*space.Group) int { return 64 }), Copy: points.Copy,
		Backend: model.Backend(reference.New(0)),
	})
	if err != nil {
		return nil, err
	}
	return ReadTable(dir)
}

func spaceOf(named Sweep) (*space.Space, error) {
	file, err := spec.Parse(named.Name+".yaml", []byte(named.Text), []train.Kind{model.Kind, kindimages.Kind{}})
	if err != nil {
		return nil, err
	}
	return space.Enumerate(context.Background(), file)
}

// judged fails the test unless the judge finds an outcome whose claims hold.
func judged(t *testing.T, s Study, e Evidence) *Outcome {
	t.Helper()
	o, err := s.Decide(context.Background(), e)
	allHold(t, o, err)
	return o
}

// mustNotice fails unless a claim fails once a fault is planted in a table of the study.
func mustNotice(t *testing.T, s Study, e Evidence, claim, planted string) {
	t.Helper()
	o, err := s.Decide(context.Background(), e)
	if err != nil {
		t.Fatalf("%s: %v", planted, err)
	}
	mustFail(t, o.Claims, claim, planted)
}

// Every sweep can be read and run, says what it is in float64, and has one text for its
// name in all studies.
func TestSweepsOfStudies(t *testing.T) {
	texts := map[string]string{}
	for _, s := range All() {
		sweeps := s.Sweeps
		if s.Full != nil {
			sweeps = slices.Concat(sweeps, s.Full.Sweeps)
		}
		for _, named := range sweeps {
			if text, seen := texts[named.Name]; seen && text != named.Text {
				t.Errorf("%s: the sweep %s is another than that of an earlier study", s.ID, named.Name)
			}
			texts[named.Name] = named.Text
			points, err := spaceOf(named)
			if err != nil {
				t.Errorf("%s: %v", s.ID, err)
				continue
			}
			if points.File.Name != named.Name {
				t.Errorf("%s: the file calls the sweep %q, want %q", s.ID, points.File.Name, named.Name)
			}
			if precision := points.File.Precision; points.File.Kind.Name() == train.DefaultKind && precision != "float64" {
				t.Errorf("%s: linear networks are in %s, want float64", s.ID, precision)
			}
		}
	}
	entries, err := files.ReadDir("sweeps")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".yaml"); texts[name] == "" {
			t.Errorf("no study names the sweep %s", name)
		}
	}
}

// Without a run of its sweeps a study says so.
func TestDecideNeedsRuns(t *testing.T) {
	for _, s := range All() {
		if len(s.Sweeps) == 0 {
			continue
		}
		empty := Evidence{Tables: map[string]*Table{}}
		for _, named := range s.Sweeps[1:] {
			empty.Tables[named.Name] = &Table{}
		}
		if _, err := s.Decide(context.Background(), empty); err == nil || !strings.Contains(err.Error(), s.Sweeps[0].Name) {
			t.Errorf("%s: the error is %v", s.ID, err)
		}
	}
}

// A file that is not there is found when it is read.
func TestMissingFile(t *testing.T) {
	if _, err := spaceOf(file("no-such-sweep")); err == nil {
		t.Error("no error")
	}
}

// The dataset that texts name is that of the sweeps.
func TestPaperPoint(t *testing.T) {
	for _, named := range []Sweep{denseSweep, splitSweep, shallowSweep} {
		c, _, _, err := startOf(&trained(t, named, 1).Runs[0])
		if err != nil {
			t.Fatal(err)
		}
		if c.Task.Point.String() != paperPoint.String() {
			t.Errorf("%s: %v, want %v", named.Name, c.Task.Point, paperPoint)
		}
	}
}

// A table against the models and initial weights that its rows say: the order of the
// sweep, all parameters, and numbers at step 0 that a second training gives to the bit.
func TestReadTable(t *testing.T) {
	named := Sweep{"few", `
method: grid
precision: float64
seeds: [3, 9]
steps: 5
record: {every: 2}
train_examples: 3
parameters:
  arch: {values: [dense, shallow]}
  lr: {values: [0.1, 1e100]}
`}
	table := trained(t, named, every)
	points, err := spaceOf(named)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Runs) != 8 || len(table.Settings()) != 4 {
		t.Fatalf("%d runs of %d settings, want 8 of 4", len(table.Runs), len(table.Settings()))
	}
	diverged := 0
	for i := range table.Runs {
		r := &table.Runs[i]
		if want := points.Copy(i); r.Seed != want.Seed || !slices.Equal(r.Parameters, want.Parameters) {
			t.Errorf("run %d: %v of seed %d, want %v of %d", i, r.Parameters, r.Seed, want.Parameters, want.Seed)
		}
		if r.Diverged {
			diverged++
		} else if !slices.Equal(r.Steps, []int{0, 2, 4, 5}) {
			t.Errorf("run %d was recorded at %v", i, r.Steps)
		}
		c, arch, weights, err := startOf(r)
		if err != nil {
			t.Fatal(err)
		}
		if q := c.Task.Point.Quadrants(weights.Map(arch, c.Task.Point)); r.quadrants()[0] != q {
			t.Errorf("run %d begins at %v, want %v", i, r.quadrants()[0], q)
		}
		if arch.Name != r.Text("arch") || c.LearningRate != r.Number("lr") || !slices.Equal(c.Task.Examples, []int{0, 1, 2}) {
			t.Errorf("run %d: %s at %v on %v, but the row has %v", i, arch.Name, c.LearningRate, c.Task.Examples, r.Parameters)
		}
	}
	if diverged != 4 {
		t.Errorf("%d runs diverged, want those of the learning rate 1e100", diverged)
	}
	few := table.Seeds(4)
	if len(few.Runs) != 4 || slices.ContainsFunc(few.Runs, func(r Run) bool { return r.Seed != 3 }) {
		t.Errorf("of the seeds below 4 there are %d runs, want those of seed 3", len(few.Runs))
	}
	r := &table.Runs[0]
	if c := r.Curve("no_such_metric"); len(c) != 4 || !math.IsNaN(c[0]) || !math.IsNaN(r.Number("arch")) || !math.IsNaN(r.Number("none")) || r.Text("none") != "" {
		t.Errorf("what is not there is %v, %v, %v and %q", c, r.Number("arch"), r.Number("none"), r.Text("none"))
	}
	if !math.IsNaN(last(nil)) {
		t.Error("an empty curve has a last value")
	}
}

// What is not there is an error.
func TestReadTableWithoutAFolder(t *testing.T) {
	if _, err := ReadTable(t.TempDir()); err == nil {
		t.Error("no error")
	}
}

// The parameters of a table are those of the kind, and a run lacks none of the metrics
// that judges ask for.
func TestTableHasTheSchema(t *testing.T) {
	r := &trained(t, shallowSweep, 1).Runs[0]
	if !slices.Equal(r.parameters.Names(), model.Kind.Parameters().Names()) || !slices.Equal(r.metrics.Names(), model.Kind.Metrics().Names()) {
		t.Errorf("parameters %v and metrics %v", r.parameters.Names(), r.metrics.Names())
	}
	if got := r.Parameters[r.parameters.Index("kx")]; got != (results.Value{Number: 3}) {
		t.Errorf("kx is %v", got)
	}
}
