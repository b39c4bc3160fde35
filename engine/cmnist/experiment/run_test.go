package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/cpu"
	"modspec/engine/cmnist/experiment"
	"modspec/engine/mnist"
	"modspec/engine/results"
	"modspec/engine/safetensors"
)

// digits are a made-up set whose classes can be told by where the ink is.
func digits(count int) mnist.Part {
	p := mnist.Part{Images: &mnist.Images{Count: count, Rows: mnist.Side, Columns: mnist.Side}}
	for i := range count {
		class := (i*7 + i/10) % mnist.Classes
		p.Labels = append(p.Labels, byte(class))
		for at := range mnist.Side * mnist.Side {
			ink := 0
			if at/mnist.Side/3 == class {
				ink = 150 + i%100
			}
			p.Images.Pixels = append(p.Images.Pixels, byte(ink))
		}
	}
	return p
}

func options(t *testing.T, dir string) experiment.Options {
	t.Helper()
	backend, err := cpu.New(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	relu := cmnist.ReLU
	return experiment.Options{
		Dir: dir, Backend: backend, Set: &mnist.Set{Train: digits(40), Test: digits(20)},
		Config: experiment.Config{
			Digits: 2, R: 10, Runs: 2, Epochs: 3, Batch: 4, LearningRate: 0.001, Momentum: 0.5, InitScale: 0.01, Seed: 7, Probe: 2,
			Networks: []cmnist.Network{
				{Name: "one", Towers: []cmnist.Tower{{Writes: cmnist.BothBlocks, Layers: []cmnist.Layer{{Convolution: &cmnist.Convolution{Channels: 3, Height: 20, Width: 40}}, relu}}}},
				{Name: "linear", Towers: []cmnist.Tower{{Writes: cmnist.CompositionalBlock}}},
			},
		},
	}
}

func rowsOf(t *testing.T, dir string) []results.CMNISTEpoch {
	t.Helper()
	var rows []results.CMNISTEpoch
	for row, err := range results.As[results.CMNISTEpoch](results.Read(filepath.Join(dir, experiment.TableName), results.CMNISTEpochs.Name)) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, *row)
	}
	return rows
}

// text makes rows comparable: NaN is not equal to itself.
func text(rows []results.CMNISTEpoch) string {
	return fmt.Sprintf("%+v", rows)
}

func TestTheTableHoldsEveryEpochOfEveryRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	o := options(t, dir)
	o.SaveWeights = true
	told := 0
	o.Progress = func(results.CMNISTEpoch) { told++ }
	if _, err := experiment.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, dir)
	if len(rows) != 2*2*4 || told != len(rows) {
		t.Fatalf("there are %d rows, and %d were told, want 16", len(rows), told)
	}
	for i, row := range rows {
		if row.Arch != []string{"one", "linear"}[i/8] || row.RunIndex != i/4%2 || row.Epoch != i%4 || row.Seed != 7+uint64(i/4%2) {
			t.Errorf("row %d is %s, run %d, seed %d, epoch %d", i, row.Arch, row.RunIndex, row.Seed, row.Epoch)
		}
		if probed := row.Company == row.Company; probed != (row.Epoch != 1) {
			t.Errorf("epoch %d: probed %v, but it is to be every second epoch and the last", row.Epoch, probed)
		}
	}
	weights, err := safetensors.Read(filepath.Join(dir, "weights", "one-1.safetensors"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if shape := weights.Tensors["towers.0.layers.0.weight"].Shape; !reflect.DeepEqual(shape, []int{3, 1, 20, 40}) || weights.Metadata["epoch"] != "3" {
		t.Errorf("the weights have shape %v and texts %v", shape, weights.Metadata)
	}
	if _, err := os.Stat(filepath.Join(dir, "checkpoints")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the checkpoints are still there: %v", err)
	}
}

// Stopped after any epoch, by a cancelled context or with its last line torn, an
// experiment goes on to the same numbers.
func TestAnInterruptedExperimentGoesOn(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	if _, err := experiment.Run(context.Background(), options(t, whole)); err != nil {
		t.Fatal(err)
	}
	want := text(rowsOf(t, whole))
	for stop := 1; stop < 16; stop += 2 {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		o := options(t, dir)
		told := 0
		o.Progress = func(results.CMNISTEpoch) {
			if told++; told == stop {
				cancel()
			}
		}
		if _, err := experiment.Run(ctx, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after %d epochs: %v", stop, err)
		}
		cancel()
		journal, err := os.OpenFile(filepath.Join(dir, experiment.JournalName), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.WriteString(`{"Arch":"one","RunInd`); err != nil {
			t.Fatal(err)
		}
		journal.Close()
		again := options(t, dir)
		again.Resume = true
		if _, err := experiment.Run(context.Background(), again); err != nil {
			t.Fatalf("going on after %d epochs: %v", stop, err)
		}
		if got := text(rowsOf(t, dir)); got != want {
			t.Fatalf("going on after %d epochs gave\n%s\nwant\n%s", stop, got, want)
		}
	}
}

func TestAFolderOfAnotherExperimentIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := experiment.Run(context.Background(), options(t, dir)); err != nil {
		t.Fatal(err)
	}
	var mismatch *experiment.MismatchError
	if _, err := experiment.Run(context.Background(), options(t, dir)); !errors.As(err, &mismatch) || !strings.Contains(err.Error(), "add --resume") {
		t.Errorf("the same again: %v", err)
	}
	other := options(t, dir)
	other.Resume, other.Config.LearningRate = true, 0.002
	if _, err := experiment.Run(context.Background(), other); !errors.As(err, &mismatch) || !strings.Contains(err.Error(), `"lr": 0.001 where "lr": 0.002`) {
		t.Errorf("another learning rate: %v", err)
	}
	foreign := options(t, dir)
	foreign.Resume = true
	foreign.Set.Train.Images.Pixels[5]++
	if _, err := experiment.Run(context.Background(), foreign); !errors.As(err, &mismatch) || !strings.Contains(err.Error(), `"data"`) {
		t.Errorf("other images: %v", err)
	}
	same := options(t, dir)
	same.Resume = true
	if _, err := experiment.Run(context.Background(), same); err != nil {
		t.Errorf("resuming what is done: %v", err)
	}
}

func TestBadExperimentsAreRefusedBeforeAFolderIsMade(t *testing.T) {
	for name, f := range map[string]struct {
		spoil func(c *experiment.Config)
		want  string
	}{
		"no runs":     {func(c *experiment.Config) { c.Runs = 0 }, "the number of runs is 0"},
		"many runs":   {func(c *experiment.Config) { c.Runs = 1 << 62 }, "must be 1 to 50000 for each of 2 networks"},
		"no networks": {func(c *experiment.Config) { c.Networks = nil }, "no networks are named"},
		"same name":   {func(c *experiment.Config) { c.Networks[1].Name = "one" }, `two networks are named "one"`},
		"a path":      {func(c *experiment.Config) { c.Networks[1].Name = "../x" }, `named "../x"`},
		"digits":      {func(c *experiment.Config) { c.Digits = 7 }, "an image is made of 7 digits"},
		"batch":       {func(c *experiment.Config) { c.Batch = 100 }, "the batch is 100 images"},
	} {
		dir := filepath.Join(t.TempDir(), "x")
		o := options(t, dir)
		f.spoil(&o.Config)
		if _, err := experiment.Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: the error is %v, want one with %q", name, err, f.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder was made", name)
		}
	}
}

// flock holds a file for whoever opened it, so a second Run of this very process is
// refused as another process would be.
func TestOneProcessWorksInAFolder(t *testing.T) {
	dir := t.TempDir()
	o := options(t, dir)
	tried := 0
	o.Progress = func(results.CMNISTEpoch) {
		if tried++; tried > 1 {
			return
		}
		again := options(t, dir)
		again.Resume = true
		if _, err := experiment.Run(context.Background(), again); err == nil || !strings.Contains(err.Error(), "another process works in "+dir) {
			t.Errorf("a second one began: %v", err)
		}
	}
	if _, err := experiment.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if tried == 0 {
		t.Fatal("nobody tried")
	}
}

func TestAnewForgetsWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	other := options(t, dir)
	other.Config.LearningRate, other.SaveWeights = 0.002, true
	if _, err := experiment.Run(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	o := options(t, dir)
	o.Anew = true
	if _, err := experiment.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	if _, err := experiment.Run(context.Background(), options(t, fresh)); err != nil {
		t.Fatal(err)
	}
	if got, want := text(rowsOf(t, dir)), text(rowsOf(t, fresh)); got != want {
		t.Errorf("anew gave\n%s\nwant\n%s", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "weights", "*")); len(left) > 0 {
		t.Errorf("weights of the other experiment are still there: %v", left)
	}
}
