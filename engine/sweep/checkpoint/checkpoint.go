// Package checkpoint keeps runs of a sweep that are in training in files of its folder, from
// which the next process goes on.
//
// A run that is trained as a program for longer than runner.Options.CheckpointTime is kept
// in a file of checkpoints, again and again, and so is every run in training when the
// context ends. The next process goes on there, to the same bits. A file is written as
// a part is, with a checksum, and names the sweep, version, backend, precision and
// arithmetic. A file that is damaged, or differs in one of these, is reported and ignored: its runs
// begin at step 0. Results do not depend on these files, so they may be deleted. A file goes
// when the last of its runs is in a part, or in a newer file. Networks that a backend
// trains in a fused form begin at step 0 again.
package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"modspec/engine/program"
	"modspec/engine/results"
	"modspec/engine/safetensors"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

const (
	folderName = "checkpoints"
	form       = "modspec checkpoint 1"
	// fileBytes is small beside memory, and large beside what a file takes without numbers.
	fileBytes = 64 << 20
	// maxBytes bounds the numbers of a file that is read. A run that has more is
	// not kept.
	maxBytes = 1 << 30
)

// The texts of a file of checkpoints, beside those of its process's identity.
const (
	stepKey      = "step"
	copiesKey    = "copies"    // JSON: the id of each copy by its number
	variablesKey = "variables" // JSON: the names, in order
)

// Files are the files of a folder that hold runs in training. A file is safetensors
// with checksum and identity; it holds runs that stood after the same step. A run is in
// the file in which it was kept last, and a file is removed when no run is in it.
type Files struct {
	folder   *store.Folder
	bytes    int         // of numbers, after which the next run goes into another file
	identity [][2]string // texts of this process, which a file must have for its runs to go on here

	mu   sync.Mutex
	last int            // number of the last file
	of   map[int]string // the file that a copy is in
	left map[string]int // copies that are in a file
	full bool           // whether a file could not be written
}

// A Run is a checkpoint of a copy.
type Run struct {
	Number int
	ID     space.ID
	*train.Checkpoint
}

// New returns the files of a folder, for a process of that provenance.
func New(f *store.Folder, sweep *store.Sweep, p *results.Provenance) *Files {
	return &Files{folder: f, bytes: fileBytes, of: map[int]string{}, left: map[string]int{}, identity: [][2]string{
		{"form", form}, {"sweep", sweep.Fingerprint}, {"version", strings.Join([]string{p.Version, p.Commit, p.Tree}, " ")},
		{"backend", sweep.Backend}, {"precision", sweep.Precision}, {"arithmetic", p.ArithmeticName()},
	}}
}

func (c *Files) path(name string) string {
	return filepath.Join(c.folder.Dir(), folderName, name)
}

func fileName(number int) string { return fmt.Sprintf("checkpoint-%06d.safetensors", number) }

// fileNumber is the inverse of fileName.
func fileNumber(name string) (number int, ok bool) {
	digits := strings.TrimSuffix(strings.TrimPrefix(name, "checkpoint-"), ".safetensors")
	number, err := strconv.Atoi(digits)
	return number, err == nil && fileName(number) == name
}

// Load returns the last checkpoint of each copy that is not done and wanted, and reports
// files that cannot be used. Files of copies that are all done are removed.
func (c *Files) Load(wanted func(number int) bool) map[int]Run {
	entries, err := os.ReadDir(c.path(""))
	if err != nil || c.folder.Alone() != nil { // most often there are none
		return nil
	}
	results.RemoveTemporaries(c.path(""))
	runs := map[int]Run{}
	for _, e := range entries {
		number, ok := fileNumber(e.Name())
		if !ok {
			continue
		}
		c.last = max(c.last, number)
		list, err := c.read(e.Name())
		if err != nil {
			c.folder.Notice(fmt.Sprintf("%s is ignored, and its runs begin at step 0: %v", filepath.Join(folderName, e.Name()), err))
			continue
		}
		for _, r := range list {
			if c.folder.Has(r.Number) || r.Step < runs[r.Number].step() {
				continue
			}
			c.enter(r.Number, e.Name())
			if wanted(r.Number) {
				runs[r.Number] = r
			}
		}
		if c.left[e.Name()] == 0 {
			os.Remove(c.path(e.Name()))
		}
	}
	return runs
}

// step returns the step of a checkpoint, −1 for none.
func (r Run) step() int {
	if r.Checkpoint == nil {
		return -1
	}
	return r.Step
}

// enter says that a copy is in a file from now on, if it has a name. The file in which
// the copy was is removed if no copy is left in it.
func (c *Files) enter(number int, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, was := c.of[number]
	if was {
		c.left[old]--
	}
	delete(c.of, number)
	if name != "" {
		c.of[number] = name
		c.left[name]++
	}
	if was && c.left[old] == 0 {
		delete(c.left, old)
		os.Remove(c.path(old)) // where it stays it is read and removed by the next process
	}
}

// Drop says that a copy is done.
func (c *Files) Drop(number int) { c.enter(number, "") }

// Close removes what is no longer needed: all files if every copy of the sweep is
// done, and the folder if it is empty.
func (c *Files) Close() {
	if c.folder.Finished(space.Shard{}) && c.folder.Alone() == nil {
		entries, _ := os.ReadDir(c.path(""))
		for _, e := range entries {
			if _, ok := fileNumber(e.Name()); ok {
				os.Remove(c.path(e.Name()))
			}
		}
	}
	os.Remove(c.path("")) // fails where something is in it, or it is not there
}

// Keep writes checkpoints of one step, of runs of a training. What cannot be written is
// reported once and is no error, since the training does not depend on it; that another
// process works in the folder is an error.
func (c *Files) Keep(t *program.Training, runs []Run) error {
	if err := c.folder.Alone(); err != nil {
		return err
	}
	for len(runs) > 0 {
		n, bytes := 0, 0
		for n < len(runs) && bytes < c.bytes {
			size := runs[n].bytes()
			if bytes += size; bytes > maxBytes && n > 0 {
				break
			}
			n++
		}
		if n > 1 || bytes <= maxBytes {
			if err := c.write(t, runs[:n]); err != nil {
				if !c.full {
					c.folder.Notice(fmt.Sprintf("checkpoints cannot be kept: %v; the training goes on without them", err))
				}
				c.full = true
				return nil
			}
		}
		runs = runs[n:]
	}
	return nil
}

func (r *Run) bytes() (n int) {
	for _, list := range [][][]float64{r.Variables, r.Observed} {
		for _, v := range list {
			n += 8 * len(v)
		}
	}
	return n
}

// write writes a file.
func (c *Files) write(t *program.Training, runs []Run) error {
	f := safetensors.File{Double: true, Tensors: map[string]safetensors.Tensor{}, Metadata: map[string]string{stepKey: strconv.Itoa(runs[0].Step)}}
	for _, text := range c.identity {
		f.Metadata[text[0]] = text[1]
	}
	names := make([]string, len(t.Variables))
	for v := range names {
		names[v] = t.Variables[v].Name
	}
	copies := map[int]string{}
	for _, r := range runs {
		copies[r.Number] = r.ID.String()
		for v, info := range t.Variables {
			f.Tensors[fmt.Sprintf("%d/%s", r.Number, info.Name)] = safetensors.Tensor{Shape: info.Shape, Data: r.Variables[v]}
		}
		if rows := len(r.Observed); rows > 0 {
			f.Tensors[strconv.Itoa(r.Number)] = safetensors.Tensor{Shape: []int{rows, len(r.Observed[0])}, Data: slices.Concat(r.Observed...)}
		}
	}
	for key, value := range map[string]any{copiesKey: copies, variablesKey: names} {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		f.Metadata[key] = string(text)
	}
	if err := os.MkdirAll(c.path(""), 0o777); err != nil {
		return err
	}
	for {
		c.last++
		name := fileName(c.last)
		err := results.CreateFile(c.path(name), func(w io.Writer) error { return safetensors.Write(w, f) })
		if errors.Is(err, fs.ErrExist) {
			continue // what is no file of ours
		}
		if err != nil {
			return err
		}
		for _, r := range runs {
			c.enter(r.Number, name)
		}
		return nil
	}
}

// read reads a file, or says why a process such as this one cannot begin at it.
func (c *Files) read(name string) ([]Run, error) {
	f, err := safetensors.Read(c.path(name), maxBytes)
	if err != nil {
		return nil, err
	}
	for _, text := range c.identity {
		if got := f.Metadata[text[0]]; got != text[1] {
			return nil, fmt.Errorf("its %s is %q, but here it is %q", text[0], got, text[1])
		}
	}
	var variables []string
	copies := map[int]string{}
	step, err := strconv.Atoi(f.Metadata[stepKey])
	for key, to := range map[string]any{copiesKey: &copies, variablesKey: &variables} {
		err = errors.Join(err, json.Unmarshal([]byte(f.Metadata[key]), to))
	}
	if err != nil {
		return nil, fmt.Errorf("its texts are not those of a checkpoint: %w", err)
	}
	var runs []Run
	for number, text := range copies {
		id, err := space.ParseID(text)
		if err != nil {
			return nil, err
		}
		r := Run{number, id, &train.Checkpoint{Checkpoint: program.Checkpoint{Step: step}}}
		for _, v := range variables {
			r.Variables = append(r.Variables, f.Tensors[fmt.Sprintf("%d/%s", number, v)].Data)
		}
		if x := f.Tensors[strconv.Itoa(number)]; len(x.Data) > 0 {
			r.Observed = slices.Collect(slices.Chunk(x.Data, x.Shape[1]))
		}
		runs = append(runs, r)
	}
	return runs, nil
}
