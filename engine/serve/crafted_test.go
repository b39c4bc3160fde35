package serve_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/report/survey"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// A craftedFolder is a small folder of each kind of result, and what its files held
// before one of them was changed.
type craftedFolder struct {
	root  string
	files []string // paths below root
	whole map[string][]byte
	bytes uint64
}

const craftedSweep = `
name: crafted
method: grid
seeds: 2
steps: 6
record: {every: 3}
precision: float64
parameters:
  hidden: {value: 3}
  bits: {value: 2}
  arch: {values: [dense, split]}
`

func newCraftedFolder(t testing.TB) *craftedFolder {
	t.Helper()
	f := &craftedFolder{root: t.TempDir(), whole: map[string][]byte{}}
	at := func(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }
	runSweep(t, craftedSweep, at("sweep"), 100)
	for _, name := range []string{"paper", "images"} {
		if err := os.Mkdir(at(name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	claims := results.ClaimsFile{
		Claims:  []results.Claim{results.NewClaim("split/a", "holds", 1, results.AtMost, 2, "Section 1", "of all")},
		Studies: []results.Study{{ID: "split", Title: "On split", Figures: []results.FigureText{{Name: "split", Caption: "c_x", Alt: "a"}}}},
	}
	if err := results.WriteClaims(at("paper/claims.json"), claims); err != nil {
		t.Fatal(err)
	}
	page := `<h2>On split</h2>`
	for name, text := range map[string]string{
		"paper/report.html": page, "paper/split.svg": "<svg/>", "images/report.html": page, "images/journal.jsonl": "{}\n", "images/config.json": "{}\n",
	} {
		if err := os.WriteFile(at(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.Walk(f.root, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		name, err := filepath.Rel(f.root, path)
		if err != nil {
			return err
		}
		f.files = append(f.files, filepath.ToSlash(name))
		f.whole[filepath.ToSlash(name)], err = os.ReadFile(path)
		f.bytes += uint64(info.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The ways in which a file is changed.
const (
	flipped = iota
	cut
	extended
	overwritten
	replaced
	asFolder
	asLink
	asFIFO
	sparse
	gone
	changes
)

// change changes a file: at a place, by some bytes. It returns how to undo that.
func (f *craftedFolder) change(t testing.TB, name string, how uint8, at uint64, data []byte) (undo func()) {
	t.Helper()
	path := filepath.Join(f.root, filepath.FromSlash(name))
	old := f.whole[name]
	text := append([]byte{}, old...)
	place := 0
	if len(text) > 0 {
		place = int(at % uint64(len(text)))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var err error
	switch how % changes {
	case flipped:
		if len(text) > 0 {
			text[place] ^= 1 << (at / uint64(len(text)) % 8)
		}
	case cut:
		text = text[:place]
	case extended:
		text = append(text, data...)
	case overwritten:
		copy(text[place:], data)
	case replaced:
		text = data
	case asFolder:
		text, err = nil, os.Mkdir(path, 0o777)
	case asLink:
		text, err = nil, os.Symlink(filepath.Base(f.files[at%uint64(len(f.files))]), path)
	case asFIFO:
		text, err = nil, fifo(path)
	case sparse:
		if err = os.WriteFile(path, text, 0o666); err == nil {
			err = os.Truncate(path, int64(at%(200<<30)))
		}
		text = nil
	case gone:
		text = nil
	}
	if text != nil {
		err = os.WriteFile(path, text, 0o666)
	}
	if err != nil {
		t.Logf("%s: not on this system: %v", name, err)
	}
	return func() {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, old, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// craftedTargets are all endpoints over folders.
var craftedTargets = []string{
	"/api/folder", "/api/sweep?dir=sweep", "/api/sweep/diagram?dir=sweep&x=arch&value=train_loss&stat=median", "/api/sweep/diagram?dir=sweep&x=seed&y=arch&value=systematicity",
	"/api/sweep/trajectories?dir=sweep", "/api/sweep/rows?dir=sweep", "/api/sweep/rows?dir=sweep&columns=id,seed,train_loss,prediction&where=arch=dense",
	"/api/sweep/download?dir=sweep&format=csv", "/api/sweep/download?dir=sweep&format=parquet&table=trajectories",
	"/api/reproduction?dir=paper", "/api/reproduction/figure?dir=paper&file=split.svg", "/api/report?dir=paper", "/api/report?dir=images",
}

// craftedLimit is how many bytes may be allocated to answer every endpoint once and
// to read the folder for reports, exports and a digest. Unchanged, the small folder
// takes about 25 MiB, most of it the server's own page and buffers of readers. A
// page may take 8 MiB more without compression than it has, and each of the some
// ten readers holds two copies of it. What is not bounded takes gigabytes.
const craftedLimit = 400 << 20

// ask asks a new server for all that a changed file can show in ("": any), and reads
// the folder as commands do. Whatever the files hold there is an answer, or an error
// of one line, for little memory.
func (f *craftedFolder) ask(t testing.TB, changed string) map[string]int {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	codes := map[string]int{}
	s, err := serve.New(serve.Options{Dir: f.root, Addr: "127.0.0.1:0", Status: status, Memory: 1 << 24, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	folder, _, _ := strings.Cut(changed, "/")
	for _, target := range craftedTargets {
		if folder != "" && strings.Contains(target, "dir=") && !strings.Contains(target, "dir="+folder) {
			continue
		}
		codes[target] = f.request(t, s, target)
	}
	for _, err := range f.read(folder) {
		if err != nil && (err.Error() == "" || len(err.Error()) > 2000) {
			t.Errorf("a reader says %q", err)
		}
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > craftedLimit {
		t.Errorf("%d MiB were allocated for files of %d kB", taken>>20, f.bytes>>10)
	}
	return codes
}

func (f *craftedFolder) request(t testing.TB, s http.Handler, target string) int {
	t.Helper()
	address, err := url.Parse("http://127.0.0.1" + target)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
	r.URL = address
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if fault := recover(); fault != nil && fault != http.ErrAbortHandler { // a download that cannot go on
				t.Errorf("%s panics: %v", target, fault)
			}
		}()
		s.ServeHTTP(w, r)
	}()
	switch {
	case w.Code == http.StatusInternalServerError:
		t.Errorf("%s is a fault: %s", target, w.Body)
	case w.Code >= 400:
		oneLineError(t, target, w.Body.Bytes())
	case w.Header().Get("Content-Type") == "application/json" && w.Header().Get("Content-Encoding") == "" && !json.Valid(w.Body.Bytes()):
		t.Errorf("%s answers what is no JSON: %s", target, w.Body)
	}
	return w.Code
}

// read reads the folder as report, export and digest do.
func (f *craftedFolder) read(folder string) []error {
	dir := filepath.Join(f.root, "sweep")
	var list []error
	if folder == "paper" {
		return nil // the server has read it
	}
	if folder == "images" {
		return list
	}
	for _, table := range []string{"runs", "trajectories"} {
		parts, err := os.ReadDir(filepath.Join(dir, table))
		list = append(list, err)
		for _, part := range parts {
			path := filepath.Join(dir, table, part.Name())
			for _, err := range results.Read(path, table) {
				list = append(list, err)
			}
		}
	}
	// How the journal itself is read is tested where that is done.
	if info, err := os.Stat(filepath.Join(dir, "journal.jsonl")); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return list
	}
	for _, table := range store.Tables {
		list = append(list, store.ExportCSV(context.Background(), dir, table, []train.Kind{model.Kind}, io.Discard))
	}
	_, err := store.Digest(dir)
	list = append(list, err)
	m, err := results.ReadManifest(filepath.Join(dir, results.ManifestName))
	if err == nil {
		_, err = survey.New(m, store.Runs(dir))
	}
	return append(list, err)
}

// TestCraftedFiles: a footer length of 4 GiB took all memory of the machine, a sparse
// journal of 200 GB was read whole, and a FIFO in place of any file held up every
// request for ever. Then a bounded set of changes of every kind.
func TestCraftedFiles(t *testing.T) {
	f := newCraftedFolder(t)
	for target, code := range f.ask(t, "") {
		if code != http.StatusOK {
			t.Fatalf("%s answers %d before anything is changed", target, code)
		}
	}
	const part, journal, claims = "sweep/runs/part-000001.parquet", "sweep/journal.jsonl", "paper/claims.json"
	length := binary.LittleEndian.AppendUint32(nil, 1<<32-1)
	for _, c := range []struct {
		name   string
		how    uint8
		at     uint64
		data   []byte
		target string
	}{
		{part, overwritten, uint64(len(f.whole[part]) - 8), length, "/api/sweep?dir=sweep"},
		{part, asFIFO, 0, nil, "/api/sweep?dir=sweep"},
		{"sweep/trajectories/part-000001.parquet", asFIFO, 0, nil, "/api/sweep/trajectories?dir=sweep"},
		{part, asFolder, 0, nil, "/api/sweep?dir=sweep"},
		{part, sparse, 199 << 30, nil, "/api/sweep?dir=sweep"},
		{journal, sparse, 199 << 30, nil, "/api/sweep?dir=sweep"},
		{journal, asFIFO, 0, nil, "/api/sweep?dir=sweep"},
		{journal, asFolder, 0, nil, "/api/sweep?dir=sweep"},
		{claims, asFIFO, 0, nil, "/api/reproduction?dir=paper"},
		{claims, sparse, 199 << 30, nil, "/api/reproduction?dir=paper"},
		{"paper/split.svg", asFIFO, 0, nil, "/api/reproduction/figure?dir=paper&file=split.svg"},
		{"paper/report.html", sparse, 199 << 30, nil, "/api/report?dir=paper"},
		{"images/report.html", asFIFO, 0, nil, "/api/report?dir=images"},
	} {
		undo := f.change(t, c.name, c.how, c.at, c.data)
		for target, code := range f.ask(t, "") {
			own := strings.Contains(target, "dir="+c.name[:strings.IndexByte(c.name, '/')])
			if target == c.target && code != http.StatusUnprocessableEntity || !own && code != http.StatusOK {
				t.Errorf("%s changed by %d: %s answers %d", c.name, c.how, target, code)
			}
		}
		undo()
	}
	r := rand.New(rand.NewPCG(13, 13))
	for range 60 {
		data := make([]byte, 1+r.IntN(20))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		name, how, at := f.files[r.IntN(len(f.files))], uint8(r.IntN(changes)), r.Uint64()
		undo := f.change(t, name, how, at, data)
		f.ask(t, name)
		undo()
		if t.Failed() {
			t.Fatalf("%s changed by %d at %d with %x", name, how, at, data)
		}
	}
}

// FuzzFolder changes a file of a folder of results, and asks for everything.
func FuzzFolder(f *testing.F) {
	folder := newCraftedFolder(f)
	for i, name := range folder.files {
		for how := range uint8(changes) {
			f.Add(uint8(i), how, uint64(len(folder.whole[name])-8), []byte{0xff, 0xff, 0xff, 0xff})
		}
		f.Add(uint8(i), uint8(sparse), uint64(199<<30), []byte{})
	}
	f.Fuzz(func(t *testing.T, file, how uint8, at uint64, data []byte) {
		name := folder.files[int(file)%len(folder.files)]
		defer folder.change(t, name, how, at, data)()
		folder.ask(t, name)
	})
}
