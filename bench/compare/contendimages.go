package compare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"modspec/engine/cmnist"
	cmnistcpu "modspec/engine/cmnist/cpu"
)

// ContendImages answers the comparison for networks of convolutions on the CPU.
func ContendImages(ctx context.Context, r ContendRequest, in io.Reader, out io.Writer) error {
	text, err := os.ReadFile(filepath.Join(r.Folder, imagesName))
	if err != nil {
		return err
	}
	var file imagesFile
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(r.Folder, imagesName), err)
	}
	job, err := Images{file.Network}.job("")
	if err != nil {
		return err
	}
	backend, err := cmnistcpu.New(cmnistcpu.Options{Threads: r.Threads})
	if err != nil {
		return err
	}
	defer backend.Close()
	turns := &epochs{next: make(chan struct{}), done: make(chan time.Duration), maps: r.Maps}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	go func() { ended <- backend.Train(ctx, job, turns) }()
	step := func() (time.Duration, error) {
		select {
		case turns.next <- struct{}{}:
		case err := <-ended:
			return 0, err
		}
		select {
		case took := <-turns.done:
			return took, nil
		case err := <-ended:
			return 0, err
		}
	}
	defer func() {
		cancel()
		close(turns.next)
	}()
	first, err := step()
	if err != nil {
		return err
	}
	say := json.NewEncoder(out)
	if err := say.Encode(map[string]any{
		"library": "modspec " + runtime.Version(), "copies": imageCount, "steps": imageCount / imageBatch, "first_seconds": first.Seconds(),
	}); err != nil {
		return err
	}
	return answer(in, say, step)
}

// epochs is a recorder that lets a training go on by one epoch at a time, and times
// it: images trained on, and the two that the observation looks at.
type epochs struct {
	next  chan struct{} // closed when there is to be no further epoch
	done  chan time.Duration
	maps  string // file for the parameters after the first
	began time.Time
}

var errEnough = errors.New("no further epoch is wanted")

// Epoch implements cmnist.Recorder.
func (e *epochs) Epoch(_ int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
	if o.Epoch > 0 {
		took := time.Since(e.began)
		if o.Epoch == 1 {
			end, err := save()
			if err != nil {
				return err
			}
			if err := writeNumbers(e.maps, flatten(end.Parameters)); err != nil {
				return err
			}
		}
		e.done <- took
	}
	if _, more := <-e.next; !more {
		return errEnough
	}
	e.began = time.Now()
	return nil
}
