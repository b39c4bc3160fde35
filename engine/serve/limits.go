package serve

import (
	"context"
	"net/http"
	"time"
)

// What one request, and all of them together, may take.
const (
	requestTime  = 10 * time.Second // to compute an answer
	writeTime    = 30 * time.Second // to send it, or a piece of a longer one
	downloadTime = 10 * time.Minute
	trainTime    = 60 * time.Second

	maxRequests  = 256
	maxViews     = 4 // that walk over columns
	maxDownloads = 2
	maxTrainings = 2
	maxStreams   = 64

	maxQuery  = 16 << 10 // bytes
	maxBody   = 64 << 10
	maxHeader = 32 << 10

	maxPageRows        = 500
	maxPageColumns     = 100
	maxDownloadCopies  = 10_000_000
	maxDownloadDetails = 10_000 // copies whose trajectories are sent
)

// A gate lets so many through at once.
type gate chan struct{}

func newGate(places int) gate { return make(gate, places) }

// try takes a place if one is free.
func (g gate) try() bool {
	select {
	case g <- struct{}{}:
		return true
	default:
		return false
	}
}

// wait takes a place as soon as one is free.
func (g gate) wait(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g gate) leave() { <-g }

// busy is the answer where no place is free.
func busy(what string) error {
	return refuse(http.StatusTooManyRequests, "%s; ask again in a moment", what)
}

// sendWithin gives a request so long to write what follows.
func sendWithin(w http.ResponseWriter, d time.Duration) {
	// Where the connection cannot set a deadline there is none to keep.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
}

// keepOpen lets a request last longer than it may take to read one: past the
// server's time for reading, even a request that was read whole would be ended.
// Its answer still has to be taken, piece by piece, within writeTime.
func keepOpen(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}
