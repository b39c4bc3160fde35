package serve

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path"
	"time"
)

// heartbeat is how often a stream sends a comment that keeps the connection open.
const heartbeat = 15 * time.Second

// A stream is one page that watches a folder.
type stream struct {
	server *Server
	w      http.ResponseWriter
	dir    string
	sent   map[string]string // the last data of each event
	last   time.Time
}

func (s *Server) answerEvents(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir")
	if err != nil {
		return err
	}
	if dir := q.dir(); dir != "" && path.Clean("/"+dir) != "/"+dir {
		return noFolder(dir)
	}
	if !s.streams.try() {
		return busy(fmt.Sprintf("%d streams are open", maxStreams))
	}
	defer s.streams.leave()
	keepOpen(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies would buffer events
	e := &stream{server: s, w: w, dir: q.dir(), sent: map[string]string{}}
	ticker := time.NewTicker(s.options.Poll)
	defer ticker.Stop()
	for {
		if err := e.look(r.Context()); err != nil {
			return nil // the page is gone
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look sends what has changed. The error is that of a page that is gone.
func (e *stream) look(ctx context.Context) error {
	folder, err := e.server.folderNow(ctx)
	if err == nil {
		err = e.send("folder", folder)
	}
	if err != nil {
		return err
	}
	if _, err := e.server.entry(ctx, e.dir, sweepKind); err == nil {
		if err := e.lookAtSweep(ctx); err != nil {
			return err
		}
	}
	if time.Since(e.last) < heartbeat {
		return nil
	}
	return e.write([]byte(": still here\n\n"))
}

func (e *stream) lookAtSweep(ctx context.Context) error {
	bound, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	view, err := e.server.table(e.dir).View(bound)
	if err == nil {
		status, problem := e.server.statusWithRate(bound, e.dir, view)
		if err = problem; err == nil {
			if err := e.send("status", status); err != nil {
				return err
			}
			delete(e.sent, "problem")
			return e.send("rows", map[string]any{"version": view.Version, "rows": view.Rows})
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return e.send("problem", errorJSON{oneLine(err.Error())})
}

// send sends an event unless the page has it already.
func (e *stream) send(event string, data any) error {
	text, err := jsonOf(data)
	if err != nil {
		return err
	}
	if e.sent[event] == string(text) {
		return nil
	}
	e.sent[event] = string(text)
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", event, text)
	return e.write(b.Bytes())
}

func (e *stream) write(text []byte) error {
	e.last = time.Now()
	sendWithin(e.w, writeTime)
	if _, err := e.w.Write(text); err != nil {
		return err
	}
	return http.NewResponseController(e.w).Flush()
}
