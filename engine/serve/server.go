package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// A Server shows one folder.
type Server struct {
	options Options
	root    *os.Root
	name    string // of the folder
	access  *access
	page    page
	routes  map[string]route
	store   *columns.Store

	requests, views, downloads, trainings, streams gate

	tablesMu sync.Mutex
	tables   map[string]*columns.Table

	walks    flights[scanned]
	looks    flights[seenEntry]
	readings flights[Status]

	mu       sync.Mutex // guards what follows; never held while a file is read
	folder   scanned
	seen     map[string]seenEntry
	patience time.Duration   // of a walk: lookTime, but less in tests
	late     map[string]bool // folders whose readings outlasted the walk that began them
	statuses map[string]knownStatus
}

// A route is what answers a path.
type route struct {
	method string
	answer func(http.ResponseWriter, *http.Request) error
}

// New prepares a server. The error says what about the options is not allowed.
func New(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	full, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(full)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("cannot open the folder %s: %w", o.Dir, err)
	}
	s := &Server{
		options: o, root: root, name: filepath.Base(full),
		store:    columns.NewStore(o.Memory, o.Workers),
		requests: newGate(maxRequests), views: newGate(maxViews), downloads: newGate(maxDownloads),
		trainings: newGate(maxTrainings), streams: newGate(maxStreams),
		tables: map[string]*columns.Table{}, statuses: map[string]knownStatus{}, seen: map[string]seenEntry{},
		late: map[string]bool{}, patience: lookTime,
	}
	s.options.Dir = full
	if s.access, err = newAccess(o.Addr, o.DemandToken, o.Hosts); err != nil {
		root.Close()
		return nil, err
	}
	build, err := fs.Sub(dist, "web/dist")
	if err == nil {
		s.page, err = newPage(build)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	s.routes = map[string]route{
		"/api/folder":              {http.MethodGet, s.answerFolder},
		"/api/events":              {http.MethodGet, s.answerEvents},
		"/api/sweep":               {http.MethodGet, s.answerSweep},
		"/api/sweep/diagram":       {http.MethodGet, s.answerDiagram},
		"/api/sweep/trajectories":  {http.MethodGet, s.answerTrajectories},
		"/api/sweep/rows":          {http.MethodGet, s.answerRows},
		"/api/sweep/download":      {http.MethodGet, s.answerDownload},
		"/api/reproduction":        {http.MethodGet, s.answerReproduction},
		"/api/reproduction/figure": {http.MethodGet, s.answerFigure},
		"/api/report":              {http.MethodGet, s.answerReport},
		"/api/explorer":            {http.MethodGet, s.answerExplorer},
		"/api/explorer/theory":     {http.MethodGet, s.answerTheory},
		"/api/explorer/train":      {http.MethodPost, s.answerTrain},
	}
	return s, nil
}

// Close releases the resources of the server. Serve must have returned.
func (s *Server) Close() error { return s.root.Close() }

// URL returns the address to open, with the token where one is needed. The
// address is the one that is listened on.
func (s *Server) URL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		host, port = addr.String(), ""
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		// Reached by any address of the machine: by its name from elsewhere.
		if own, err := os.Hostname(); err == nil {
			host = own
		} else {
			host = "localhost"
		}
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/"}
	if s.access.token != "" {
		u.RawQuery = url.Values{"token": {s.access.token}}.Encode()
	}
	return u.String()
}

// NeedsToken reports whether visitors need the token of [Server.URL].
func (s *Server) NeedsToken() bool { return s.access.token != "" }

// Serve answers until the context is done, then ends what is under way and
// returns nil. The listener is closed.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	h := &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       writeTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		// Faults of a connection are not reported on the terminal.
		ErrorLog: log.New(silence{}, "", 0),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop() // streams, downloads and trainings end by their contexts
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := h.Shutdown(last); err != nil {
		h.Close()
	}
	<-ended
	return nil
}

type silence struct{}

func (silence) Write(p []byte) (int, error) { return len(p), nil }

// ServeHTTP answers one request. A panic is answered as an error and does not end the
// server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	defer func() {
		switch fault := recover(); {
		case fault == nil:
		case fault == http.ErrAbortHandler:
			panic(fault)
		default:
			fail(w, r, fmt.Errorf("a fault of the server: %v", fault))
		}
	}()
	if err := s.answer(w, r); err != nil {
		fail(w, r, err)
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	sendWithin(w, requestTime+writeTime)
	if !s.requests.try() {
		return busy("too many requests are under way")
	}
	defer s.requests.leave()
	if s.access.enter(w, r) {
		return nil
	}
	if err := s.access.check(r); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	route, ok := s.routes[r.URL.Path]
	if !ok {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			return refuse(http.StatusNotFound, "there is no such endpoint")
		}
		return s.page.serve(w, r)
	}
	if r.Method != route.method {
		w.Header().Set("Allow", route.method)
		return refuse(http.StatusMethodNotAllowed, "%s is not allowed here, but %s is", r.Method, route.method)
	}
	return route.answer(w, r)
}

// bounded limits the time of a request.
func bounded(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), requestTime)
}

// table returns the table runs of a sweep.
func (s *Server) table(dir string) *columns.Table {
	s.tablesMu.Lock()
	defer s.tablesMu.Unlock()
	t := s.tables[dir]
	if t == nil {
		t = s.store.Table(s.root, dir)
		s.tables[dir] = t
	}
	return t
}

// open begins an answer about a sweep: it waits until there is room for its view, and
// returns what its table's columns are, nil while there are no rows. The caller calls
// done at the end.
func (s *Server) open(r *http.Request, dir string) (ctx context.Context, table *results.Table, done func(), err error) {
	ctx, cancel := bounded(r)
	if err = s.views.wait(ctx); err != nil {
		cancel()
		return nil, nil, nil, err
	}
	done = func() {
		s.views.leave()
		cancel()
	}
	if table, err = s.table(dir).Schema(ctx); err != nil {
		done()
		return nil, nil, nil, err
	}
	return ctx, table, done, nil
}

// file returns the path of a file that readers of paths can open, after a look at
// whether it is below the root after its links are followed.
func (s *Server) file(name string) (string, fs.FileInfo, error) {
	info, err := s.root.Stat(name)
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(s.options.Dir, filepath.FromSlash(name)), info, nil
}
