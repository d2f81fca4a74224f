package handlers

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/internal/photo"
)

const (
	// maxBody bounds the body of a request, in bytes. It has room for the longest message with
	// every syllable decomposed into three jamo of nine escaped bytes each, for the other fields,
	// and for a message that is somewhat too long: it is refused by a sentence beside it instead of
	// being lost.
	maxBody = 512 << 10
	// maxForm bounds the body of all other forms, in bytes: the longest of them is a profile's.
	maxForm = 64 << 10
	// maxUpload bounds the body of a form with a photo, in bytes. It is more than photo.MaxBytes,
	// so that the photo of a large camera is refused by a sentence beside its field, and everything
	// that was typed is kept.
	maxUpload = 3*photo.MaxBytes + maxBody
)

const (
	keyRequestID = "request id"
)

// requestID returns the id of a request, which the log, the header X-Request-Id and error pages
// show.
func requestID(c *gin.Context) string { return c.GetString(keyRequestID) }

// prepare is the middleware that gives every request an id, bounds and headers, refuses it when it
// is for another host or path or comes from another site, and logs it at the end.
func (s *server) prepare(c *gin.Context) {
	start := s.now()
	c.Set(keyRequestID, uuid.NewString())
	tooMuch := s.boundBody(c)
	here := s.findOrigin(c.Request)
	c.Set(keyOrigin, here)
	s.setHeaders(c)
	s.warnOfProxy(c.Request)
	if tooMuch {
		s.fail(c, tooLarge(nil))
	} else if err := s.checkHost(c.Request); err != nil {
		s.fail(c, err)
	} else if err := s.checkPath(c.Request); err != nil {
		s.fail(c, err)
	} else if err := s.checkSameOrigin(c.Request, here); err != nil {
		s.fail(c, err)
	}
	c.Next()
	s.logRequest(c, start)
}

// boundBody bounds the body of a request, and reports whether it is refused at once, because it is
// somewhat too large. It is taken and thrown away then: browsers look at no answer before they have
// sent everything. One that is much too large fails when it is read.
func (s *server) boundBody(c *gin.Context) (tooMuch bool) {
	if c.Request.Body == http.NoBody {
		return false
	}
	bound, length := s.maxBytes(c), c.Request.ContentLength
	if tooMuch = length > bound && length <= 2*maxBody; tooMuch {
		io.Copy(io.Discard, c.Request.Body)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, bound)
	return tooMuch
}

// maxBytes returns the bound of a request's body.
func (s *server) maxBytes(c *gin.Context) int64 {
	switch path := c.FullPath(); {
	case path == "/rooms/:room/files":
		return s.files.MaxFile + maxForm
	case path == "/rooms/:room/messages" && mediaType(c) == gin.MIMEMultipartPOSTForm:
		return db.MaxFiles*s.files.MaxFile + maxBody
	case path == "/profile" && mediaType(c) == gin.MIMEMultipartPOSTForm:
		return maxUpload
	case path == "/rooms/:room/messages", path == "/rooms/:room/messages/:position":
		return maxBody
	}
	return maxForm
}

func (s *server) setHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Request-Id", requestID(c))
	for _, header := range sameHeaders {
		h[header.name] = header.values
	}
	if originOf(c).secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// sameHeaders are the headers of every answer, with names in canonical form. The slices are shared
// by all answers: http.Header.Add copies them, because they have no spare capacity.
var sameHeaders = []struct {
	name   string
	values []string
}{
	{"Content-Security-Policy", []string{contentPolicy("'self'")}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cache-Control", []string{"no-store"}},
	{"Vary", []string{"Accept, Accept-Encoding, Accept-Language, Authorization, Cookie, HX-Request, HX-Target"}},
}

// contentPolicy returns a Content-Security-Policy that allows a page the files of this service, and
// styles from the sources given.
func contentPolicy(styles string) string {
	return "default-src 'none'; script-src 'self'; style-src " + styles + "; " +
		"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; " +
		"form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
}

// logRequest logs a request that has been answered, without its address, which may hold secrets.
func (s *server) logRequest(c *gin.Context, start time.Time) {
	attrs := append(make([]slog.Attr, 0, 6),
		slog.String("method", c.Request.Method), slog.String("route", c.FullPath()), slog.Int("status", c.Writer.Status()),
		slog.Duration("duration", s.now().Sub(start).Round(time.Microsecond)), slog.String("request_id", requestID(c)))
	if v := visitorOf(c); v.user != nil {
		attrs = append(attrs, slog.Int64("user_id", v.user.ID))
	}
	s.log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request", attrs...)
}
