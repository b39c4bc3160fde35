//go:build gpu

package cuda

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/train"
)

// trainLarge trains copies of a job on the large path, in sizes of 4 or 8 bytes for a
// number. The recorder is called by this goroutine alone.
func (d *device) trainLarge(ctx context.Context, size int, job *train.Job, copies []int, recorder train.Recorder) error {
	return d.do(func() (err error) {
		s, err := d.newStream()
		if err != nil {
			return err
		}
		defer func() {
			if r := recover(); r != nil { // a fault of this package, or of gonum's in its hands
				err = fmt.Errorf("cuda backend, large path: %v", r)
			}
			if closing := s.destroy(); err == nil {
				err = closing
			}
		}()
		return (&large{device: largeStream{s}, size: size, slotBytes: usualSlotBytes}).train(ctx, job, copies, recorder)
	})
}

// largeStream is a device as the large path uses it: everything goes through one stream.
type largeStream struct{ stream *stream }

func (l largeStream) multiprocessors() int { return l.stream.device.multiprocessors }

func (l largeStream) freeMemory() (uint64, error) {
	free, err := l.stream.device.freeMemory()
	return uint64(max(0, free)), err
}

func (l largeStream) allocate(bytes uint64) (uint64, error) {
	at, err := l.stream.device.allocate(int64(bytes), "copies of the large path")
	if err != nil {
		return 0, err
	}
	if err := l.stream.clear(at, int64(bytes), "copies of the large path"); err != nil {
		return 0, errors.Join(err, l.release(at))
	}
	return at, nil
}

// release gives memory back once nothing uses it any more. A broken device has lost it
// already.
func (l largeStream) release(address uint64) error {
	if l.stream.device.isBroken() {
		return nil
	}
	return errors.Join(l.wait(), l.stream.device.release(address))
}

func (l largeStream) upload(address uint64, data []byte) error {
	return l.stream.upload(address, data, "copies of the large path")
}

func (l largeStream) download(data []byte, address uint64) error {
	if err := l.stream.download(data, address, "results of the large path"); err != nil {
		return err
	}
	return l.wait()
}

func (l largeStream) start(kernel string, blocks, threads int, list, index uint64) error {
	f, err := l.stream.device.function(kernel)
	if err != nil {
		return err
	}
	return f.launch(l.stream, blocks, threads, 0, list, index)
}

func (l largeStream) wait() error { return l.stream.wait("steps of the large path") }

// record has the launches queued into a graph in place of being done.
func (l largeStream) record(launches func() error) (recording, error) {
	const purpose = "recording steps of the large path"
	d := l.stream.device
	if err := d.failed("cuStreamBeginCapture", purpose, beginCapture(l.stream.handle)); err != nil {
		return nil, err
	}
	err := launches()
	g, ending := endCapture(l.stream.handle)
	if err = errors.Join(err, d.failed("cuStreamEndCapture", purpose, ending)); err != nil {
		return nil, err
	}
	return recordedSteps{l.stream, g}, nil
}

// recordedSteps is steps as a graph.
type recordedSteps struct {
	stream *stream
	graph  graph
}

func (r recordedSteps) start() error {
	return r.stream.device.failed("cuGraphLaunch", "steps of the large path", r.graph.launch(r.stream.handle))
}

func (r recordedSteps) release() error {
	if r.stream.device.isBroken() {
		return nil
	}
	return r.stream.device.failed("cuGraphExecDestroy", "steps of the large path", r.graph.destroy())
}
