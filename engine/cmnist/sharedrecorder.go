package cmnist

import "sync"

// Share returns a recorder that several runs or devices may report to: a call at a
// time, until a call fails; from then on every call is answered with that error.
func Share(recorder Recorder) Recorder { return &sharedRecorder{recorder: recorder} }

type sharedRecorder struct {
	mu       sync.Mutex
	recorder Recorder
	err      error
}

func (s *sharedRecorder) Epoch(run int, o Observation, save func() (*Checkpoint, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = s.recorder.Epoch(run, o, save)
	}
	return s.err
}
