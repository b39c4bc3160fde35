package serve

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A walk looks for folders of results. Links to folders are not followed.
type walk struct {
	server  *Server
	found   []foundFolder
	leftOut int
	names   int // names that may still be read
}

// A foundFolder is a folder that has something to show.
type foundFolder struct {
	dir, kind string
	report    bool
}

// lookTime is how long a walk waits for what the folders hold that it found.
const lookTime = requestTime / 2

// maxLooks is how many folders walks read at once: a reading can take the memory of
// a whole journal.
const maxLooks = 4

// walk finds what the folder holds.
func (s *Server) walk() (scanned, error) {
	began := time.Now()
	w := walk{server: s, names: maxNames}
	w.visit(".", 0)
	slices.SortFunc(w.found, func(a, b foundFolder) int { return strings.Compare(a.dir, b.dir) })
	// The time of the readings is not counted: a file is read again only after it has
	// changed, and knownStatus limits how often a journal is read.
	took := time.Since(began)
	entries, stamps := w.look()
	alive := map[string]bool{}
	for _, e := range entries {
		alive[e.Dir] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder = scanned{time.Now(), took + stamps, entries, w.leftOut}
	for dir := range s.seen {
		if !alive[dir] {
			delete(s.seen, dir)
		}
	}
	return s.folder, nil
}

func (w *walk) visit(dir string, depth int) {
	folders, has := w.list(dir)
	if kind := kindOf(has); kind != "" {
		if len(w.found) == maxEntries {
			w.leftOut++
		} else {
			w.found = append(w.found, foundFolder{dir, kind, has[reportName]})
		}
		if kind == sweepKind {
			return // a sweep's own folders are not shown
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
		return nil, has // it was removed, or may not be read
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

// look returns the entries of the folders that were found, in their order, and the
// time that it took to find out which files have changed. It reads at most maxLooks
// folders at once. A reading that does not end in time goes on and counts as one of
// the maxLooks in later walks, which do not wait for it. The entry of a folder that
// was not read in time is the last one that is known.
func (w *walk) look() (entries []entry, stamps time.Duration) {
	s := w.server
	entries = make([]entry, len(w.found))
	queue := make(chan int, len(w.found)) // places in w.found
	s.mu.Lock()
	for i, f := range w.found {
		entries[i] = s.newEntry(f.dir, f.kind, f.report)
		if seen, ok := s.seen[entries[i].Dir]; ok && seen.entry.Kind == f.kind {
			entries[i] = seen.entry
		} else {
			entries[i].Problem = "it is still being read"
		}
		if !s.late[f.dir] {
			queue <- i
		}
	}
	places := maxLooks - len(s.late)
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	s.mu.Unlock()
	defer cancel()
	close(queue)
	var group sync.WaitGroup
	var mu sync.Mutex // guards stamps
	for range places {
		group.Go(func() {
			for i := range queue {
				if ctx.Err() != nil {
					return
				}
				f := w.found[i]
				reading := s.looks.begin(f.dir, func() (seenEntry, error) { return s.look(f.dir, f.kind, f.report), nil })
				read, err := reading.wait(ctx)
				if ctx.Err() != nil {
					s.keepPlace(f.dir, reading)
				}
				if err != nil {
					if ctx.Err() == nil {
						entries[i].Problem = oneLine(err.Error())
					}
					continue
				}
				entries[i] = read.entry
				mu.Lock()
				stamps += read.stamping
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return entries, stamps
}

// keepPlace counts a reading among the late ones until it ends.
func (s *Server) keepPlace(dir string, reading *flight[seenEntry]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late[dir] = true
	go func() {
		<-reading.done
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.late, dir)
	}()
}

// A seenEntry is an entry and the state of the files that it was made from.
type seenEntry struct {
	stamp    string
	stamping time.Duration // time that it took to find the stamp
	at       time.Time
	entry    entry
}

// lookAgain is how long a running sweep's entry is valid while its files do not
// change: no file changes when its process is killed.
const lookAgain = 2 * time.Second

// newEntry is the entry of a folder of which nothing has been read.
func (s *Server) newEntry(dir, kind string, report bool) entry {
	if dir == "." {
		return entry{Kind: kind, Name: s.name, Report: report}
	}
	return entry{Dir: dir, Kind: kind, Name: path.Base(dir), Report: report}
}

// look makes the entry of a folder, unless its files are as they were.
func (s *Server) look(dir, kind string, report bool) seenEntry {
	e := s.newEntry(dir, kind, report)
	began := time.Now()
	stamp := kind
	for _, name := range []string{journalName, lockName, claimsName, reportName} {
		if info, err := s.root.Stat(path.Join(dir, name)); err == nil {
			stamp += " " + name + info.ModTime().String()
		}
	}
	stamping := time.Since(began)
	s.mu.Lock()
	old, ok := s.seen[e.Dir]
	s.mu.Unlock()
	if ok && old.stamp == stamp && (old.entry.State != running || time.Since(old.at) < lookAgain) {
		old.stamping = stamping
		return old
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
	seen := seenEntry{stamp, stamping, time.Now(), e}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[e.Dir] = seen
	return seen
}
