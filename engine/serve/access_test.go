package serve_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"modspec/engine/serve"
)

// request sends a request with headers, of which "Host" is the host.
func request(s http.Handler, method, target, body string, headers map[string]string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	for name, value := range headers {
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func TestWhoMayAskOnLoopback(t *testing.T) {
	s := newServer(t, t.TempDir(), func(o *serve.Options) { o.Hosts = []string{"Tunnel.example"} })
	if s.NeedsToken() {
		t.Error("a token is needed on loopback")
	}
	for _, c := range []struct {
		name, path string
		headers    map[string]string
		want       int
	}{
		{"plain", "/api/folder", nil, 200},
		{"localhost", "/", map[string]string{"Host": "localhost:8080"}, 200},
		{"another port, of a tunnel", "/", map[string]string{"Host": "localhost:9"}, 200},
		{"without port", "/", map[string]string{"Host": "localhost"}, 200},
		{"IPv6", "/", map[string]string{"Host": "[::1]:8080"}, 200},
		{"all of 127/8", "/", map[string]string{"Host": "127.9.9.9"}, 200},
		{"a name that was allowed", "/", map[string]string{"Host": "tunnel.EXAMPLE:80"}, 200},
		{"rebinding", "/api/folder", map[string]string{"Host": "evil.example:8080"}, 403},
		{"rebinding the page", "/", map[string]string{"Host": "evil.example"}, 403},
		{"a name that begins right", "/", map[string]string{"Host": "localhost.evil.example"}, 403},
		{"an address that is not ours", "/", map[string]string{"Host": "192.0.2.1"}, 403},
		{"no host", "/", map[string]string{"Host": ""}, 403},
		{"its own origin", "/api/folder", map[string]string{"Origin": "http://127.0.0.1:8080"}, 200},
		{"behind a proxy with TLS", "/api/folder", map[string]string{"Origin": "https://127.0.0.1:8080"}, 200},
		{"another origin", "/api/folder", map[string]string{"Origin": "http://evil.example"}, 403},
		{"another port's origin", "/api/folder", map[string]string{"Origin": "http://127.0.0.1:9999"}, 403},
		{"no one's origin", "/api/folder", map[string]string{"Origin": "null"}, 403},
		{"a broken origin", "/api/folder", map[string]string{"Origin": "http://%zz"}, 403},
		{"another site's fetch", "/api/folder", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a sibling's fetch", "/api/folder", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"a link to the page", "/", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"another site's frame", "/", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"a link to the API", "/api/folder", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
		{"typed", "/", map[string]string{"Sec-Fetch-Site": "none"}, 200},
	} {
		if got := request(s, http.MethodGet, c.path, "", c.headers); got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, got.StatusCode, c.want)
		}
	}
	if got := request(s, http.MethodPost, "/api/explorer/train", "{}", map[string]string{"Origin": "http://evil.example", "Content-Type": "application/json"}); got.StatusCode != 403 {
		t.Errorf("another site can train: %d", got.StatusCode)
	}
}

// TestToken: on any other address, and where it is asked for, only the token opens.
func TestToken(t *testing.T) {
	for _, c := range []struct {
		addr   string
		demand bool
	}{{"0.0.0.0:0", false}, {":0", false}, {"192.0.2.7:80", false}, {"some.name:80", false}, {"127.0.0.1:0", true}} {
		s := newServer(t, t.TempDir(), func(o *serve.Options) { o.Addr, o.DemandToken = c.addr, c.demand })
		if !s.NeedsToken() {
			t.Fatalf("%s needs no token", c.addr)
		}
		page, err := url.Parse(s.URL(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}))
		if err != nil {
			t.Fatal(err)
		}
		token := page.Query().Get("token")
		if len(token) < 40 {
			t.Fatalf("the token is %q", token)
		}
		for name, headers := range map[string]map[string]string{
			"nothing": nil, "a wrong one": {"Authorization": "Bearer " + token[1:] + "x"}, "an empty one": {"Authorization": "Bearer "},
			"a wrong cookie": {"Cookie": "modspec_token=x"}, "a basic one": {"Authorization": "Basic " + token},
		} {
			for _, path := range []string{"/", "/api/folder", "/api/sweep", "/api/events", "/nothing"} {
				if got := request(s, http.MethodGet, path, "", headers); got.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s with %s: %d, want 401", path, name, got.StatusCode)
				}
			}
		}
		if got := request(s, http.MethodGet, "/?token="+token[1:]+"A", "", nil); got.StatusCode != http.StatusUnauthorized || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("a wrong token in the address: %d", got.StatusCode)
		}
		if got := request(s, http.MethodGet, "/api/folder?token="+token, "", nil); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("a token in another address: %d, want 401: addresses are logged", got.StatusCode)
		}
		if got := request(s, http.MethodGet, "/?token="+token, "", map[string]string{"Host": "evil.example"}); got.StatusCode != http.StatusForbidden {
			t.Errorf("the token under a foreign name: %d", got.StatusCode)
		}
		if got := request(s, http.MethodGet, "/api/folder", "", map[string]string{"Authorization": "Bearer " + token}); got.StatusCode != http.StatusOK {
			t.Errorf("the token as a bearer: %d", got.StatusCode)
		}
		enter := request(s, http.MethodGet, "/?view=x&token="+token, "", map[string]string{"Sec-Fetch-Site": "cross-site"})
		if enter.StatusCode != http.StatusSeeOther || enter.Header.Get("Location") != "/?view=x" {
			t.Fatalf("the printed address: %d to %q", enter.StatusCode, enter.Header.Get("Location"))
		}
		cookie := enter.Cookies()[0]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
			t.Errorf("the cookie is %v", cookie)
		}
		if got := request(s, http.MethodGet, "/api/folder", "", map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}); got.StatusCode != http.StatusOK {
			t.Errorf("the cookie: %d", got.StatusCode)
		}
		// The token alone does not make another site's page ours.
		if got := request(s, http.MethodGet, "/api/folder", "", map[string]string{"Cookie": cookie.Name + "=" + cookie.Value, "Origin": "http://evil.example"}); got.StatusCode != http.StatusForbidden {
			t.Errorf("the cookie from another site: %d", got.StatusCode)
		}
	}
	a, b := newServer(t, t.TempDir(), func(o *serve.Options) { o.DemandToken = true }), newServer(t, t.TempDir(), func(o *serve.Options) { o.DemandToken = true })
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	if a.URL(addr) == b.URL(addr) {
		t.Error("two servers have one token")
	}
}

func TestHeaders(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	for _, path := range []string{"/", "/api/folder", "/api/nothing", "/nothing"} {
		h := request(s, http.MethodGet, path, "", nil).Header
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "SAMEORIGIN", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		for name := range h {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s is set: other sites may read", path, name)
			}
		}
	}
}

func TestPage(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	first := request(s, http.MethodGet, "/?anything=goes&twice=1&twice=2", "", nil)
	if first.StatusCode != http.StatusOK || !strings.HasPrefix(first.Header.Get("Content-Type"), "text/html") || first.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("%d %v", first.StatusCode, first.Header)
	}
	if again := request(s, http.MethodGet, "/", "", map[string]string{"If-None-Match": `"x", ` + first.Header.Get("ETag")}); again.StatusCode != http.StatusNotModified {
		t.Errorf("the page as it is known: %d", again.StatusCode)
	}
	if head := request(s, http.MethodHead, "/", "", nil); head.StatusCode != http.StatusOK || head.Header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
	}
	for _, path := range []string{"/x", "/index.htm", "/../server.go", "/web/dist/index.html", "/.git/config", "/%2e%2e/go.mod"} {
		if got := request(s, http.MethodGet, path, "", nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, got.StatusCode)
		}
	}
	if got := request(s, http.MethodPost, "/", "", nil); got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") == "" {
		t.Errorf("POST: %d", got.StatusCode)
	}
}

// TestPageHasItsFiles: whatever the built page names of its own is there.
func TestPageHasItsFiles(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	code, body := get(t, s, "/")
	if code != http.StatusOK {
		t.Fatal(code)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="\.?/?([^"#:]+)"`).FindAllStringSubmatch(string(body), -1) {
		for _, encoding := range []string{"", "gzip"} {
			got := request(s, http.MethodGet, "/"+m[1], "", map[string]string{"Accept-Encoding": encoding})
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") == "" {
				t.Errorf("/%s: %d %v", m[1], got.StatusCode, got.Header)
			}
			if strings.HasPrefix(m[1], "assets/") && !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("/%s is asked for again each time: %v", m[1], got.Header)
			}
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]serve.Options{
		"host:port":    {Dir: t.TempDir(), Addr: "8080", Status: status},
		"0 to 65535":   {Dir: t.TempDir(), Addr: "localhost:http", Status: status},
		"a folder":     {Addr: "localhost:0", Status: status},
		"cannot open":  {Dir: file, Addr: "localhost:0", Status: status},
		"no such file": {Dir: file + "x", Addr: "localhost:0", Status: status},
		"negative":     {Dir: t.TempDir(), Addr: "localhost:0", Status: status, Memory: -1},
	} {
		s, err := serve.New(o)
		if err == nil {
			s.Close()
			t.Errorf("%q: the options are taken", name)
		} else if !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error is %v", name, err)
		}
	}
}

// TestShutdown: a stream that is open does not keep the server, and ends in order:
// one that were still open when the server's patience is over would be cut off.
func TestShutdown(t *testing.T) {
	s := newServer(t, t.TempDir(), nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.ReadAtLeast(answer.Body, make([]byte, 20), 20); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Errorf("the stream was cut off: %v", err)
	}
	if _, err := http.Get("http://" + l.Addr().String() + "/"); err == nil {
		t.Error("it still answers")
	}
}
