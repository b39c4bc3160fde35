package spec_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/yamlfile"
)

// FuzzParse gives Parse whatever comes. It must end, without a panic; an error must be faults with places inside the file; and a file
// that is accepted must keep its promises: its text reads back, and it has as
// many points as it counts.
func FuzzParse(f *testing.F) {
	for _, b := range bad {
		if len(b.file) < 2000 {
			f.Add([]byte(b.file))
		}
	}
	examples, err := filepath.Glob(filepath.Join("..", "..", "..", "testdata", "sweeps", "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range examples {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(sweeptest.Everything))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := spec.Parse("fuzz.yaml", data, sweeptest.Kinds)
		if err != nil {
			var faults yamlfile.Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("the error is %v, want faults", err)
			}
			faults.Report()
			return
		}
		again, err := spec.Parse("again.yaml", []byte(file.Text()), sweeptest.Kinds)
		if err != nil {
			t.Fatalf("the text does not read back: %v\n%s", err, file.Text())
		}
		if again.Text() != file.Text() {
			t.Fatalf("the text\n%s reads back as\n%s", file.Text(), again.Text())
		}
		if n := file.Candidates(); n < 1 || n > spec.MaxPoints {
			t.Fatalf("%d candidates", n)
		} else if n > 300 {
			return
		}
		s, err := space.Enumerate(t.Context(), file)
		if err != nil {
			return
		}
		if file.RunCap == 0 || file.Method == spec.Random {
			if got := s.Len() + s.Skipped + s.Duplicates; got != file.Candidates() {
				t.Fatalf("%d points, %d skipped and %d duplicates of %d candidates", s.Len(), s.Skipped, s.Duplicates, file.Candidates())
			}
		}
		plan, err := plan.New(s, plan.Options{Memory: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		_ = plan.Check()
		for i := range s.Len() {
			if _, err := model.Build(s.Point(i)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
