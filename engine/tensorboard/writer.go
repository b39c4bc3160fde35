package tensorboard

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Scalar is a number with the name of its curve. Names with the same text before
// their first slash are shown together.
type Scalar struct {
	Tag   string
	Value float64
}

// A Writer writes the event file of one run. The first error stays, and Close
// returns it.
type Writer struct {
	file    *os.File
	to      *bufio.Writer
	started time.Time
	err     error
}

// Open makes a new event file in the folder of a run, which is made if it is not
// there. What the folder holds already stays: TensorBoard shows all event files of
// a folder as one run.
func Open(run string) (*Writer, error) {
	if err := os.MkdirAll(run, 0o777); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	now := time.Now()
	// TensorBoard takes every file with "tfevents" in its name, and reads those of a
	// folder in the order of names: by time.
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%09d.%08x", now.Unix(), host, now.Nanosecond(), rand.Uint32())
	file, err := os.OpenFile(filepath.Join(run, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file, to: bufio.NewWriter(file), started: now}
	w.write(versionEvent(now))
	return w, nil
}

// Holds reports whether the folder of a run has event files.
func Holds(run string) (bool, error) {
	entries, err := os.ReadDir(run)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.Contains(e.Name(), "tfevents") }), err
}

// Start says that the run begins or goes on here, at a step. It comes before all
// else in each event file of a run that may be continued: TensorBoard takes the first
// for the begin of the run, and at every other drops what earlier event files hold of
// that step and of later ones, which are written again.
func (w *Writer) Start(step int) { w.write(startEvent(w.started, int64(step))) }

// Scalars writes numbers of a step. Those that are not finite are left out: there is
// no point to draw.
func (w *Writer) Scalars(step int, list ...Scalar) {
	var summary []byte
	for _, s := range list {
		if v := float32(s.Value); !math.IsNaN(s.Value) && !math.IsInf(float64(v), 0) {
			summary = appendNumber(summary, s.Tag, v)
		}
	}
	if summary != nil {
		w.write(appendBytes(newEvent(time.Now(), int64(step)), eventSummary, summary))
	}
}

// Text writes a text, in Markdown.
func (w *Writer) Text(tag, text string) {
	w.write(appendBytes(newEvent(w.started, 0), eventSummary, appendText(nil, tag, text)))
}

func (w *Writer) write(event []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(appendRecord(nil, event))
	}
}

// Flush hands what was written to the file, where TensorBoard sees it.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.to.Flush()
	}
	return w.err
}

// Close ends the file.
func (w *Writer) Close() error {
	return errors.Join(w.Flush(), w.file.Close())
}
