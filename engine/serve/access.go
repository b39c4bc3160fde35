package serve

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Access decides which requests are allowed. It is not changed once it is made.
type access struct {
	token    string   // "": none is needed
	loopback bool     // whether the server can be reached from this machine alone
	hosts    []string // names that the server is reached by, lower case
}

const cookieName = "modspec_token"

// newAccess prepares for a server that listens on an address of the form
// host:port.
func newAccess(addr string, demandToken bool, names []string) (*access, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	a := &access{loopback: isLoopback(host), hosts: []string{"localhost"}}
	if !a.loopback {
		own, err := os.Hostname()
		if err == nil && own != "" {
			short, _, _ := strings.Cut(own, ".")
			a.hosts = append(a.hosts, strings.ToLower(own), strings.ToLower(short))
		}
		a.hosts = append(a.hosts, strings.ToLower(host))
	}
	for _, name := range names {
		a.hosts = append(a.hosts, strings.ToLower(name))
	}
	if !a.loopback || demandToken {
		var secret [32]byte
		rand.Read(secret[:]) // never fails; see its documentation
		a.token = base64.RawURLEncoding.EncodeToString(secret[:])
	}
	return a, nil
}

// isLoopback reports whether only this machine reaches a host. A name other than
// localhost may stand for anything.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// check refuses a request that is not for this server, does not come from its page
// or lacks the token.
func (a *access) check(r *http.Request) error {
	if !a.knows(r.Host) {
		return refuse(http.StatusForbidden, "the request is for another host than this server's; a name that it is reached by is allowed with --host")
	}
	if err := sameOrigin(r); err != nil {
		return err
	}
	if !a.holdsToken(r) {
		return refuse(http.StatusUnauthorized, "this server needs the token that it printed when it was started")
	}
	return nil
}

// knows reports whether a Host header names this server. A foreign site can make its
// own name resolve to this machine, so only numbers and known names are accepted. The
// port may differ, behind a tunnel.
func (a *access) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if ip, err := netip.ParseAddr(host); err == nil {
		return !a.loopback || ip.Unmap().IsLoopback()
	}
	return host != "" && slices.Contains(a.hosts, host)
}

// sameOrigin refuses what a browser sends on behalf of another site. Only the
// page itself may be opened from elsewhere, by a link.
func sameOrigin(r *http.Request) error {
	foreign := refuse(http.StatusForbidden, "the request comes from another site")
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return foreign
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return nil
	}
	return foreign
}

// holdsToken reports whether a request has the token, if one is needed.
func (a *access) holdsToken(r *http.Request) bool {
	if a.token == "" {
		return true
	}
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return a.matches(given)
	}
	for _, c := range r.CookiesNamed(cookieName) {
		if a.matches(c.Value) {
			return true
		}
	}
	return false
}

// matches compares in a time that does not depend on what is given.
func (a *access) matches(given string) bool {
	x, y := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(a.token))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// enter takes a token from the page's address into a cookie and sends the browser
// to the address without it. It reports whether it has answered.
func (a *access) enter(w http.ResponseWriter, r *http.Request) bool {
	given := r.URL.Query().Get("token")
	if a.token == "" || given == "" || r.URL.Path != "/" || r.Method != http.MethodGet || !a.knows(r.Host) || !a.matches(given) {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: a.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	rest := r.URL.Query()
	rest.Del("token")
	to := url.URL{Path: "/", RawQuery: rest.Encode()}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}
