package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var errKilled = errors.New("killed")

// killAt makes every change to a folder fail from the change numbered at on, counted
// from 0, as if the process had ended there. Where half is set, that change leaves
// what a kill inside it leaves: a temporary file, or half a line. It returns how many
// changes were asked for, and whether a half was left.
func killAt(t *testing.T, at int, half bool) (changes *int, left *bool) {
	t.Helper()
	original, count, left := disk, new(int), new(bool)
	t.Cleanup(func() { disk = original })
	// dies counts a change and says whether the process is dead by now, and whether it
	// dies in this very change and leaves a half of it.
	dies := func() (dead, inside bool) {
		inside = *count == at && half
		dead = *count >= at
		*count++
		return dead, inside
	}
	leave := func(path string) {
		*left = true
		name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".0123abcd.tmp")
		if err := os.WriteFile(name, []byte("half"), 0o666); err != nil {
			t.Error(err)
		}
	}
	disk.writeFile = func(path string, write func(io.Writer) error) error {
		dead, inside := dies()
		if inside {
			leave(path)
		}
		if dead {
			return errKilled
		}
		return original.writeFile(path, write)
	}
	disk.appendLine = func(f *os.File, line []byte) error {
		dead, inside := dies()
		if inside {
			*left = true
			if _, err := f.Write(line[:len(line)/2]); err != nil {
				t.Error(err)
			}
		}
		if dead {
			return errKilled
		}
		return original.appendLine(f, line)
	}
	disk.remove = func(path string) error {
		if dead, _ := dies(); dead {
			return errKilled
		}
		return original.remove(path)
	}
	disk.mkdir = func(path string, mode os.FileMode) error {
		if dead, _ := dies(); dead {
			return errKilled
		}
		return original.mkdir(path, mode)
	}
	return count, left
}

// Killed before, inside and after every change to its folder, and once more anywhere
// on the way from there, an experiment comes to the files of an unbroken one. A kill
// at a removal or a rename once made every later --resume fail.
func TestKillsAtEveryChangeLoseNothing(t *testing.T) {
	unsynced(t)
	original := disk
	want := unbroken(t)
	changes, _ := killAt(t, 1<<30, false)
	if _, err := Run(context.Background(), small(t, t.TempDir())); err != nil {
		t.Fatal(err)
	}
	// 2 runs of 4 lines, 2 checkpoints, weights and 2 removals; 3 folders, the
	// configuration, the journal, the table, and the checkpoints' folder.
	if *changes != 2*9+7 {
		t.Fatalf("an experiment makes %d changes to its folder, want 25", *changes)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for at := range *changes {
		for _, half := range []bool{false, true} {
			dir := filepath.Join(t.TempDir(), "x")
			second := random.IntN(*changes)
			what := fmt.Sprintf("killed at change %d (half of it done: %v), then at %d", at, half, second)
			killed := func(at int) (left bool) {
				_, inside := killAt(t, at, half)
				// The last changes are removals that nothing depends on.
				if _, err := Run(context.Background(), small(t, dir)); err != nil && !errors.Is(err, errKilled) {
					t.Fatalf("%s: %v", what, err)
				}
				disk = original
				return *inside
			}
			if !killed(at) && half {
				continue // a removal has no half
			}
			killed(second)
			if _, err := Run(context.Background(), small(t, dir)); err != nil {
				t.Fatalf("%s: going on: %v", what, err)
			}
			sameResults(t, what, files(t, dir), want)
			if entries, err := os.ReadDir(filepath.Join(dir, checkpointsDir)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: the folder of checkpoints is still there, with %v", what, entries)
			}
		}
	}
}

// Begun anew over another experiment and killed at any change, the folder is the old
// experiment's or the new one's, and begun anew once more it is the new one's.
func TestKillsWhileBeginningAnew(t *testing.T) {
	unsynced(t)
	original, want := disk, unbroken(t)
	dir := t.TempDir()
	other := small(t, dir)
	other.Config.Seed = 100
	if _, err := Run(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	old := files(t, dir)
	// The last changes that are looked at: the 6 files of the old experiment and its
	// folder are gone, the new one has its configuration and its journal.
	for at := range 12 {
		put(t, dir, old)
		anew := small(t, dir)
		anew.Anew, anew.Resume = true, false
		killAt(t, at, false)
		if _, err := Run(context.Background(), anew); !errors.Is(err, errKilled) {
			t.Fatalf("killed at change %d: %v", at, err)
		}
		disk = original
		for _, seed := range []uint64{100, 7} {
			o := small(t, dir)
			o.Config.Seed = seed
			_, err := Run(context.Background(), o)
			var mismatch *MismatchError
			if err != nil && !errors.As(err, &mismatch) {
				t.Fatalf("killed at change %d, going on with seed %d: %v", at, seed, err)
			}
			if err == nil && seed == 7 {
				sameResults(t, fmt.Sprint("killed at change ", at), files(t, dir), want)
			}
		}
		if _, err := Run(context.Background(), anew); err != nil {
			t.Fatalf("killed at change %d, anew: %v", at, err)
		}
		sameResults(t, fmt.Sprint("anew after a kill at change ", at), files(t, dir), want)
	}
}

// A file of somebody else in the folder of checkpoints stays, and is no reason to
// fail: the folder could not be removed, and --resume failed for ever.
func TestAForeignFileAmongCheckpointsStays(t *testing.T) {
	unsynced(t)
	list := midway(t)
	list["checkpoints/notes.txt"] = "mine"
	dir := t.TempDir()
	for range 2 {
		put(t, dir, list)
		if _, err := Run(context.Background(), small(t, dir)); err != nil {
			t.Fatal(err)
		}
		list = files(t, dir)
		if list["checkpoints/notes.txt"] != "mine" {
			t.Error("the file is gone")
		}
	}
	delete(list, "checkpoints/notes.txt")
	sameResults(t, "with a foreign file", list, unbroken(t))
}
