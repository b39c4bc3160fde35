package columns

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"modspec/engine/results"
)

// writeTrajectories writes the trajectories of a folder's rows: copy i has i%40
// recorded steps, so that some have none and row groups end within a copy.
func writeTrajectories(t testing.TB, dir string, rows []results.Run, partRows int) map[int][]results.TrajectoryPoint {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, trajectoriesFolder), 0o777); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	all := map[int][]results.TrajectoryPoint{}
	for first, part := 0, 1; first < len(rows); first, part = first+partRows, part+1 {
		var own []results.TrajectoryPoint
		for i := first; i < min(first+partRows, len(rows)); i++ {
			for k := range i % 40 {
				p := results.TrajectoryPoint{ID: rows[i].ID, Copy: rows[i].Copy, Step: 10 * k}
				p.Train.Total, p.Modes[1], p.Systematicity = r.Float64(), r.NormFloat64(), math.NaN()
				if r.IntN(5) == 0 {
					p.Modes[1] = math.NaN()
				}
				all[i] = append(all[i], p)
				own = append(own, p)
			}
		}
		writePart(t, filepath.Join(dir, trajectoriesFolder, fmt.Sprintf("part-%06d.parquet", part)), own)
	}
	return all
}

func TestTrajectoriesAreThoseOfTheFiles(t *testing.T) {
	dir := t.TempDir()
	const partRows = 4000 // 78,000 points: two row groups
	rows := writeFolder(t, dir, 9000, partRows, true)
	want := writeTrajectories(t, dir, rows, partRows)
	v := viewFor(t, NewStore(1<<26, 2).Table(openRoot(t, dir), ""), []string{"copy"})
	var places []Row
	var numbers []int
	// From behind, from all parts, with copies that have nothing, and around the
	// end of a row group, 2¹⁶ points.
	for i := 8999; i >= 0; i -= 700 {
		places, numbers = append(places, v.At(i)), append(numbers, i)
	}
	for i := 3340; i < 3380; i++ {
		places, numbers = append(places, v.At(i)), append(numbers, i)
	}
	names := []string{"train_loss", "mode_2", "systematicity"}
	got, err := v.Trajectories(ctx, places, numbers, names, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range numbers {
		if len(got[i].Steps) != len(want[n]) {
			t.Fatalf("copy %d has %d steps, want %d", n, len(got[i].Steps), len(want[n]))
		}
		for k, p := range want[n] {
			values := []float64{p.Train.Total, p.Modes[1], p.Systematicity}
			if got[i].Steps[k] != p.Step {
				t.Fatalf("copy %d, record %d is of step %d, want %d", n, k, got[i].Steps[k], p.Step)
			}
			for q, w := range values {
				if x := got[i].Values[q][k]; x != w && !(math.IsNaN(x) && math.IsNaN(w)) {
					t.Fatalf("copy %d, step %d, %s is %v, want %v", n, p.Step, names[q], x, w)
				}
			}
		}
	}
}

func TestTrajectoriesThatAreTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes more than a million points")
	}
	dir := t.TempDir()
	rows := writeFolder(t, dir, 2, 1, true) // a part each
	if err := os.MkdirAll(filepath.Join(dir, trajectoriesFolder), 0o777); err != nil {
		t.Fatal(err)
	}
	const long = 600_000 // twice that, and 15 quantities with the step, is more than is read
	for i := range rows {
		points := make([]results.TrajectoryPoint, long)
		for k := range points {
			points[k].Copy, points[k].Step = i, k
		}
		writePart(t, filepath.Join(dir, trajectoriesFolder, fmt.Sprintf("part-%06d.parquet", i+1)), points)
	}
	v := viewFor(t, NewStore(1<<24, 1).Table(openRoot(t, dir), ""), []string{"copy"})
	every := Quantities(linearTrajectories)
	var limit *LimitError
	if _, err := v.Trajectories(ctx, []Row{v.At(0), v.At(1)}, []int{0, 1}, every, 2); !errors.As(err, &limit) {
		t.Errorf("two long trajectories give %v, want a LimitError", err)
	}
	if got, err := v.Trajectories(ctx, []Row{v.At(0), v.At(1)}, []int{0, 1}, every[:2], 2); err != nil || len(got[1].Steps) != long {
		t.Errorf("two quantities of them give %v", err)
	}
}

func TestDamagedTrajectories(t *testing.T) {
	dir := t.TempDir()
	rows := writeFolder(t, dir, 200, 200, true)
	all := writeTrajectories(t, dir, rows, 200)
	v := viewFor(t, NewStore(1<<24, 1).Table(openRoot(t, dir), ""), []string{"copy"})
	path := filepath.Join(dir, trajectoriesFolder, "part-000001.parquet")
	ask := func() error {
		_, err := v.Trajectories(ctx, []Row{v.At(39), v.At(79)}, []int{39, 79}, []string{"train_loss", "test_loss_gamma", "systematicity"}, 1)
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	// A copy whose rows do not stand together, and steps that go back.
	apart := append(append(append([]results.TrajectoryPoint{}, all[39][:5]...), all[79]...), all[39][5:]...)
	back := append([]results.TrajectoryPoint{}, all[39]...)
	back[3], back[4] = back[4], back[3]
	for name, points := range map[string][]results.TrajectoryPoint{"apart": apart, "back": back} {
		writePart(t, path, points)
		var damaged *results.DamagedError
		if err := ask(); !errors.As(err, &damaged) {
			t.Errorf("%s: the error is %v, want a results.DamagedError", name, err)
		}
	}
	writePart(t, path, apart[:0])
	if err := ask(); err != nil {
		t.Errorf("a file without points gives %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	var damaged *results.DamagedError
	if err := ask(); !errors.As(err, &damaged) {
		t.Errorf("half a file gives %v, want a results.DamagedError", err)
	}
}

func TestGroupsAreThoseOfALoop(t *testing.T) {
	dir := t.TempDir()
	rows := writeFolder(t, dir, 1003, 100, true)
	for i := range rows { // points of ten seeds
		rows[i].LR = 0.5
	}
	for part := range 11 {
		writePart(t, filepath.Join(dir, runsFolder, fmt.Sprintf("part-%06d.parquet", part+1)), rows[100*part:min(100*part+100, len(rows))])
	}
	v := viewFor(t, NewStore(1<<24, 2).Table(openRoot(t, dir), ""), append(Parameters(linearRuns), "copy"))
	f := filterOf(t, "seed!=4", "kx>2")
	for _, each := range []int{1, 4, 9, 100} {
		groups, matched, all, err := v.Groups(ctx, &f, 7, each)
		if err != nil {
			t.Fatal(err)
		}
		var order []results.Parameters
		byPoint := map[results.Parameters][]int{}
		total := 0
		for i := range rows {
			if rows[i].Seed == 4 || rows[i].KX <= 2 {
				continue
			}
			total++
			if byPoint[rows[i].Parameters] == nil {
				order = append(order, rows[i].Parameters)
			}
			byPoint[rows[i].Parameters] = append(byPoint[rows[i].Parameters], i)
		}
		if matched != total || all != len(order) || len(groups) != 7 {
			t.Fatalf("%d rows in %d groups match, %d are told; want %d in %d and 7", matched, all, len(groups), total, len(order))
		}
		for g := range groups {
			own := byPoint[order[g]]
			if groups[g].All != len(own) || len(groups[g].Rows) != min(each, len(own)) {
				t.Fatalf("group %d has %d of %d rows, want %d of %d", g, len(groups[g].Rows), groups[g].All, min(each, len(own)), len(own))
			}
			if got := groups[g].Rows; v.Number(got[len(got)-1]) != own[len(own)-1] {
				t.Errorf("group %d is read up to %d of %v, not evenly", g, v.Number(got[len(got)-1]), own)
			}
			last := -1
			for _, r := range groups[g].Rows {
				n := v.Number(r)
				if rows[n].Parameters != order[g] || rows[n].Seed == 4 || n <= last {
					t.Errorf("group %d has row %d, which is not its", g, n)
				}
				last = n
			}
		}
	}
}
