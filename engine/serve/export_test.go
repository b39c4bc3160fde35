package serve

import "time"

// SetPatience sets how long a walk waits for what folders hold.
func (s *Server) SetPatience(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = d
}

// HoldWalk begins a walk that ends when release is closed.
func (s *Server) HoldWalk(release <-chan struct{}) {
	s.walks.begin("", func() (scanned, error) {
		<-release
		return scanned{}, nil
	})
}
