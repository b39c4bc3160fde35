package serve_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"modspec/engine/serve"
)

// TestASlowFolderHoldsUpNoOther: the server held a lock while it read a folder, so
// one on a file system that does not answer held up every request.
func TestASlowFolderHoldsUpNoOther(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"good", "slow"} {
		runSweep(t, craftedSweep, filepath.Join(root, name), 100)
	}
	answers, asked := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s := newServer(t, root, func(o *serve.Options) {
		o.Status = func(dir string) (serve.Status, error) {
			if filepath.Base(dir) == "slow" {
				once.Do(func() { close(asked) })
				<-answers
			}
			return status(dir)
		}
	})
	slow := make(chan int, 1)
	go func() {
		code, _ := get(t, s, "/api/folder")
		slow <- code
	}()
	<-asked
	for _, target := range []string{"/api/sweep?dir=good", "/api/sweep/rows?dir=good", "/api/sweep/download?dir=good&format=csv"} {
		if code, body := get(t, s, target); code != http.StatusOK {
			t.Errorf("%s answers %d: %s", target, code, body)
		}
	}
	// A request that was given up does not wait for it.
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/api/sweep?dir=slow", nil)
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r.WithContext(ctx))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("a request that was given up is answered %d: %s", w.Code, w.Body)
	}
	close(answers)
	if code := <-slow; code != http.StatusOK {
		t.Errorf("the folder is answered %d", code)
	}
	for { // the walk may have ended before the slow folder was read; then a later one shows it
		var folder struct {
			Entries []struct{ State, Problem string }
		}
		ask(t, s, "/api/folder", &folder)
		if len(folder.Entries) == 2 && fmt.Sprint(folder.Entries[0]) == fmt.Sprint(folder.Entries[1]) && folder.Entries[0].Problem == "" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A listing is what the tests read of /api/folder, by folder.
type listing map[string]struct{ Dir, State, Problem string }

func list(t *testing.T, s http.Handler) listing {
	t.Helper()
	var folder struct {
		Entries []struct{ Dir, State, Problem string }
	}
	ask(t, s, "/api/folder", &folder)
	out := listing{}
	for _, e := range folder.Entries {
		out[e.Dir] = e
	}
	return out
}

// listUntil asks for the list until it is as wanted; check looks at each answer.
func listUntil(t *testing.T, s http.Handler, wanted func(listing) bool, check func(listing)) {
	t.Helper()
	for {
		now := list(t, s)
		check(now)
		if wanted(now) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Readings are those of folders that a test holds up.
type readings struct {
	mu      sync.Mutex
	held    map[string]chan struct{} // closed when the folder answers again
	waiting map[string]int           // readings that are held up, by folder
}

func (r *readings) status(dir string) (serve.Status, error) {
	name := filepath.Base(dir)
	r.mu.Lock()
	held := r.held[name]
	if held != nil {
		r.waiting[name]++
	}
	r.mu.Unlock()
	if held != nil {
		<-held
		r.mu.Lock()
		r.waiting[name]--
		r.mu.Unlock()
	}
	return status(dir)
}

func (r *readings) hold(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[name] = make(chan struct{})
}

func (r *readings) release(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.held[name])
	delete(r.held, name)
}

// count returns how many readings are held up.
func (r *readings) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0
	for _, n := range r.waiting {
		sum += n
	}
	return sum
}

// anotherWalk waits until a walk has ended that began after the call.
func anotherWalk(t *testing.T, s http.Handler, root string) {
	t.Helper()
	dir := filepath.Join(root, "z-new")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "report.html"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	listUntil(t, s, func(now listing) bool { return now["z-new"].Dir != "" }, func(listing) {})
}

// moment is how long the walks of these tests wait for a folder.
const moment = 20 * time.Millisecond

// newReadings makes a server of sweeps that can be held up. Its walks wait for them
// only a moment, so that no test has to.
func newReadings(t *testing.T, root string, names ...string) (*readings, *serve.Server) {
	t.Helper()
	first := filepath.Join(root, names[0])
	runSweep(t, craftedSweep, first, 100)
	for _, name := range names[1:] {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
	}
	r := &readings{held: map[string]chan struct{}{}, waiting: map[string]int{}}
	s := newServer(t, root, func(o *serve.Options) { o.Status, o.Poll = r.status, time.Nanosecond })
	s.SetPatience(moment)
	t.Cleanup(func() { // also where the test has failed
		for name := range r.held {
			r.release(name)
		}
	})
	return r, s
}

// TestAFolderThatHangsLeavesTheListWhole: all folders of a walk shared one time, so
// that those behind a folder that did not answer were never read, and what had
// been known of that folder was not shown.
func TestAFolderThatHangsLeavesTheListWhole(t *testing.T) {
	root := t.TempDir()
	r, s := newReadings(t, root, "a-slow", "b", "c")
	r.hold("a-slow")
	listUntil(t, s, func(now listing) bool { return now["b"].State != "" && now["c"].State != "" }, func(now listing) {
		if slow := now["a-slow"]; len(now) != 3 || slow.State != "" || slow.Problem != "it is still being read" {
			t.Fatalf("the list is %v", now)
		}
	})
	// One reading is enough, however many walks there are.
	if got := r.count(); got != 1 {
		t.Errorf("the folder that hangs is read %d times at once", got)
	}
	// No later walk waits for it.
	s.SetPatience(time.Hour)
	anotherWalk(t, s, root)
	s.SetPatience(moment)

	// One of which something is known hangs, when there is news.
	r.hold("b")
	known := func(now listing) {
		if b := now["b"]; b.State == "" || b.Problem != "" {
			t.Fatalf("of a folder that hangs the list shows %+v", b)
		}
	}
	at := time.Now()
	listUntil(t, s, func(listing) bool {
		at = at.Add(time.Second)
		if err := os.Chtimes(filepath.Join(root, "b", "journal.jsonl"), at, at); err != nil {
			t.Fatal(err)
		}
		return r.count() == 2
	}, known)
	known(list(t, s)) // of a walk that was held up

	r.release("a-slow")
	listUntil(t, s, func(now listing) bool { return now["a-slow"].State != "" && now["a-slow"].Problem == "" }, known)

	// Where no walk ends at all, the last one's list is shown.
	release := make(chan struct{})
	s.HoldWalk(release)
	known(list(t, s))
	close(release)
}

// TestManySlowFoldersAreReadAFewAtATime: once the time of a walk was over, it began
// to read all folders that were left at once.
func TestManySlowFoldersAreReadAFewAtATime(t *testing.T) {
	const most = 4
	var names []string
	for i := range 3 * most {
		names = append(names, fmt.Sprintf("%02d", i))
	}
	root := t.TempDir()
	r, s := newReadings(t, root, names...)
	for _, name := range names {
		r.hold(name)
	}
	few := func(now listing) {
		if got := r.count(); got > most || len(now) < len(names) {
			t.Fatalf("%d folders are read at once, of %d that are shown", got, len(now))
		}
	}
	listUntil(t, s, func(listing) bool { return r.count() == most }, few)
	anotherWalk(t, s, root) // begins no more readings
	few(list(t, s))
	for _, name := range names {
		r.release(name)
	}
	listUntil(t, s, func(now listing) bool {
		for _, name := range names {
			if now[name].State == "" {
				return false
			}
		}
		return true
	}, few)
}
