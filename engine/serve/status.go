package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"path"
	"time"

	"modspec/engine/regularfile"
	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// A knownStatus is the last known status of a sweep. It is kept because a status
// costs a reading of the journal and of the folder, and each open page asks for it
// every second.
type knownStatus struct {
	stamp  string // sizes and times of the files that change with the status
	at     time.Time
	took   time.Duration
	status Status
	err    error
}

// fresh reports whether the status can be used again. After a change of the files
// it is read again as soon as rest allows. It is also read again without a
// change: neither file changes when a process is killed or a part is removed.
func (k *knownStatus) fresh(stamp string) bool {
	age := time.Since(k.at)
	if k.stamp != stamp {
		return age < rest(k.took)
	}
	return age < max(lookAgain, rest(k.took))
}

// maxJournal bounds a sweep's journal, in bytes: a part is a line of it, of some
// hundred bytes, so this is a million parts.
const maxJournal = 1 << 30

// status tells how far the sweep in a folder, a path below the root, has come.
func (s *Server) status(ctx context.Context, dir string) (Status, error) {
	journal, size, err := regularfile.OpenIn(s.root, path.Join(dir, journalName))
	if err != nil {
		return Status{}, err
	}
	info, err := journal.Stat()
	journal.Close()
	if err != nil {
		return Status{}, err
	}
	if size > maxJournal {
		return Status{}, refuse(http.StatusUnprocessableEntity, "%s has %d bytes, but a journal has at most %d", path.Join(dir, journalName), size, maxJournal)
	}
	stamp := fmt.Sprintln(size, info.ModTime())
	if info, err := s.root.Stat(path.Join(dir, lockName)); err == nil {
		stamp += fmt.Sprintln(info.Size(), info.ModTime())
	}
	full, _, err := s.file(dir)
	if err != nil {
		return Status{}, err
	}
	s.mu.Lock()
	known, ok := s.statuses[dir]
	s.mu.Unlock()
	if ok && known.fresh(stamp) {
		return known.status, known.err
	}
	return s.readings.do(ctx, dir, func() (Status, error) {
		began := time.Now()
		status, err := s.options.Status(full)
		if errors.Is(err, fs.ErrNotExist) { // the first process has not written its first line yet
			err = noFolder(dir)
		} else if err != nil {
			err = refuse(http.StatusUnprocessableEntity, "%v", err)
		}
		if status.Problems == nil {
			status.Problems = []string{}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.statuses) > 2*maxEntries {
			clear(s.statuses)
		}
		s.statuses[dir] = knownStatus{stamp, time.Now(), time.Since(began), status, err}
		return status, err
	})
}

// statusWithRate returns a sweep's status with what follows from its parts.
func (s *Server) statusWithRate(ctx context.Context, dir string, v *columns.View) (Status, error) {
	status, err := s.status(ctx, dirOrRoot(dir))
	if err != nil {
		return status, err
	}
	status.Rate = Rate{results.Number(math.NaN()), results.Number(math.NaN())}
	status.SecondsLeft = results.Number(math.NaN())
	if status.Done == 0 || len(status.Processes) == 0 {
		return status, nil
	}
	rate := 0.0
	if status.State == running {
		rate = rateNow(v, status.Processes[len(status.Processes)-1].Started)
	} else {
		seconds := 0.0
		for _, p := range status.Processes {
			seconds += float64(p.Seconds) // NaN for a process that did not record its end
		}
		rate = float64(status.Done) / seconds
	}
	if !(rate > 0) || math.IsInf(rate, 0) {
		return status, nil
	}
	status.Rate.Copies = results.Number(rate)
	status.Rate.NetworkSteps = results.Number(rate * float64(status.NetworkSteps) / float64(status.Done))
	if status.State == running {
		status.SecondsLeft = results.Number(float64(max(0, status.Target-status.Done)) / rate)
	}
	return status, nil
}

// rateNow returns the copies a second of the process that began at a time: those
// of the parts that are there since then, by the last of them. It is NaN before
// the first.
func rateNow(v *columns.View, began time.Time) float64 {
	rows, last := 0, began
	for part := range v.Parts() {
		if at := v.PartModified(part); at.After(began) {
			rows += v.PartRows(part)
			if at.After(last) {
				last = at
			}
		}
	}
	if rows == 0 {
		return math.NaN()
	}
	return float64(rows) / last.Sub(began).Seconds()
}
