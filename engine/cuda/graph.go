//go:build gpu

package cuda

// #include <cuda.h>
import "C"

import "errors"

// Graph is launches that were recorded on a stream, which can be started together.
type Graph struct {
	stream *Stream
	exec   C.CUgraphExec
}

// Record has the launches that a function queues on the stream recorded in place of
// being done.
func (s *Stream) Record(purpose string, launches func() error) (*Graph, error) {
	begun := asError(C.cuStreamBeginCapture(handleOf[C.CUstream](s.handle), C.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL))
	if err := s.Device.failed("cuStreamBeginCapture", purpose, begun); err != nil {
		return nil, err
	}
	err := launches()
	g, ending := s.endCapture()
	if err = errors.Join(err, s.Device.failed("cuStreamEndCapture", purpose, ending)); err != nil {
		return nil, err
	}
	return g, nil
}

// endCapture returns what was recorded, ready to be started.
func (s *Stream) endCapture() (*Graph, error) {
	var recorded C.CUgraph
	g := &Graph{stream: s}
	if err := asError(C.cuStreamEndCapture(handleOf[C.CUstream](s.handle), &recorded)); err != nil {
		return g, err
	}
	if recorded == nil {
		return g, result(C.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED)
	}
	err := asError(C.cuGraphInstantiateWithFlags(&g.exec, recorded, 0))
	return g, errors.Join(err, asError(C.cuGraphDestroy(recorded)))
}

// Launch queues what was recorded on the stream that recorded it.
func (g *Graph) Launch(purpose string) error {
	return g.stream.Device.failed("cuGraphLaunch", purpose, asError(C.cuGraphLaunch(g.exec, handleOf[C.CUstream](g.stream.handle))))
}

// Destroy gives the recording back. A broken device has lost it already.
func (g *Graph) Destroy(purpose string) error {
	if g.stream.Device.Broken() {
		return nil
	}
	return g.stream.Device.failed("cuGraphExecDestroy", purpose, asError(C.cuGraphExecDestroy(g.exec)))
}
