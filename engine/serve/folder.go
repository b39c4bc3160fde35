package serve

import (
	"context"
	"errors"
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
	ctx, cancel := bounded(r)
	defer cancel()
	folder, err := s.folderNow(ctx)
	if err != nil {
		return err
	}
	send(w, r, http.StatusOK, folder)
	return nil
}

// folderNow returns what the folder holds.
func (s *Server) folderNow(ctx context.Context) (folderJSON, error) {
	found, err := s.entries(ctx)
	return folderJSON{
		Name: s.name, Version: s.options.Version, Commit: s.options.Commit, Explorer: s.options.Networks != nil,
		Entries: found.entries, LeftOut: found.leftOut,
	}, err
}

// restBetween is how long a folder is left alone after a walk, as a multiple of
// what the walk took: a large one on a slow file system is not walked without end.
const restBetween = 20

// entries returns what the folder holds, as it was at most one poll ago where
// that can be had at a fair price.
func (s *Server) entries(ctx context.Context) (scanned, error) {
	s.mu.Lock()
	known := s.folder
	s.mu.Unlock()
	if time.Since(known.at) < max(s.options.Poll, restBetween*known.took) {
		return known, nil
	}
	return s.walks.do(ctx, "", func() (scanned, error) {
		began := time.Now()
		w := walk{server: s, entries: []entry{}, names: maxNames, patience: lookTime}
		w.visit(".", 0)
		slices.SortFunc(w.entries, func(a, b entry) int { return strings.Compare(a.Dir, b.Dir) })
		alive := map[string]bool{}
		for _, e := range w.entries {
			alive[e.Dir] = true
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.folder = scanned{time.Now(), time.Since(began), w.entries, w.leftOut}
		for dir := range s.seen {
			if !alive[dir] {
				delete(s.seen, dir)
			}
		}
		return s.folder, nil
	})
}

// entry returns the entry of a folder that has something to show of a kind: a
// kind of entry, or reportKind for any that has a report. It looks at that folder
// alone, and finds what a walk would.
func (s *Server) entry(ctx context.Context, dir, kind string) (entry, error) {
	at := dirOrRoot(dir)
	if dir == "." || !fs.ValidPath(at) || strings.Count(at, "/") >= maxDepth {
		return entry{}, noFolder(dir)
	}
	for below := at; below != "."; below = path.Dir(below) {
		if info, err := s.root.Lstat(below); err != nil || !info.IsDir() || strings.HasPrefix(path.Base(below), ".") {
			return entry{}, noFolder(dir)
		}
		if kindOf(s.has(path.Dir(below))) == sweepKind {
			return entry{}, noFolder(dir) // what is below is its own
		}
	}
	has := s.has(at)
	if own := kindOf(has); own == "" || own != kind && (kind != reportKind || !has[reportName]) {
		return entry{}, noFolder(dir)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	return s.look(ctx, at, kindOf(has), has[reportName])
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
	// patience is how long the walk still waits for what folders hold.
	patience time.Duration
}

// lookTime is how long a walk waits in all for what folders hold. Folders that take
// longer are shown without it, until a later walk finds that it has been read.
const lookTime = requestTime / 2

func (w *walk) visit(dir string, depth int) {
	folders, has := w.list(dir)
	if kind := kindOf(has); kind != "" {
		if len(w.entries) == maxEntries {
			w.leftOut++
		} else {
			began := time.Now()
			ctx, cancel := context.WithTimeoutCause(context.Background(), w.patience, errors.New("it is still being read"))
			e, err := w.server.look(ctx, dir, kind, has[reportName])
			cancel()
			if err != nil {
				e.Problem = oneLine(err.Error())
			}
			w.entries = append(w.entries, e)
			w.patience -= time.Since(began)
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

// look makes the entry of a folder, unless its files are as they were. The error is
// the context's; the entry then says what the folder is, and no more.
func (s *Server) look(ctx context.Context, dir, kind string, report bool) (entry, error) {
	e := entry{Dir: dir, Kind: kind, Name: path.Base(dir), Report: report}
	if dir == "." {
		e.Dir, e.Name = "", s.name
	}
	stamp := kind
	for _, name := range []string{journalName, lockName, claimsName, reportName} {
		if info, err := s.root.Stat(path.Join(dir, name)); err == nil {
			stamp += " " + name + info.ModTime().String()
		}
	}
	s.mu.Lock()
	old, ok := s.seen[e.Dir]
	s.mu.Unlock()
	if ok && old.stamp == stamp && (old.entry.State != running || time.Since(old.at) < lookAgain) {
		return old.entry, nil
	}
	read, err := s.looks.do(ctx, dir, func() (entry, error) {
		e := e
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
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen[e.Dir] = seenEntry{stamp, time.Now(), e}
		return e, nil
	})
	if err != nil {
		return e, err
	}
	return read, nil
}

func (s *Server) lookAtSweep(dir string, e *entry) error {
	status, err := s.status(context.Background(), dir) // whoever waits for the look has a context
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
