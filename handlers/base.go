package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
)

// Where BASE_URL has a path, such as https://example.org/chat, the service lies under it. Handlers
// know nothing of it: what comes in is cut here, and what goes out gets it from address
// (views/addresses.go does so in pages).

// address returns the address on the host of a path of the service.
func (s *server) address(path string) string { return s.views.Address(path) }

// redirect sends a browser to a path of the service.
func (s *server) redirect(c *gin.Context, status int, to string) { c.Redirect(status, s.address(to)) }

// inside returns a path of the host, which may have a query, as a path of the service; false when
// it is none.
func (s *server) inside(path string) (string, bool) {
	base := s.views.Base()
	if base == "" {
		return path, true
	}
	rest, found := strings.CutPrefix(path, base)
	switch {
	case !found || rest != "" && !strings.ContainsRune("/?#", rune(rest[0])):
		return "", false
	case !strings.HasPrefix(rest, "/"):
		rest = "/" + rest
	}
	return rest, true
}

// cookiePath is the path of the cookies of the whole service.
func (s *server) cookiePath() string {
	if base := s.views.Base(); base != "" {
		return base
	}
	return "/"
}

// underBase returns a handler of requests from the outside, whose paths may begin with the base.
// Those that do not have come through a proxy that has cut it off, or are marked for checkPath.
func (s *server) underBase(next http.Handler) http.Handler {
	if s.views.Base() == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, found := s.inside(r.URL.Path)
		if !found {
			if !s.mayForward(r) {
				r = r.WithContext(context.WithValue(r.Context(), outsideBase{}, true))
			}
			next.ServeHTTP(w, r)
			return
		}
		inner := *r
		inner.URL = new(url.URL)
		*inner.URL = *r.URL
		inner.URL.Path = path
		if inner.URL.RawPath, found = s.inside(r.URL.RawPath); !found {
			inner.URL.RawPath = ""
		}
		next.ServeHTTP(w, &inner)
	})
}

// outsideBase is the context key that marks requests outside of the base.
type outsideBase struct{}

// mayForward reports whether a request comes from where a proxy may be: a trusted address, or this
// machine.
func (s *server) mayForward(r *http.Request) bool {
	return s.proxies.trust(r.RemoteAddr) || isLoopback(r.RemoteAddr)
}

// checkPath refuses a request outside of the base: nothing of this service is there.
func (s *server) checkPath(r *http.Request) error {
	if r.Context().Value(outsideBase{}) == nil || isProbe(r) {
		return nil
	}
	if s.warnedOfPath.CompareAndSwap(false, true) {
		s.log.Warn("requests outside of the path of BASE_URL are refused", "base", s.public, "from", r.RemoteAddr,
			"remedy", "if a proxy there cuts the path off, let it pass the path on, or set TRUSTED_PROXIES to its address, like "+networkOf(r.RemoteAddr))
	}
	p := notFound(fmt.Errorf("the request is outside of %s", s.public))
	p.text, p.args = "error.outside", []any{s.public.text + "/"}
	return p
}

// isProbe reports whether a request asks for the health of the process, which it tells under every
// name and path.
func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }
