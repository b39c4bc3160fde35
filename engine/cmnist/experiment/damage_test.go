package experiment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/jsonline"
	"modspec/engine/results"
)

// goOn runs the small experiment in a folder of these files. It returns what the
// folder holds then, what was noticed, and the error, which is a MismatchError of one
// line or none.
func goOn(t *testing.T, what string, list map[string]string) (map[string]string, []string, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x")
	put(t, dir, list)
	o := small(t, dir)
	var notices []string
	o.Notice = func(text string) { notices = append(notices, text) }
	_, err := Run(context.Background(), o)
	var mismatch *MismatchError
	if err != nil && (!errors.As(err, &mismatch) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), dir)) {
		t.Errorf("%s: the error is %v, want one line that says what is wrong with a file", what, err)
	}
	return files(t, dir), notices, err
}

// damage returns ways in which a file can be damaged: bits flipped, blocks of zeros,
// the end cut off.
func damage(random *rand.Rand, text string) map[string]string {
	ways := map[string]string{}
	for range 6 {
		at, bit := random.IntN(len(text)), random.IntN(8)
		flipped := []byte(text)
		flipped[at] ^= 1 << bit
		ways[fmt.Sprintf("bit %d of byte %d flipped", bit, at)] = string(flipped)
	}
	at := random.IntN(len(text))
	end := min(at+16, len(text))
	if zeroed := text[:at] + strings.Repeat("\x00", end-at) + text[end:]; zeroed != text {
		ways[fmt.Sprintf("bytes %d to %d zero", at, end)] = zeroed
	}
	ways[fmt.Sprintf("cut after %d bytes", at)] = text[:at]
	return ways
}

// Damaged in any file, an experiment under way or finished goes on to the numbers of
// an unbroken one and says what it trains again, or is refused. A flipped bit in the
// journal or a checkpoint once gave other numbers without a word.
func TestDamageIsMendedOrRefused(t *testing.T) {
	unsynced(t)
	want, random := unbroken(t), rand.New(rand.NewPCG(3, 4))
	for state, list := range map[string]map[string]string{"midway": midway(t), "finished": want} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			for way, text := range damage(random, list[name]) {
				what := fmt.Sprintf("%s, %s: %s", state, name, way)
				damaged := maps.Clone(list)
				damaged[name] = text
				got, notices, err := goOn(t, what, damaged)
				switch {
				case name == ConfigName:
					if err == nil {
						t.Errorf("%s: it was believed", what)
					}
					if !maps.Equal(got, damaged) {
						t.Errorf("%s: the folder was changed", what)
					}
					continue
				case err != nil:
					t.Errorf("%s: %v", what, err)
					continue
				}
				sameResults(t, what, got, want)
				// A journal cut short says nothing wrong, and the table is never read.
				if silent := name == TableName || name == JournalName && strings.HasPrefix(list[name], text); !silent && len(notices) == 0 {
					// A journal's last newline may have been hit, which is as if it were cut short.
					if name != JournalName || strings.HasSuffix(text, "\n") {
						t.Errorf("%s: it was mended without a word", what)
					}
				}
			}
		}
	}
}

// Files lost or exchanged for others: rows are never missing and never another
// experiment's.
func TestLostAndForeignFiles(t *testing.T) {
	unsynced(t)
	want, midway := unbroken(t), midway(t)
	other := small(t, t.TempDir())
	other.Config.Seed = 8
	if _, err := Run(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	foreign := files(t, other.Dir)
	lines := strings.SplitAfter(midway[JournalName], "\n")
	const checkpoint, weights = "checkpoints/two-0.safetensors", "weights/one-0.safetensors"
	for _, c := range []struct {
		what   string
		change map[string]string // "": removed
		says   string            // the refusal, or what is told; "": nothing
		fails  bool
	}{
		{"no configuration", map[string]string{ConfigName: ""}, "holds journal.jsonl, but no config.json", true},
		{"only weights left", map[string]string{ConfigName: "", JournalName: "", checkpoint: ""}, "holds weights/one-0.safetensors, but no config.json", true},
		{"another configuration", map[string]string{ConfigName: foreign[ConfigName]}, `it has "seed": 8 where "seed": 7`, true},
		{"a configuration without checksum", map[string]string{ConfigName: strings.Split(midway[ConfigName], ",\n  \"sha256\"")[0] + "\n}\n"}, "was written by an older version of modspec", true},
		{"a configuration without checksum, changed", map[string]string{ConfigName: strings.Split(midway[ConfigName], ",\n  \"sha256\"")[0] + "\n}\n\n"}, "is not as it was written", true},
		{"a configuration with a line more", map[string]string{ConfigName: midway[ConfigName] + "\n"}, "is not as it was written", true},
		{"another's journal", map[string]string{JournalName: foreign[JournalName]}, "has no line that belongs to the experiment", true},
		{"no journal, a checkpoint of epoch 2", map[string]string{JournalName: ""}, "holds checkpoints/two-0.safetensors, but no journal.jsonl; everything is trained again\n", false},
		{"a journal without the line of the checkpoint's epoch, which is measured again", map[string]string{JournalName: strings.Join(lines[:6], "")}, "", false},
		{"a journal that ends before the checkpoint", map[string]string{JournalName: strings.Join(lines[:5], "")}, "it is of epoch 2, but the journal has no line of epoch 1", false},
		{"a journal with a gap", map[string]string{JournalName: strings.Join(lines[:5], "") + lines[6]}, "it is of epoch 2, but the journal has no line of epoch 1", false},
		{"a journal with a gap in the finished run", map[string]string{JournalName: strings.Join(lines[:1], "") + strings.Join(lines[2:], "")}, "", false},
		{"lines twice", map[string]string{JournalName: midway[JournalName] + midway[JournalName]}, "", false},
		{"no checkpoint", map[string]string{checkpoint: ""}, "", false},
		{"another experiment's checkpoint", map[string]string{checkpoint: foreign["weights/two-0.safetensors"]}, "it is of another experiment or run", false},
		{"another run's checkpoint", map[string]string{checkpoint: midway[weights]}, "it is of another experiment or run", false},
		{"no weights", map[string]string{weights: ""}, "", false},
		{"another experiment's weights", map[string]string{weights: foreign[weights]}, "it is of another experiment or run", false},
	} {
		list := maps.Clone(midway)
		for name, text := range c.change {
			if list[name] = text; text == "" {
				delete(list, name)
			}
		}
		got, notices, err := goOn(t, c.what, list)
		if c.fails {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: the error is %v, want one with %q", c.what, err, c.says)
			}
			if !maps.Equal(got, list) {
				t.Errorf("%s: the folder was changed", c.what)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if told := strings.Join(notices, "\n"); !strings.Contains(told, c.says) || c.says == "" && told != "" {
			t.Errorf("%s: told %q, want %q", c.what, told, c.says)
		}
		if c.what == "lines twice" {
			got[JournalName] = strings.Replace(got[JournalName], midway[JournalName], "", 1)
		}
		sameResults(t, c.what, got, want)
	}
}

// Sparse files of any size were read into memory, which ended the process.
func TestLargeFilesAreNotRead(t *testing.T) {
	unsynced(t)
	want, midway := unbroken(t), midway(t)
	for name, says := range map[string]string{
		ConfigName:                      "has 214748364800 bytes, but may have at most 67108864",
		JournalName:                     "has 214748364800 bytes, but may have at most 65536",
		"checkpoints/two-0.safetensors": "bytes of numbers, but may have at most", // the run begins anew
	} {
		dir := t.TempDir()
		put(t, dir, midway)
		if err := os.Truncate(filepath.Join(dir, name), 200<<30); err != nil {
			t.Skip("no sparse files: ", err)
		}
		o := small(t, dir)
		var notices []string
		o.Notice = func(text string) { notices = append(notices, text) }
		_, err := Run(context.Background(), o)
		if !strings.HasPrefix(name, checkpointsDir) {
			var mismatch *MismatchError
			if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%s: the error is %v, want one with %q", name, err, says)
			}
			continue
		}
		if err != nil || len(notices) != 1 || !strings.Contains(notices[0], says) {
			t.Errorf("%s: told %q, %v; want %q", name, notices, err, says)
			continue
		}
		sameResults(t, name, files(t, dir), want)
	}
}

// Every journal that an experiment can write may be read back.
func TestLongestLine(t *testing.T) {
	v := results.Number(-math.MaxFloat64)
	m := results.CMNISTMeasure{Compositional: v, NonCompositional: v, Digit: [4]results.Number{v, v, v, v}, AllDigits: v, Number: v}
	row := results.CMNISTEpoch{
		Arch: strings.Repeat("<", 255), RunIndex: math.MaxInt, Seed: math.MaxUint64, Epoch: math.MaxInt,
		Train: m, Test: m, Unseen: m, Recombined: m, Company: v, Style: v, Systematicity: v,
	}
	line, err := jsonline.Encode(row, nil)
	if err != nil {
		t.Fatal(err)
	}
	if most := maxJournal(1, 0); int64(len(line)) > most/2 {
		t.Errorf("a line may have %d bytes, but %d are read of a journal of one", len(line), most)
	}
	for _, c := range [][2]int{{1, math.MaxInt}, {maxRuns, 300}, {3, 5}} {
		if most := maxJournal(c[0], c[1]); most < 1 || most > 5<<30 || most < int64(min(3*6, c[1]))*4096 {
			t.Errorf("%d runs of %d epochs: %d bytes", c[0], c[1], most)
		}
	}
}

// Weights are of the last epoch: a checkpoint of the run in their place is none.
func TestACheckpointIsNoWeights(t *testing.T) {
	unsynced(t)
	list, want := midway(t), unbroken(t)
	list["weights/two-0.safetensors"], list[JournalName] = list["checkpoints/two-0.safetensors"], want[JournalName]
	delete(list, "checkpoints/two-0.safetensors")
	got, notices, err := goOn(t, "a checkpoint in place of weights", list)
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "it is of epoch 2, but must be of 3") {
		t.Errorf("told %q, %v", notices, err)
	}
	sameResults(t, "a checkpoint in place of weights", got, want)
}

// What is refused leaves no trace: a folder of weights would say that they are wanted.
func TestARefusedFolderIsLeftAlone(t *testing.T) {
	unsynced(t)
	o := small(t, t.TempDir())
	o.SaveWeights = false
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	refused := small(t, o.Dir)
	refused.Resume = false
	if _, err := Run(context.Background(), refused); err == nil {
		t.Error("it was begun once more")
	}
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(o.Dir); err != nil || len(entries) != 4 { // the lock, and three of the package comment
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	// Asked for in time, weights of runs that have ended are trained once more.
	if _, err := Run(context.Background(), small(t, o.Dir)); err != nil {
		t.Fatal(err)
	}
	sameResults(t, "weights asked for later", files(t, o.Dir), unbroken(t))
}

// A folder of weights that was made for an experiment that did not begin said later
// that weights were wanted, and everything was trained again.
func TestAFolderOfWeightsFromBeforeTheBeginning(t *testing.T) {
	unsynced(t)
	original := disk
	dir := t.TempDir()
	killAt(t, 2, false) // its folder and that of weights are made, the configuration is not written
	if _, err := Run(context.Background(), small(t, dir)); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	disk = original
	if _, err := os.Stat(filepath.Join(dir, weightsDir)); err != nil {
		t.Fatal(err)
	}
	o := small(t, dir)
	o.SaveWeights = false
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	o.Progress = func(row results.CMNISTEpoch) { t.Errorf("epoch %d of %s was trained again", row.Epoch, row.Arch) }
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	// With somebody's file in it the folder cannot go.
	o.Dir = t.TempDir()
	put(t, o.Dir, map[string]string{"weights/notes.txt": "mine"})
	if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "without weights there can be no such folder") {
		t.Errorf("weights of somebody else: %v", err)
	}
}

// forgetful is a backend that does not report an epoch.
type forgetful struct{ cmnist.Backend }

func (f forgetful) Train(ctx context.Context, job *cmnist.Job, recorder cmnist.Recorder) error {
	return f.Backend.Train(ctx, job, forgetfulRecorder{recorder})
}

type forgetfulRecorder struct{ cmnist.Recorder }

func (f forgetfulRecorder) Epoch(run int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
	if run == 1 && o.Epoch == 2 {
		return nil
	}
	return f.Recorder.Epoch(run, o, save)
}

// A table that would lack a row is not written, and success is not claimed.
func TestATableWithoutEveryRowIsNotWritten(t *testing.T) {
	unsynced(t)
	o := small(t, t.TempDir())
	o.Backend = forgetful{o.Backend}
	if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "run 0 of two ended, but nothing was measured of its epoch 2") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, TableName)); err == nil {
		t.Error("the table was written")
	}
	if _, err := Run(context.Background(), small(t, o.Dir)); err != nil {
		t.Fatal(err)
	}
	sameResults(t, "after a forgetful backend", files(t, o.Dir), unbroken(t))
}

// A run that diverges has every row up to there, and no weights; going on changes
// nothing.
func TestDivergedRunsAreComplete(t *testing.T) {
	unsynced(t)
	o := small(t, t.TempDir())
	o.Config.LearningRate = 1e30
	rows, err := Run(context.Background(), o)
	if err != nil || len(rows) != 4 || rows[1].Diverged != 1 || rows[3].Diverged != 1 {
		t.Fatalf("rows %+v, %v", rows, err)
	}
	want := files(t, o.Dir)
	if names := slices.Sorted(maps.Keys(want)); !slices.Equal(names, []string{ConfigName, TableName, JournalName}) {
		t.Errorf("it left %v", names)
	}
	o.Progress = func(row results.CMNISTEpoch) { t.Errorf("epoch %d of %s was trained again", row.Epoch, row.Arch) }
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if got := files(t, o.Dir); !maps.Equal(got, want) {
		t.Error("going on changed the folder")
	}
}
