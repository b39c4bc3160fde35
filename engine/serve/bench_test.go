package serve_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"modspec/engine/results"
	"modspec/engine/serve"
)

// writeMillion writes a folder of a million copies as a sweep leaves one: 25,000
// points of a grid with 40 seeds each, in parts of 65,536.
func writeMillion(b *testing.B, root string) {
	b.Helper()
	const rows, part = 1_000_000, 1 << 16
	dir := filepath.Join(root, "million", "runs")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "million", "journal.jsonl"), nil, 0o666); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for first := 0; first < rows; first += part {
		path := filepath.Join(dir, fmt.Sprintf("part-%06d.parquet", first/part+1))
		err := results.WriteFile(path, func(w io.Writer) error {
			var runs []results.Run
			for i := first; i < min(first+part, rows); i++ {
				point := i / 40
				run := results.Run{ID: fmt.Sprintf("%032x", i), Copy: i, Seed: uint64(i % 40), DivergedStep: -1, LastStep: 300, Prediction: "discrete"}
				run.Bits, run.NX, run.NY, run.KX, run.KY, run.R = 3, 3, 1, point%25, point/25%25, 0.25*float64(point/625%10)
				run.Arch, run.Rule, run.Precision, run.InputBits, run.OutputBits = []string{"dense", "split", "shallow", "partitioned"}[point/6250], "gd", "float32", "0,1,2", "0"
				run.LR, run.InitScale, run.Steps, run.Hidden, run.Depth, run.TrainExamples, run.Batch = 0.16, 0.0002, 300, 50, 1, 8, 8
				run.Train.Total, run.Predicted.Train.Total = r.Float64(), r.Float64()
				run.THalf.Modes[0], run.PredTHalf.Modes[0] = 100*r.Float64(), 100*r.Float64()
				runs = append(runs, run)
			}
			return results.WriteAll(w, linearRuns, runs)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMillionCopies asks for views of a million copies over HTTP: cold, with
// nothing read yet, and warm.
func BenchmarkMillionCopies(b *testing.B) {
	root := b.TempDir()
	writeMillion(b, root)
	open := func(b *testing.B) (*httptest.Server, func()) {
		s, err := serve.New(serve.Options{
			Dir: root, Addr: "127.0.0.1:0", Workers: runtime.GOMAXPROCS(0),
			Status: func(string) (serve.Status, error) { return serve.Status{}, nil },
		})
		if err != nil {
			b.Fatal(err)
		}
		h := httptest.NewServer(s)
		return h, func() { h.Close(); s.Close() }
	}
	for _, c := range []struct{ name, query string }{
		{"sweep", "/api/sweep?dir=million"},
		{"mean", "/api/sweep/diagram?dir=million&x=kx&y=ky&value=train_loss&facet=arch"},
		{"median", "/api/sweep/diagram?dir=million&x=kx&y=ky&value=train_loss&facet=arch&stat=median"},
		{"ratio", "/api/sweep/diagram?dir=million&x=kx&y=r&value=t_half_1/pred_t_half_1&facet=arch&where=ky%3E=5"},
		{"curves", "/api/sweep/diagram?dir=million&x=r&value=train_loss&facet=arch&theory=true"},
		{"rows", "/api/sweep/rows?dir=million&where=kx=3&offset=10000&limit=50"},
	} {
		ask := func(b *testing.B, h *httptest.Server) int64 {
			answer, err := http.Get(h.URL + c.query)
			if err != nil {
				b.Fatal(err)
			}
			defer answer.Body.Close()
			n, err := io.Copy(io.Discard, answer.Body)
			if err != nil || answer.StatusCode != http.StatusOK {
				b.Fatal(answer.Status, err)
			}
			return n
		}
		b.Run(c.name+"/cold", func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				h, end := open(b)
				b.StartTimer()
				ask(b, h)
				b.StopTimer()
				end()
				b.StartTimer()
			}
		})
		b.Run(c.name+"/warm", func(b *testing.B) {
			h, end := open(b)
			defer end()
			length := ask(b, h)
			var after runtime.MemStats
			b.ResetTimer()
			for range b.N {
				ask(b, h)
			}
			b.StopTimer()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(length), "bytes-sent")
			b.ReportMetric(float64(after.HeapAlloc)/(1<<20), "MiB-held")
		})
	}
}
