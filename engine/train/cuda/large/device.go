//go:build gpu

package large

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
)

// Train trains copies of a job on the large path, in sizes of 4 or 8 bytes for a
// number. The recorder is called by this goroutine alone.
func Train(ctx context.Context, d *cuda.Device, size int, job *linear.Job, copies []int, recorder linear.Recorder) error {
	return d.Do(func() (err error) {
		s, err := d.NewStream()
		if err != nil {
			return err
		}
		defer func() {
			if r := recover(); r != nil { // a fault of this package, or of gonum with its arguments
				err = fmt.Errorf("cuda backend, large path: %v", r)
			}
			if closing := s.Destroy(); err == nil {
				err = closing
			}
		}()
		return (&trainer{device: stream{s}, size: size, slotBytes: usualSlotBytes}).train(ctx, job, copies, recorder)
	})
}

// stream is a device as the large path uses it: everything goes through one stream.
type stream struct{ stream *cuda.Stream }

func (l stream) multiprocessors() int { return l.stream.Device.Multiprocessors }

func (l stream) freeMemory() (uint64, error) {
	free, err := l.stream.Device.FreeMemory()
	return uint64(max(0, free)), err
}

func (l stream) allocate(bytes uint64) (uint64, error) {
	at, err := l.stream.Device.Allocate(int64(bytes), "copies of the large path")
	if err != nil {
		return 0, err
	}
	if err := l.stream.Clear(at, int64(bytes), "copies of the large path"); err != nil {
		return 0, errors.Join(err, l.release(at))
	}
	return at, nil
}

// release frees memory once nothing uses it any more. On a broken device it is lost
// already.
func (l stream) release(address uint64) error {
	if l.stream.Device.Broken() {
		return nil
	}
	return errors.Join(l.wait(), l.stream.Device.Release(address))
}

func (l stream) upload(address uint64, data []byte) error {
	return l.stream.Upload(address, data, "copies of the large path")
}

func (l stream) download(data []byte, address uint64) error {
	if err := l.stream.Download(data, address, "results of the large path"); err != nil {
		return err
	}
	return l.wait()
}

func (l stream) start(kernel string, blocks, threads int, list, index uint64) error {
	f, err := l.stream.Device.Function(kernel)
	if err != nil {
		return err
	}
	return f.Launch(l.stream, blocks, threads, 0, list, index)
}

func (l stream) wait() error { return l.stream.Wait("steps of the large path") }

// record queues the launches into a graph and does not run them.
func (l stream) record(launches func() error) (recording, error) {
	g, err := l.stream.Record("recording steps of the large path", launches)
	if err != nil {
		return nil, err
	}
	return recordedSteps{g}, nil
}

// recordedSteps is steps as a graph.
type recordedSteps struct{ graph *cuda.Graph }

func (r recordedSteps) start() error { return r.graph.Launch("steps of the large path") }

func (r recordedSteps) release() error { return r.graph.Destroy("steps of the large path") }
