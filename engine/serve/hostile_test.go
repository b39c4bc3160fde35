package serve_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/results"
)

// oneLineError checks that a refusal is one short line of JSON.
func oneLineError(t testing.TB, target string, body []byte) string {
	t.Helper()
	var e struct{ Error string }
	if err := json.Unmarshal(body, &e); err != nil || e.Error == "" || strings.Contains(e.Error, "\n") || len(e.Error) > 2000 {
		t.Errorf("%s is refused with %q", target, body)
	}
	return e.Error
}

// TestHostileRequests: what is not allowed is refused, in one line, with the right
// status.
func TestHostileRequests(t *testing.T) {
	s, dir, _ := small(t)
	root := filepath.Dir(filepath.Dir(dir))
	// A folder beside, a link out of it, and a link to a file out of it.
	outside := t.TempDir()
	runSweep(t, sweepFile, filepath.Join(outside, "secret"), 100)
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(root, "linked")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		target string
		want   int
	}{
		{"/api/", 404}, {"/api/nothing", 404}, {"/api/sweep/", 404}, {"/API/folder", 404},
		{"/api/folder?x=1", 400}, {"/api/folder?%zz", 400}, {"/api/folder?a;b", 400},
		{"/api/sweep?dir=none", 404}, {"/api/sweep?dir=..", 404}, {"/api/sweep?dir=../" + filepath.Base(outside), 404},
		{"/api/sweep?dir=" + url.QueryEscape(outside+"/secret"), 404}, {"/api/sweep?dir=linked", 404}, {"/api/sweep?dir=a+b/small/", 404},
		{"/api/sweep?dir=a+b/../a+b/small", 404}, {"/api/sweep?dir=a+b/small/runs", 404}, {"/api/sweep?dir=%00", 404}, {"/api/sweep?dir=.", 404},
		{"/api/sweep?" + smallDir + "&dir=x", 400}, {"/api/sweep?" + smallDir + "&x=1", 400},
		{"/api/sweep/diagram?" + smallDir, 400}, {"/api/sweep/diagram?x=kx&" + smallDir, 400}, {"/api/sweep/diagram?value=lr&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=arch&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&value=lr/&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=/lr&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&value=lr/lr/lr&" + smallDir, 400},
		{"/api/sweep/diagram?x=id&value=lr&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&value=lr&stat=mode&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=lr&x_bins=1000000000&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&value=lr&x_bins=-3&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=lr&x_bins=99999999999999999999&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&value=lr&x_log=maybe&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=lr&where=kx&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&value=lr&where=kx%3Dxx&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=lr&facet=train_loss&" + smallDir, 400}, {"/api/sweep/diagram?x=kx&x=ky&value=lr&" + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=lr&" + strings.Repeat("where=kx=1&", 65) + smallDir, 400},
		{"/api/sweep/diagram?x=kx&value=lr&where=" + strings.Repeat("a", 20000) + smallDir, 400},
		{"/api/sweep/diagram?x=copy&y=train_loss&value=lr&x_bins=256&y_bins=256&facet=seed&" + smallDir, 422},
		{"/api/sweep/trajectories?" + smallDir + "&copies=100000", 400}, {"/api/sweep/trajectories?" + smallDir + "&groups=0", 400},
		{"/api/sweep/trajectories?" + smallDir + "&steps=1", 400}, {"/api/sweep/trajectories?" + smallDir + "&quantities=id", 400},
		{"/api/sweep/trajectories?" + smallDir + "&groups=12&lines=32&steps=1024", 400},
		{"/api/sweep/rows?" + smallDir + "&limit=501", 400}, {"/api/sweep/rows?" + smallDir + "&limit=0", 400}, {"/api/sweep/rows?" + smallDir + "&offset=-1", 400},
		{"/api/sweep/rows?" + smallDir + "&columns=no", 400}, {"/api/sweep/rows?" + smallDir + "&columns=" + strings.Repeat("kx,", 101) + "kx", 400},
		{"/api/sweep/download?" + smallDir, 400}, {"/api/sweep/download?format=exe&" + smallDir, 400}, {"/api/sweep/download?format=csv&table=journal&" + smallDir, 400},
		{"/api/reproduction?" + smallDir, 404}, {"/api/reproduction/figure?file=a.svg&" + smallDir, 404}, {"/api/report?" + smallDir, 404},
		{"/api/events?dir=../x", 404}, {"/api/events?dir=/", 404}, {"/api/events?dir=a&dir=b", 400},
		{"/api/explorer?x=1", 400}, {"/api/explorer/theory?bits=99", 400}, {"/api/explorer/theory?bits=3.5", 400}, {"/api/explorer/theory?bits=NaN", 400},
		{"/api/explorer/theory?ny=3&nx=1", 400}, {"/api/explorer/theory?steps=1e9", 400}, {"/api/explorer/theory?hidden=-1", 400}, {"/api/explorer/theory?arch=deep", 400},
		{"/api/explorer/theory?rule=gd&gamma=1", 400}, {"/api/explorer/theory?rule=hebbian&beta=-1", 400}, {"/api/explorer/theory?seed=-1", 400}, {"/api/explorer/theory?lr=Inf", 400},
		{"/api/explorer/theory?points=1", 400}, {"/api/explorer/theory?points=100000", 400}, {"/api/explorer/theory?a0=-1", 400}, {"/api/explorer/theory?a0=NaN", 400},
		{"/api/explorer/theory?bits=3&bits=3", 400}, {"/api/explorer/theory?colour=red", 400}, {"/api/explorer/theory?nx=none", 400}, {"/api/explorer/theory?batch=99", 400},
		{"/api/explorer/train", 405},
	} {
		code, body := get(t, s, c.target)
		if code != c.want {
			t.Errorf("%.120s: %d %s, want %d", c.target, code, body, c.want)
			continue
		}
		oneLineError(t, c.target, body)
	}
	var folder struct{ Entries []struct{ Dir string } }
	ask(t, s, "/api/folder", &folder)
	if len(folder.Entries) != 1 || folder.Entries[0].Dir != "a b/small" {
		t.Errorf("the folder has %+v, want the one sweep that is in it", folder)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD"} {
		if got := request(s, method, "/api/folder", "", nil); got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET" {
			t.Errorf("%s: %d, allowed is %q", method, got.StatusCode, got.Header.Get("Allow"))
		}
	}
}

func TestHostileBodies(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	const path, kind = "/api/explorer/train", "application/json"
	for _, c := range []struct {
		body, kind string
		want       int
	}{
		{"{}", "text/plain", 415}, {"{}", "", 415}, {"{}", "application/json; charset", 415}, {"bits=3", "application/x-www-form-urlencoded", 415},
		{"", kind, 400}, {"[]", kind, 400}, {"null x", kind, 400}, {"{} {}", kind, 400}, {`{"bits":`, kind, 400}, {`{"bits":[3]}`, kind, 400}, {`{"bits":{"a":1}}`, kind, 400}, {`{"bits":true}`, kind, 400},
		{`{"bits":1e400}`, kind, 400}, {`{"bits":99}`, kind, 400}, {`{"points":1}`, kind, 400}, {`{"points":"many"}`, kind, 400}, {`{"dir":"x"}`, kind, 400},
		{`{"bits":"` + strings.Repeat("3", 70_000) + `"}`, kind, 413}, {strings.Repeat("[", 60_000), kind, 400},
		{`{"bits":"` + strings.Repeat("3", 5000) + `"}`, kind, 400}, {`{"` + strings.Repeat("b", 5000) + `":3}`, kind, 400},
	} {
		got := request(s, http.MethodPost, path, c.body, map[string]string{"Content-Type": c.kind})
		body := make([]byte, 4000)
		n, _ := got.Body.Read(body)
		if got.StatusCode != c.want {
			t.Errorf("%.60s: %d %s, want %d", c.body, got.StatusCode, body[:n], c.want)
			continue
		}
		oneLineError(t, c.body[:min(40, len(c.body))], body[:n])
	}
}

// TestDamagedFolders: folders that are no folders of results are told as such, and
// others beside them are shown.
func TestDamagedFolders(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("torn/journal.jsonl", "{\"event\":")
	write("torn/runs/part-000001.parquet", "PAR1")
	write("wrong/journal.jsonl", "{\"event\":\"begin\"}\n")
	write("wrong/runs/x", "")
	write("claims/claims.json", "{")
	write("images/journal.jsonl", "{}\n") // no runs: another kind of experiment
	write("images/report.html", "<h1>images</h1>")
	write(".hidden/claims.json", "{}")
	write("1/2/3/4/5/claims.json", "{}") // deeper than is looked
	runSweep(t, sweepFile, filepath.Join(root, "good"), 100)
	runSweep(t, sweepFile, filepath.Join(root, "cut"), 100)
	part := filepath.Join(root, "cut", "runs", "part-000001.parquet")
	if err := os.Truncate(part, 1000); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, root, nil)
	var folder struct {
		Entries []struct {
			Dir, Kind, State, Problem string
			Report                    bool
		}
	}
	ask(t, s, "/api/folder", &folder)
	got := map[string]string{}
	for _, e := range folder.Entries {
		got[e.Dir] = e.Kind
		if wrong := e.Dir == "torn" || e.Dir == "wrong" || e.Dir == "claims"; (e.Problem != "") != wrong || strings.Contains(e.Problem, "\n") {
			t.Errorf("%s has the problem %q", e.Dir, e.Problem)
		}
	}
	want := map[string]string{"torn": "sweep", "wrong": "sweep", "claims": "reproduction", "images": "report", "good": "sweep", "cut": "sweep"}
	if len(got) != len(want) {
		t.Errorf("the folder has %v, want %v", got, want)
	}
	for dir, kind := range want {
		if got[dir] != kind {
			t.Errorf("%s is %q, want %q", dir, got[dir], kind)
		}
	}
	for target, want := range map[string]int{
		"/api/sweep?dir=torn": 422, "/api/sweep?dir=wrong": 422, "/api/sweep?dir=cut": 422, "/api/sweep?dir=good": 200,
		"/api/sweep/diagram?dir=cut&x=kx&value=lr": 422, "/api/sweep/rows?dir=cut": 422, "/api/sweep/trajectories?dir=cut": 422,
		"/api/sweep/download?dir=cut&format=csv": 422, "/api/reproduction?dir=claims": 422, "/api/report?dir=images": 200,
	} {
		code, body := get(t, s, target)
		if code != want {
			t.Errorf("%s: %d %s, want %d", target, code, body, want)
		} else if want != 200 {
			oneLineError(t, target, body)
		}
	}
}

// FuzzAPI: whatever is asked, there is an answer of JSON or of the page, never a
// fault of the server.
func FuzzAPI(f *testing.F) {
	root := f.TempDir()
	runSweep(f, sweepFile, filepath.Join(root, "small"), 30)
	claims := results.ClaimsFile{
		Claims:  []results.Claim{results.NewClaim("a/b", "c", 1, results.AtMost, 2, "", "")},
		Studies: []results.Study{{ID: "a", Title: "A", Figures: []results.FigureText{{Name: "a"}}}},
	}
	if err := os.Mkdir(filepath.Join(root, "paper"), 0o777); err != nil {
		f.Fatal(err)
	}
	if err := results.WriteClaims(filepath.Join(root, "paper", "claims.json"), claims); err != nil {
		f.Fatal(err)
	}
	s := newServer(f, root, nil)
	for _, target := range []string{
		"/", "/api/folder", "/api/sweep?dir=small", "/api/sweep/diagram?dir=small&x=kx&y=lr&y_log=true&y_bins=7&value=train_loss/pred_train_loss&stat=median&facet=arch",
		"/api/sweep/diagram?dir=small&x=train_loss&x_bins=5&value=systematicity&where=seed!=2&where=diverged_step=",
		"/api/sweep/trajectories?dir=small&where=kx=2&copies=2&lines=1&steps=3&quantities=mode_1", "/api/sweep/rows?dir=small&columns=id,seed,arch&offset=3&limit=2",
		"/api/sweep/download?dir=small&format=csv&where=id=00", "/api/reproduction?dir=paper", "/api/reproduction/figure?dir=paper&file=a.svg", "/api/report?dir=paper",
		"/api/explorer", "/api/explorer/theory?bits=2&nx=all&arch=split&hidden=3&steps=5&points=3&a0=1e-3",
		"/api/explorer/theory?bits=2&depth=3&hidden=3&steps=5&seed=18446744073709551615", "/api/explorer/theory?lr=100&r=100&init_scale=10&hidden=2&steps=9",
	} {
		path, query, _ := strings.Cut(target, "?")
		f.Add(path, query)
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if path == "/api/events" {
			t.Skip("a stream has no end")
		}
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch {
		case w.Code == http.StatusInternalServerError:
			t.Errorf("%q?%q is a fault: %s", path, query, w.Body)
		case w.Code >= 400:
			oneLineError(t, path+"?"+query, w.Body.Bytes())
		case w.Header().Get("Content-Type") == "application/json" && w.Header().Get("Content-Encoding") == "" && !json.Valid(w.Body.Bytes()):
			t.Errorf("%q?%q answers what is no JSON: %s", path, query, w.Body)
		}
	})
}

// FuzzTrain: whatever is sent to be trained, it is refused in one line or trained
// to an end.
func FuzzTrain(f *testing.F) {
	s := newServer(f, f.TempDir(), nil)
	for _, body := range []string{
		`{}`, `{"bits":1,"hidden":2,"steps":3,"points":2}`, `{"bits":2,"arch":"partitioned","lr":100,"init_scale":10,"steps":9}`, `{"rule":"hebbian","beta":0.1,"steps":2,"hidden":1}`,
		`{"bits":1,"train_examples":1,"steps":2}`, `{"bits":1,"batch":1,"nx":"all","steps":2,"seed":"7"}`, `{"kx":0,"ky":0,"steps":1}`, `[`, `{"a":null}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/api/explorer/train", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			if w.Code == http.StatusInternalServerError {
				t.Errorf("%q is a fault: %s", body, w.Body)
			}
			oneLineError(t, body, w.Body.Bytes())
			return
		}
		lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
		var last struct{ Event string }
		for _, line := range lines {
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Errorf("%q answers the line %q: %v", body, line, err)
			}
		}
		if last.Event != "end" && last.Event != "error" {
			t.Errorf("%q ends with %q", body, lines[len(lines)-1])
		}
	})
}
