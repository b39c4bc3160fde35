package experiment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/cpu"
	"modspec/engine/mnist"
	"modspec/engine/results"
)

// someImages are made-up digits, each class a band of ink.
func someImages(count int) mnist.Part {
	p := mnist.Part{Images: &mnist.Images{Count: count, Rows: mnist.Side, Columns: mnist.Side}}
	for i := range count {
		class := i * 7 % mnist.Classes
		p.Labels = append(p.Labels, byte(class))
		band := make([]byte, mnist.Side*mnist.Side)
		for at := range 2 * mnist.Side {
			band[2*class*mnist.Side+at] = byte(100 + i)
		}
		p.Images.Pixels = append(p.Images.Pixels, band...)
	}
	return p
}

// small is an experiment that a test can run a hundred times: two networks whose
// checkpoints have a few kilobytes, one after the other, so that every run makes the
// same changes to its folder in the same order.
func small(t *testing.T, dir string) Options {
	t.Helper()
	backend, err := cpu.New(cpu.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	tower := cmnist.Tower{Writes: cmnist.CompositionalBlock, Layers: []cmnist.Layer{{Convolution: &cmnist.Convolution{Channels: 1, Height: 28, Width: 56}}}}
	return Options{
		Dir: dir, Backend: backend, SaveWeights: true, Resume: true,
		Set: &mnist.Set{Train: someImages(16), Test: someImages(8)},
		Config: Config{
			Digits: 2, R: 10, Runs: 1, Epochs: 3, Batch: 4, LearningRate: 0.01, Momentum: 0.5, InitScale: 0.01, Seed: 7,
			Networks: []cmnist.Network{{Name: "one", Towers: []cmnist.Tower{tower}}, {Name: "two", Towers: []cmnist.Tower{tower}}},
		},
	}
}

// unsynced makes a test's changes to folders not wait for the disk: no test takes the
// power away, and a busy disk takes a hundred times as long as all the rest.
func unsynced(t *testing.T) {
	t.Helper()
	original := disk
	t.Cleanup(func() { disk = original })
	disk.appendLine = func(f *os.File, line []byte) error {
		_, err := f.Write(line)
		return err
	}
	disk.writeFile = func(path string, write func(io.Writer) error) error {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			return err
		}
		temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".89abcdef.tmp")
		return errors.Join(os.WriteFile(temporary, out.Bytes(), 0o666), os.Rename(temporary, path))
	}
}

// files returns a folder's files and what they hold, the lock aside.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "lock" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// put makes a folder hold files, and no others.
func put(t *testing.T, dir string, list map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range list {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// unbroken returns the files of the small experiment, run at once.
func unbroken(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if _, err := Run(context.Background(), small(t, dir)); err != nil {
		t.Fatal(err)
	}
	return files(t, dir)
}

// midway returns the files of the small experiment when it has ended one run and
// trained two epochs of the other.
func midway(t *testing.T) map[string]string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := small(t, t.TempDir())
	o.Progress = func(row results.CMNISTEpoch) {
		if row.Arch == "two" && row.Epoch == 2 {
			cancel()
		}
	}
	if _, err := Run(ctx, o); err == nil {
		t.Fatal("it was not interrupted")
	}
	found := files(t, o.Dir)
	want := []string{"checkpoints/two-0.safetensors", ConfigName, JournalName, "weights/one-0.safetensors"}
	if names := slices.Sorted(maps.Keys(found)); !slices.Equal(names, want) {
		t.Fatalf("midway there are %v, want %v", names, want)
	}
	return found
}

// sameResults wants a folder to hold the files of the unbroken experiment and nothing
// else. Lines of the journal may stand in another order.
func sameResults(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
		t.Errorf("%s: there are %v, want %v", what, a, b)
		return
	}
	for name := range want {
		a, b := got[name], want[name]
		if name == JournalName {
			a, b = sorted(a), sorted(b)
		}
		if a != b {
			t.Errorf("%s: %s differs from an unbroken experiment's", what, name)
		}
	}
}

func sorted(lines string) string {
	list := strings.Split(lines, "\n")
	slices.Sort(list)
	return strings.Join(list, "\n")
}
