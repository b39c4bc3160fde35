package serve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"modspec/engine/results"
	"modspec/engine/serve"
)

type theoryAnswer struct {
	Kind, Note           string
	Steps                []int
	Discrete, Continuous map[string][]results.Number
	Modes                []serve.Mode
	End                  map[string]results.Number
}

type trainLine struct {
	Event, Error string
	Step         int
	Steps        []int
	Values       map[string]float64
	Diverged     bool
}

func trainLines(t *testing.T, body io.Reader) []trainLine {
	t.Helper()
	var list []trainLine
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		var l trainLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

// TestTheoryMeetsTraining: what the explorer trains follows what it predicts, from
// the same weights and at the same steps.
func TestTheoryMeetsTraining(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	for _, arch := range []string{"dense", "split", "shallow", "partitioned"} {
		var theory theoryAnswer
		ask(t, s, "/api/explorer/theory?points=30&seed=3&arch="+arch, &theory)
		got := request(s, http.MethodPost, "/api/explorer/train", `{"points":30,"seed":3,"arch":"`+arch+`"}`, map[string]string{"Content-Type": "application/json"})
		lines := trainLines(t, got.Body)
		if len(lines) != len(theory.Steps)+2 || lines[0].Event != "start" || lines[len(lines)-1].Event != "end" || theory.Kind != "discrete" {
			t.Fatalf("%s: %d lines for %d steps, theory %s", arch, len(lines), len(theory.Steps), theory.Kind)
		}
		for i, step := range theory.Steps {
			l := lines[i+1]
			if l.Step != step || lines[0].Steps[i] != step {
				t.Fatalf("%s: point %d is of step %d, theory's of %d", arch, i, l.Step, step)
			}
			for name, curve := range theory.Discrete {
				end := float64(theory.End[name])
				if !strings.HasPrefix(name, "mode_") {
					continue
				}
				// The paper's setting: theory's known remainder is 2 to 5 % of a mode's
				// asymptote, from a start that is not balanced. Without hidden layer
				// discrete theory is exact, and so far within.
				if off := math.Abs(float64(curve[i]) - l.Values[name]); off > 0.06*end {
					t.Errorf("%s: %s is off theory by %v of %v at step %d", arch, name, off, end, step)
				}
			}
		}
		if _, there := lines[1].Values["test_loss"]; there {
			t.Errorf("%s: there is a test loss", arch)
		}
		// Before any update the shallow losses are those of the start itself: theory's
		// loss is exact there, up to the spread of its starts within a mode.
		if loss, want := lines[len(lines)-2].Values["train_loss"], float64(theory.Discrete["train_loss"][len(theory.Steps)-1]); math.Abs(loss-want) > 0.02 {
			t.Errorf("%s: the loss ends at %v, theory's at %v", arch, loss, want)
		}
	}
}

// TestKindsOfTheory: where there are curves, and where only an end or a reason.
func TestKindsOfTheory(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	for _, c := range []struct {
		query, kind          string
		discrete, continuous bool
	}{
		{"", "discrete", true, true},
		{"depth=2", "asymptote", false, false},
		{"depth=2&a0=0.001", "discrete", true, false},
		{"a0=0.001", "discrete", true, true},
		{"batch=2", "asymptote", false, false},
		{"batch=2&a0=1", "asymptote", false, false},
		{"train_examples=3", "none", false, false},
		{"rule=hebbian", "none", false, false},
		{"ky=0&ny=0", "", false, false}, // nothing to learn: refused, or told
	} {
		code, body := get(t, s, "/api/explorer/theory?"+c.query)
		if c.kind == "" {
			if code != http.StatusBadRequest {
				t.Errorf("%s: %d %s", c.query, code, body)
			}
			continue
		}
		var a theoryAnswer
		if err := json.Unmarshal(body, &a); err != nil || code != http.StatusOK {
			t.Fatalf("%s: %d %s", c.query, code, body)
		}
		if a.Kind != c.kind || (a.Discrete != nil) != c.discrete || (a.Continuous != nil) != c.continuous || (a.Note == "") != c.discrete {
			t.Errorf("%s: %s, discrete %v, continuous %v, %q", c.query, a.Kind, a.Discrete != nil, a.Continuous != nil, a.Note)
		}
		if (len(a.Modes) > 0) != (c.kind != "none") || math.IsNaN(float64(a.End["mode_1"])) != (c.kind == "none") {
			t.Errorf("%s: %d modes, the first ends at %v", c.query, len(a.Modes), a.End["mode_1"])
		}
	}
}

func TestNoExplorer(t *testing.T) {
	s := newServer(t, t.TempDir(), func(o *serve.Options) { o.Networks = nil })
	for _, path := range []string{"/api/explorer", "/api/explorer/theory"} {
		if code, _ := get(t, s, path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
	if got := request(s, http.MethodPost, "/api/explorer/train", "{}", map[string]string{"Content-Type": "application/json"}); got.StatusCode != http.StatusNotFound {
		t.Errorf("training: %d", got.StatusCode)
	}
}

// stuck is an explorer whose training lasts until it is given up.
type stuck struct {
	serve.Networks
	ended chan error
}

func (n *stuck) Train(ctx context.Context, _ serve.Network, _ int, observe func(int, results.State) error) (serve.Ending, error) {
	if err := observe(0, results.State{}); err != nil {
		return serve.Ending{}, err
	}
	<-ctx.Done()
	n.ended <- context.Cause(ctx)
	return serve.Ending{}, ctx.Err()
}

// TestTrainingIsBoundedAndGivenUp: two at once, and one that nobody listens to ends.
func TestTrainingIsBoundedAndGivenUp(t *testing.T) {
	n := &stuck{networks, make(chan error, 10)}
	s := newServer(t, t.TempDir(), func(o *serve.Options) { o.Networks = n })
	h := httptest.NewServer(s)
	defer h.Close()
	ctx, cancel := context.WithCancel(context.Background())
	begin := func() (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL+"/api/explorer/train", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		return http.DefaultClient.Do(r)
	}
	for range 2 {
		answer, err := begin()
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(answer.Body)
		for _, want := range []string{`"start"`, `"point"`} { // from here on it is stuck
			if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, want) {
				t.Fatalf("%q, %v", line, err)
			}
		}
	}
	if answer, err := begin(); err != nil || answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("a third training: %v, %v", answer, err)
	}
	cancel()
	for range 2 {
		if err := <-n.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("a training was given up with %v", err)
		}
	}
}
