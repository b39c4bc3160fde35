package serve

import (
	"context"
	"io/fs"
	"net/http"
	"path"
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
	maxNames   = 50_000 // names of files and folders that are read
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

// rest is the shortest time between two readings of the same files, of which the
// first took so long. It bounds the load on a slow file system. It has a bound of
// its own: a reading that had to wait for a file system says little about the next.
func rest(took time.Duration) time.Duration { return min(20*took, time.Minute) }

// entries returns what the folder holds. The result is at most one poll old, or
// as old as the rest after a walk. If a walk does not end in time, because
// the file system does not answer, the result is that of the walk before.
func (s *Server) entries(ctx context.Context) (scanned, error) {
	s.mu.Lock()
	known, patience := s.folder, s.patience
	s.mu.Unlock()
	if time.Since(known.at) < max(s.options.Poll, rest(known.took)) {
		return known, nil
	}
	wait := ctx
	if !known.at.IsZero() {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, patience*3/2) // the readings may take patience, and the directories half of it
		defer cancel()
	}
	found, err := s.walks.do(wait, "", s.walk)
	if wait.Err() != nil && ctx.Err() == nil {
		return known, nil
	}
	return found, err
}

// entry returns the entry of a folder that has something to show of a kind: a
// kind of entry, or reportKind for any that has a report. It reads that folder only,
// and returns what a walk would.
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
			return entry{}, noFolder(dir) // a sweep's own folders are not shown
		}
	}
	has := s.has(at)
	if own := kindOf(has); own == "" || own != kind && (kind != reportKind || !has[reportName]) {
		return entry{}, noFolder(dir)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	read, err := s.looks.do(ctx, at, func() (seenEntry, error) { return s.look(at, kindOf(has), has[reportName]), nil })
	return read.entry, err
}

// has returns which of the files of results a folder has.
func (s *Server) has(dir string) map[string]bool {
	has := map[string]bool{}
	for _, name := range []string{journalName, claimsName, reportName, runsName} {
		info, err := s.root.Lstat(path.Join(dir, name))
		has[name] = err == nil && (name != runsName || info.IsDir())
	}
	return has
}

func kindOf(has map[string]bool) string {
	switch {
	case has[journalName] && has[runsName]: // experiments of earlier versions on images have a journal, and no runs
		return sweepKind
	case has[claimsName]:
		return reproductionKind
	case has[reportName]:
		return reportKind
	}
	return ""
}

func (s *Server) lookAtSweep(dir string, e *entry) error {
	status, err := s.status(context.Background(), dir) // each request that waits for this reading has its own context
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
