package serve

import (
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// The files by which a folder is known.
const (
	journalName = "journal.jsonl"
	runsName    = "runs"
	lockName    = "lock"
	claimsName  = "claims.json"
	reportName  = "report.html"
)

// What a folder can hold.
const (
	sweepKind        = "sweep"
	reproductionKind = "reproduction"
	reportKind       = "report"
)

// The bounds of a walk through the folder.
const (
	maxDepth   = 4
	maxEntries = 500
	maxNames   = 50_000 // looked at
)

// An entry is something that can be shown: an answer of the API.
type entry struct {
	Dir      string     `json:"dir"`
	Kind     string     `json:"kind"`
	Name     string     `json:"name"`
	State    string     `json:"state,omitempty"`
	Copies   *int       `json:"copies,omitempty"`
	Done     *int       `json:"done,omitempty"`
	Diverged *int       `json:"diverged,omitempty"`
	Claims   *int       `json:"claims,omitempty"`
	Holding  *int       `json:"holding,omitempty"`
	Last     *time.Time `json:"last,omitempty"`
	Problem  string     `json:"problem,omitempty"`
	Report   bool       `json:"report"`
}

type folderJSON struct {
	Name     string  `json:"name"`
	Version  string  `json:"version"`
	Commit   string  `json:"commit"`
	Explorer bool    `json:"explorer"`
	Entries  []entry `json:"entries"`
	LeftOut  int     `json:"left_out"`
}

// scanned is what the last walk found.
type scanned struct {
	at      time.Time
	took    time.Duration
	entries []entry
	leftOut int
}

// A seenEntry is an entry and the state of the files that it was made from.
type seenEntry struct {
	stamp string
	at    time.Time
	entry entry
}

func (s *Server) answerFolder(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	send(w, r, http.StatusOK, s.folderNow())
	return nil
}

// folderNow returns what the folder holds.
func (s *Server) folderNow() folderJSON {
	entries, leftOut := s.entries()
	return folderJSON{
		Name: s.name, Version: s.options.Version, Commit: s.options.Commit, Explorer: s.options.Networks != nil,
		Entries: entries, LeftOut: leftOut,
	}
}

// restBetween is how long a folder is left alone after a walk, as a multiple of
// what the walk took: a large one on a slow file system is not walked without end.
const restBetween = 20

// entries returns what the folder holds, as it was at most one poll ago where
// that can be had at a fair price.
func (s *Server) entries() ([]entry, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.folder.at) < max(s.options.Poll, restBetween*s.folder.took) {
		return s.folder.entries, s.folder.leftOut
	}
	began := time.Now()
	w := walk{server: s, entries: []entry{}, names: maxNames}
	w.visit(".", 0)
	slices.SortFunc(w.entries, func(a, b entry) int { return strings.Compare(a.Dir, b.Dir) })
	s.folder = scanned{time.Now(), time.Since(began), w.entries, w.leftOut}
	alive := map[string]bool{}
	for _, e := range w.entries {
		alive[e.Dir] = true
	}
	for dir := range s.seen {
		if !alive[dir] {
			delete(s.seen, dir)
		}
	}
	return s.folder.entries, s.folder.leftOut
}

// entry returns the entry of a folder that has something to show of a kind: a
// kind of entry, or reportKind for any that has a report. A folder that came
// since the last walk is looked for where it has to be.
func (s *Server) entry(dir, kind string) (entry, error) {
	entries, _ := s.entries()
	is := func(e entry) bool { return e.Dir == dir && (e.Kind == kind || kind == reportKind && e.Report) }
	if i := slices.IndexFunc(entries, is); i >= 0 {
		return entries[i], nil
	}
	if e, ok := s.lookFor(dir); ok && is(e) {
		return e, nil
	}
	return entry{}, noFolder(dir)
}

// lookFor looks at one folder, and finds what a walk would.
func (s *Server) lookFor(dir string) (entry, bool) {
	at := dirOrRoot(dir)
	if dir == "." || !fs.ValidPath(at) || strings.Count(at, "/") >= maxDepth {
		return entry{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for below := at; below != "."; below = path.Dir(below) {
		if info, err := s.root.Lstat(below); err != nil || !info.IsDir() || strings.HasPrefix(path.Base(below), ".") {
			return entry{}, false
		}
		if kindOf(s.has(path.Dir(below))) == sweepKind {
			return entry{}, false // what is below is its own
		}
	}
	has := s.has(at)
	kind := kindOf(has)
	if kind == "" {
		return entry{}, false
	}
	return s.look(at, kind, has[reportName]), true
}

// has tells which of the files that matter a folder has.
func (s *Server) has(dir string) map[string]bool {
	has := map[string]bool{}
	for _, name := range []string{journalName, claimsName, reportName, runsName} {
		info, err := s.root.Lstat(path.Join(dir, name))
		has[name] = err == nil && (name != runsName || info.IsDir())
	}
	return has
}

// A walk looks for folders of results. Links to folders are not followed.
type walk struct {
	server  *Server
	entries []entry
	leftOut int
	names   int // that may still be looked at
}

func (w *walk) visit(dir string, depth int) {
	folders, has := w.list(dir)
	if kind := kindOf(has); kind != "" {
		if len(w.entries) == maxEntries {
			w.leftOut++
		} else {
			w.entries = append(w.entries, w.server.look(dir, kind, has[reportName]))
		}
		if kind == sweepKind {
			return // what is below is its own
		}
	}
	if depth == maxDepth {
		return
	}
	slices.Sort(folders)
	for _, name := range folders {
		w.visit(path.Join(dir, name), depth+1)
	}
}

// list returns the folders in a folder and which of the files that matter it has.
func (w *walk) list(dir string) (folders []string, has map[string]bool) {
	has = map[string]bool{}
	d, err := w.server.root.Open(dir)
	if err != nil {
		return nil, has // it went, or may not be read
	}
	defer d.Close()
	for w.names > 0 {
		entries, err := d.ReadDir(min(w.names, 1000))
		w.names -= len(entries)
		for _, e := range entries {
			switch name := e.Name(); {
			case name == journalName, name == claimsName, name == reportName, name == runsName && e.IsDir():
				has[name] = true
			case e.IsDir() && !strings.HasPrefix(name, "."):
				folders = append(folders, name)
			}
		}
		if err != nil || len(entries) == 0 {
			break
		}
	}
	return folders, has
}

func kindOf(has map[string]bool) string {
	switch {
	case has[journalName] && has[runsName]: // an experiment on images has a journal too, but no runs
		return sweepKind
	case has[claimsName]:
		return reproductionKind
	case has[reportName]:
		return reportKind
	}
	return ""
}

// lookAgain is how long a running sweep's entry stays good while its files do not
// change: that its process was killed shows in no file.
const lookAgain = 2 * time.Second

// look makes the entry of a folder, unless its files are as they were.
func (s *Server) look(dir, kind string, report bool) entry {
	shown := dir
	if dir == "." {
		shown = ""
	}
	stamp := kind
	for _, name := range []string{journalName, lockName, claimsName, reportName} {
		if info, err := s.root.Stat(path.Join(dir, name)); err == nil {
			stamp += " " + name + info.ModTime().String()
		}
	}
	old, ok := s.seen[shown]
	if ok && old.stamp == stamp && (old.entry.State != running || time.Since(old.at) < lookAgain) {
		return old.entry
	}
	e := entry{Dir: shown, Kind: kind, Name: path.Base(dir), Report: report}
	if dir == "." {
		e.Name = s.name
	}
	var err error
	switch kind {
	case sweepKind:
		err = s.lookAtSweep(dir, &e)
	case reproductionKind:
		err = s.lookAtClaims(dir, &e)
	default:
		info, problem := s.root.Stat(path.Join(dir, reportName))
		if err = problem; err == nil {
			at := info.ModTime().UTC()
			e.Last = &at
		}
	}
	if err != nil {
		e.Problem = oneLine(err.Error())
	}
	s.seen[shown] = seenEntry{stamp, time.Now(), e}
	return e
}

func (s *Server) lookAtSweep(dir string, e *entry) error {
	status, err := s.status(dir)
	if err != nil {
		return err
	}
	e.State, e.Copies, e.Done, e.Diverged, e.Last = status.State, &status.Copies, &status.Done, &status.Diverged, &status.Last
	if status.Name != "" {
		e.Name = status.Name
	}
	return nil
}

func (s *Server) lookAtClaims(dir string, e *entry) error {
	claims, err := s.claims(dir)
	if err != nil {
		return err
	}
	total, holding := len(claims.Claims), claims.Holding()
	last := claims.Provenance.Started
	e.Claims, e.Holding, e.Last = &total, &holding, &last
	return nil
}

// maxTextFile bounds figures and reports, which are read whole, in bytes.
const maxTextFile = 64 << 20

func (s *Server) claims(dir string) (results.ClaimsFile, error) {
	full, _, err := s.file(path.Join(dir, claimsName))
	if err != nil {
		return results.ClaimsFile{}, err
	}
	claims, err := results.ReadClaims(full)
	if err != nil {
		return claims, refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	return claims, nil
}

// readFile reads a file of the folder whole.
func (s *Server) readFile(name string) ([]byte, error) {
	return regularfile.ReadIn(s.root, name, maxTextFile)
}
