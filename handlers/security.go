package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/internal/photo"
)

const (
	// maxBody bounds a request's body: the longest message, every syllable in three pieces of nine escaped bytes each, its companions,
	// and room for one that is too long, so that it is refused by a sentence and still there.
	maxBody = 512 << 10
	// maxUpload bounds the body of a form with a photo. It is more than a photo may have, so that one straight out of a large camera is
	// refused by a sentence beside its field, with everything else that was typed still there.
	maxUpload = 3*photo.MaxBytes + maxBody
	// answerWithin bounds how long a client may take to receive an answer that is no stream.
	answerWithin = time.Minute
)

const (
	keyRequestID = "request id"
	keyNonce     = "nonce"
)

func requestID(c *gin.Context) string { return c.GetString(keyRequestID) }

// nonce allows the style element of this one answer.
func nonce(c *gin.Context) string { return c.GetString(keyNonce) }

// prepare gives every request its id, bounds and headers, and logs it at the end.
func (s *server) prepare(c *gin.Context) {
	start := s.now()
	c.Set(keyRequestID, uuid.NewString())
	c.Set(keyNonce, rand.Text())
	limit := int64(maxBody)
	if c.Request.Method == http.MethodPost && c.FullPath() == "/profile" {
		limit = maxUpload
	}
	if c.Request.Body != http.NoBody {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	}
	// No timeout of the server itself: it would cut streams, which set their own deadlines.
	if err := http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(answerWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.log.Debug("write deadline", "err", err)
	}
	s.setHeaders(c)
	if err := crossOriginError(c.Request); err != nil {
		s.fail(c, forbidden(err))
	}
	c.Next()
	s.logRequest(c, start)
}

func (s *server) setHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Request-Id", requestID(c))
	h.Set("Content-Security-Policy", contentPolicy(nonce(c)))
	for _, header := range sameHeaders {
		h[header.name] = header.values
	}
	if strings.HasPrefix(s.origin(c), "https:") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// sameHeaders are those of every answer, with names in their canonical form, ready to be put into a header. Who adds to one gets a
// copy, because there is no room behind the one value.
var sameHeaders = []struct {
	name   string
	values []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cache-Control", []string{"no-store"}},
	{"Vary", []string{"Accept, Accept-Language, Authorization, Cookie, HX-Request"}},
}

// contentPolicy lets a page use this house's own files and the one style element that carries the nonce.
func contentPolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data: blob:; " +
		"connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
}

func (s *server) logRequest(c *gin.Context, start time.Time) {
	attrs := append(make([]slog.Attr, 0, 6),
		slog.String("method", c.Request.Method), slog.String("route", c.FullPath()), slog.Int("status", c.Writer.Status()),
		slog.Duration("duration", s.now().Sub(start).Round(time.Microsecond)), slog.String("request_id", requestID(c)))
	if v := visitorOf(c); v.user != nil {
		attrs = append(attrs, slog.Int64("user_id", v.user.ID))
	}
	s.log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request", attrs...)
}

// refuseCrossOrigin keeps other sites from writing in a visitor's name (net/http.CrossOriginProtection).
func (s *server) refuseCrossOrigin(engine *gin.Engine) http.Handler {
	protection := http.NewCrossOriginProtection()
	if s.baseURL != "" {
		// Behind a proxy the Host may differ from the address that browsers see.
		if err := protection.AddTrustedOrigin(s.baseURL); err != nil {
			s.log.Warn("base URL is not an origin", "err", err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := protection.Check(r); err != nil {
			r = r.WithContext(context.WithValue(r.Context(), crossOrigin{}, err))
		}
		engine.ServeHTTP(w, r)
	})
}

// crossOrigin marks a request that another site sent.
type crossOrigin struct{}

func crossOriginError(r *http.Request) error {
	err, _ := r.Context().Value(crossOrigin{}).(error)
	return err
}

// proxies are networks whose X-Forwarded-Proto is believed.
type proxies []netip.Prefix

func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxies: %q is not a CIDR like 10.0.0.0/8", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (p proxies) trust(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// origin is the public address of this service, without a slash at the end.
func (s *server) origin(c *gin.Context) string {
	if s.baseURL != "" {
		return s.baseURL
	}
	scheme := "http"
	if c.Request.TLS != nil || s.proxies.trust(c.Request.RemoteAddr) && c.GetHeader("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host
}

// limitRate bounds how often one user, or one address of people signed out, asks for anything at all.
func (s *server) limitRate(c *gin.Context) {
	if after, ok := s.limits.allow(limitRequests, s.limitKey(c)); !ok {
		s.fail(c, tooMany(after))
	}
}

// limitKey names who is limited: the user, or the address of somebody signed out.
func (s *server) limitKey(c *gin.Context) string {
	if user := viewer(c); user != nil {
		return "user " + itoa(user.ID)
	}
	return addressKey(c.ClientIP())
}
