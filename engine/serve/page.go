package serve

import (
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The built page; its sources are beside it in web.
//
//go:embed all:web/dist
var dist embed.FS

// contentTypes are the kinds of file that a build has. Another kind is not served.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}

// hashed are the names that a build gives to files whose content never changes
// under that name.
var hashed = regexp.MustCompile(`^/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$`)

// A page is the files of a build, by the path that they are served under.
type page map[string]*pageFile

type pageFile struct {
	kind, tag string
	forever   bool
	body      []byte
	small     func() []byte // compressed; nil where that gains nothing
}

// newPage takes in the files of a build.
func newPage(build fs.FS) (page, error) {
	p := page{}
	err := fs.WalkDir(build, ".", func(name string, d fs.DirEntry, err error) error {
		kind := contentTypes[path.Ext(name)]
		if err != nil || d.IsDir() || kind == "" {
			return err
		}
		body, err := fs.ReadFile(build, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		f := &pageFile{kind: kind, tag: `"` + hex.EncodeToString(sum[:12]) + `"`, body: body, forever: hashed.MatchString("/" + name)}
		if len(body) >= compressFrom && !strings.HasPrefix(kind, "font/") && kind != "image/png" {
			f.small = sync.OnceValue(func() []byte { return compressed(body, gzip.BestCompression) })
		}
		p["/"+name] = f
		return nil
	})
	if f := p["/index.html"]; f != nil {
		p["/"] = f
	}
	return p, err
}

func (p page) serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return refuse(http.StatusMethodNotAllowed, "%s is not allowed here", r.Method)
	}
	f := p[r.URL.Path]
	if f == nil {
		return refuse(http.StatusNotFound, "there is nothing at this address; the page is at /")
	}
	h := w.Header()
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", "no-cache")
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	if matchesTag(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	body := f.body
	if f.small != nil && acceptsGzip(r) {
		body = f.small()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
	return nil
}

func matchesTag(given, tag string) bool {
	for part := range strings.SplitSeq(given, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag {
			return true
		}
	}
	return false
}
