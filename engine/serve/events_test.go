package serve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train/reference"
)

// An event is one of a stream.
type event struct{ name, data string }

// listen gives a stream's events until the context is done.
func listen(ctx context.Context, t *testing.T, address string) <-chan event {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, kind)
	}
	to := make(chan event, 1000)
	go func() {
		defer close(to)
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		var e event
		for lines.Scan() {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "event: "):
				e.name = line[7:]
			case strings.HasPrefix(line, "data: "):
				e.data = line[6:]
			case line == "":
				to <- e
				e = event{}
			}
		}
	}()
	return to
}

// TestARunningSweep watches and asks a sweep while it is written: progress moves,
// new rows are told, and every answer is that of some moment.
func TestARunningSweep(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "growing")
	s := newServer(t, root, nil)
	h := httptest.NewServer(s)
	defer h.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events := listen(ctx, t, h.URL+"/api/events?dir=growing")

	points := sweeptest.Enumerate(t, sweepFile)
	var group sync.WaitGroup
	done := make(chan struct{})
	group.Go(func() {
		defer close(done)
		// A chunk at a time, with pauses, so that there are moments in between.
		chunks := func(yield func(space.Chunk, error) bool) {
			for c, err := range points.Chunks(func(*space.Group) int { return 4 }) {
				time.Sleep(15 * time.Millisecond)
				if !yield(c, err) {
					return
				}
			}
		}
		_, err := runner.Run(ctx, runner.Options{
			Dir: dir, Sweep: store.SweepOf(points, true), Chunks: chunks, Copy: points.Copy, Backend: model.Backend(reference.New(1)), PartRows: 12,
			Provenance: results.NewProvenance("reference", "float64", nil, time.Now()),
		})
		if err != nil {
			t.Error(err)
		}
	})
	for _, target := range []string{
		"/api/sweep?dir=growing", "/api/sweep/diagram?dir=growing&x=kx&y=lr&value=train_loss&stat=median&facet=arch",
		"/api/sweep/trajectories?dir=growing&where=kx=2&copies=2&groups=2", "/api/sweep/rows?dir=growing&where=diverged_step!=",
	} {
		group.Go(func() {
			rows, begun := 0, false
			for {
				code, body := get(t, s, target)
				var out struct{ Rows any }
				begun = begun || code == http.StatusOK
				// Before, there is no folder, or a journal without its first line.
				if code != http.StatusOK && (begun || code != http.StatusNotFound && code != http.StatusUnprocessableEntity) {
					t.Errorf("%s: %d %s", target, code, body)
				} else if json.Unmarshal(body, &out); code == http.StatusOK {
					if n, ok := out.Rows.(float64); ok {
						if int(n) < rows {
							t.Errorf("%s: the rows go from %d to %v", target, rows, n)
						}
						rows = int(n)
					}
				}
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
				}
			}
		})
	}
	// The stream: what is done and the rows only grow, and reach the end.
	names := map[string]int{}
	last, rows, moments := -1, -1, map[int]bool{}
	for e := range events {
		names[e.name]++
		switch e.name {
		case "status":
			var status serve.Status
			if err := json.Unmarshal([]byte(e.data), &status); err != nil {
				t.Fatal(err)
			}
			if status.Done < last {
				t.Errorf("what is done goes from %d to %d", last, status.Done)
			}
			last = status.Done
			moments[last] = true
			if status.State == "done" && rows == points.Copies() {
				cancel()
			}
		case "rows":
			var r struct{ Rows int }
			if err := json.Unmarshal([]byte(e.data), &r); err != nil {
				t.Fatal(err)
			}
			if r.Rows < rows {
				t.Errorf("the rows go from %d to %d", rows, r.Rows)
			}
			rows = r.Rows
			if last == points.Copies() && rows == last {
				cancel()
			}
		case "problem":
			if rows >= 0 { // before, the journal may be there without its first line
				t.Errorf("a problem: %s", e.data)
			}
		}
	}
	group.Wait()
	if last != points.Copies() || rows != points.Copies() || len(moments) < 3 || names["folder"] < 2 {
		t.Errorf("the stream ends at %d copies and %d rows after %d moments, events %v; want %d copies", last, rows, len(moments), names, points.Copies())
	}
}

// TestStreamsAreBounded: more are refused, and those that end make room.
func TestStreamsAreBounded(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	h := httptest.NewServer(s)
	defer h.Close()
	ctx, cancel := context.WithCancel(context.Background())
	for range 64 {
		listen(ctx, t, h.URL+"/api/events")
	}
	if code, body := get(t, s, "/api/events"); code != http.StatusTooManyRequests {
		t.Errorf("the 65th stream: %d %s", code, body)
	}
	cancel()
	for { // until the server has noticed that they ended
		answer, err := http.Get(h.URL + "/api/events")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestAStreamTellsProblems: a part that is damaged while one looks is told, and
// when it is mended the stream goes on.
func TestAStreamTellsProblems(t *testing.T) {
	root := t.TempDir()
	runSweep(t, sweepFile, filepath.Join(root, "s"), 40)
	part := filepath.Join(root, "s", "runs", "part-000002.parquet")
	whole, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(newServer(t, root, nil))
	defer h.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	seen := ""
	for e := range listen(ctx, t, h.URL+"/api/events?dir=s") {
		switch {
		case e.name == "rows" && seen == "":
			seen = "rows"
			if err := os.WriteFile(part, whole[:100], 0o666); err != nil {
				t.Fatal(err)
			}
		case e.name == "problem" && seen == "rows":
			if !strings.Contains(e.data, "part-000002.parquet") {
				t.Errorf("the problem is %s", e.data)
			}
			seen = "problem"
			if err := os.WriteFile(part, whole, 0o666); err != nil {
				t.Fatal(err)
			}
		case e.name == "rows" && seen == "problem":
			seen = "mended"
			cancel()
		}
	}
	if seen != "mended" {
		t.Errorf("the stream came to %q", seen)
	}
}
