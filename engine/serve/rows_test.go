package serve_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"modspec/engine/results"
)

func TestDivergedCopiesByPages(t *testing.T) {
	s, _, rows := small(t)
	var want []string
	for i := range rows {
		if rows[i].DivergedStep >= 0 {
			want = append(want, rows[i].ID)
		}
	}
	var got []string
	for offset := 0; ; offset += 7 {
		var page struct {
			Matched int
			Columns []string
			Rows    [][]any
		}
		ask(t, s, fmt.Sprintf("/api/sweep/rows?%s&where=diverged_step!=&offset=%d&limit=7", smallDir, offset), &page)
		if page.Matched != len(want) {
			t.Fatalf("%d rows match, want %d", page.Matched, len(want))
		}
		if fmt.Sprint(page.Columns) != "[id copy seed diverged_step ny kx output_bits arch hidden depth lr]" {
			t.Fatalf("the columns are %v", page.Columns)
		}
		for _, row := range page.Rows {
			got = append(got, row[0].(string))
			i := slices.IndexFunc(rows, func(r results.Run) bool { return r.ID == row[0].(string) })
			r := rows[i]
			if row[1].(float64) != float64(r.Copy) || row[2].(string) != fmt.Sprint(r.Seed) || row[3].(float64) != float64(r.DivergedStep) || row[7].(string) != r.Arch || row[10].(float64) != r.LR {
				t.Errorf("the row %v is not that of %+v", row, r)
			}
		}
		if len(page.Rows) < 7 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %d copies, want %d in the order of the table", len(got), len(want))
	}
}

func TestDownloads(t *testing.T) {
	s, dir, rows := small(t)
	choose := func(r *results.Run) bool { return r.Arch == "split" && r.LR < 1 }
	query := smallDir + "&where=arch=split&where=lr%3C1"

	code, body := get(t, s, "/api/sweep/download?format=csv&"+query)
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, body)
	}
	want := []byte(linearRuns.CSVHeader())
	for i := range rows {
		if choose(&rows[i]) {
			want = rowOf(t, &rows[i]).AppendCSV(want)
		}
	}
	if !bytes.Equal(body, want) {
		t.Errorf("the CSV has %d bytes, want %d", len(body), len(want))
	}

	code, body = get(t, s, "/api/sweep/download?format=parquet&table=trajectories&"+query)
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, body)
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	if err := os.WriteFile(path, body, 0o666); err != nil {
		t.Fatal(err)
	}
	var got, there []results.TrajectoryPoint
	for p, err := range results.As[results.TrajectoryPoint](results.Read(path, results.TrajectoriesTable)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, *p)
	}
	chosen := map[string]bool{}
	for i := range rows {
		if choose(&rows[i]) {
			chosen[rows[i].ID] = true
		}
	}
	for p, err := range results.As[results.TrajectoryPoint](results.ReadFolder(dir, results.TrajectoriesTable)) {
		if err != nil {
			t.Fatal(err)
		}
		if chosen[p.ID] {
			there = append(there, *p)
		}
	}
	if len(got) == 0 || fmt.Sprint(got) != fmt.Sprint(there) {
		t.Errorf("%d points are downloaded, want %d", len(got), len(there))
	}

	code, body = get(t, s, "/api/sweep/download?format=csv&table=trajectories&where=arch=none&"+smallDir)
	if lines, err := csv.NewReader(bytes.NewReader(body)).ReadAll(); code != http.StatusOK || err != nil || len(lines) != 1 {
		t.Errorf("a download of nothing is %d lines, %v, %v; want its header", len(lines), code, err)
	}
}
