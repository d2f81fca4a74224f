package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/live"
	"sarangbang/views"
)

// problem is an error with two texts: a sentence for people, by its key, and a cause for the log.
type problem struct {
	status int
	code   string // for programs
	text   string // key of the sentence
	cause  error
	// after is when trying again makes sense; zero: not said.
	after time.Duration
}

func (p *problem) Error() string {
	if p.cause != nil {
		return p.code + ": " + p.cause.Error()
	}
	return p.code
}

func (p *problem) Unwrap() error { return p.cause }

func notFound(cause error) *problem {
	return &problem{status: http.StatusNotFound, code: "not_found", text: "error.not_found", cause: cause}
}

func forbidden(cause error) *problem {
	return &problem{status: http.StatusForbidden, code: "forbidden", text: "error.forbidden", cause: cause}
}

func unauthorized(text string) *problem {
	return &problem{status: http.StatusUnauthorized, code: "unauthorized", text: text}
}

func tooMany(after time.Duration) *problem {
	return &problem{status: http.StatusTooManyRequests, code: "too_many", text: "error.too_many", after: after}
}

// classify finds the answer for an error from below.
func classify(err error) *problem {
	var p *problem
	var large *http.MaxBytesError
	bad := inputError(err)
	switch {
	case errors.As(err, &p):
		return p
	case bad != nil && bad.status != 0:
		return &problem{status: bad.status, code: bad.code, text: "error.invalid", cause: err}
	case bad != nil:
		return &problem{status: http.StatusUnprocessableEntity, code: "invalid", text: "error.invalid", cause: err}
	case errors.As(err, &large):
		return &problem{status: http.StatusRequestEntityTooLarge, code: "too_large", text: "error.too_large", cause: err}
	case errors.Is(err, db.ErrNotFound):
		return notFound(err)
	case errors.Is(err, db.ErrForbidden):
		return forbidden(err)
	case errors.Is(err, db.ErrConflict):
		return &problem{status: http.StatusConflict, code: "conflict", text: "error.conflict", cause: err}
	case errors.Is(err, live.ErrTooManyOfUser):
		return tooMany(streamRetry)
	case errors.Is(err, live.ErrTooMany), errors.Is(err, live.ErrClosed):
		return &problem{status: http.StatusServiceUnavailable, code: "too_many", text: "error.busy", cause: err, after: streamRetry}
	}
	return &problem{status: http.StatusInternalServerError, code: "internal", text: "error.internal", cause: err}
}

// streamRetry is when a refused stream may be asked for again.
const streamRetry = 10 * time.Second

// fail answers an error; nothing else in the program does.
func (s *server) fail(c *gin.Context, err error) {
	c.Abort()
	p := classify(err)
	s.logProblem(c, p)
	if c.Writer.Written() {
		return // the answer was under way: all that is left is to end it
	}
	if p.after > 0 {
		c.Header("Retry-After", strconv.Itoa(int((p.after+time.Second-1)/time.Second)))
	}
	lang := s.language(c)
	bad := inputError(err)
	switch {
	case wantsJSON(c):
		c.PureJSON(p.status, errorJSON(c, lang, p, bad.translate(lang)))
	case wantsStream(c):
		c.String(p.status, "%s\n", sentences(lang, p, bad))
	case bad != nil && bad.form != nil:
		s.failForm(c, p.status, bad)
	case p.status == http.StatusUnauthorized:
		s.sendToLogin(c)
	case isHTMX(c):
		s.failFragment(c, views.ErrorPage{Status: p.status, Text: sentences(lang, p, bad), RequestID: requestID(c)})
	default:
		s.failPage(c, p, bad)
	}
}

// sentences says everything that is wrong in one text.
func sentences(lang string, p *problem, bad *invalid) string {
	text := views.Text(lang, p.text)
	for _, sentence := range bad.translate(lang) {
		text += " " + sentence
	}
	return text
}

// failForm shows the form again, with what was typed.
func (s *server) failForm(c *gin.Context, status int, bad *invalid) {
	a, err := bad.form(bad.translate(s.language(c)))
	if err == nil {
		a.status = status
		err = s.respond(c, a)
	}
	if err != nil {
		s.fail(c, &problem{status: http.StatusInternalServerError, code: "internal", text: "error.internal", cause: err})
	}
}

// failFragment says what went wrong where it was tried: a whole page has no place inside another.
func (s *server) failFragment(c *gin.Context, e views.ErrorPage) {
	err := s.respond(c, answer{status: e.Status, fragment: func() (template.HTML, error) {
		return s.partial(c, "errors/_error", e)
	}})
	if err != nil {
		c.String(e.Status, "%s %s\n", e.Text, e.RequestID)
	}
}

// failPage shows the page of an error. Should that fail as well, the one rendered at start-up is sent.
func (s *server) failPage(c *gin.Context, p *problem, bad *invalid) {
	lang := s.language(c)
	page := views.ErrorPage{Page: s.barePage(c, views.Text(lang, "error.title")), Status: p.status, Text: sentences(lang, p, bad), RequestID: requestID(c)}
	if p.status < http.StatusInternalServerError {
		if filled, err := s.page(c, page.Title); err == nil {
			page.Page = filled
		}
	} else {
		page.Viewer = nil // nothing is known of their rooms now, and an empty list would be a lie
	}
	var b bytes.Buffer
	if err := s.renderError(&b, lang, page); err != nil {
		s.log.Error("error page", "err", err, "request_id", requestID(c))
		b.Reset()
		b.Write(s.lastResort[lang])
	}
	c.Data(p.status, htmlType, b.Bytes())
}

// renderError renders an error's page. A panic is one more error: nobody is left to catch it.
func (s *server) renderError(b *bytes.Buffer, lang string, page views.ErrorPage) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return s.views.Render(b, "errors/show", lang, page)
}

// renderLastResort renders the page of status 500 in every language, so that nothing can break it later.
func (s *server) renderLastResort() (map[string][]byte, error) {
	pages := map[string][]byte{}
	for _, lang := range views.Languages {
		var b bytes.Buffer
		page := views.ErrorPage{
			Page:   views.Page{Title: views.Text(lang, "error.title"), Language: lang, Zone: time.UTC, Path: "/"},
			Status: http.StatusInternalServerError,
			Text:   views.Text(lang, "error.internal"),
		}
		if err := s.views.Render(&b, "errors/show", lang, page); err != nil {
			return nil, err
		}
		pages[lang] = b.Bytes()
	}
	return pages, nil
}

// sendToLogin is the answer to somebody who must sign in first.
func (s *server) sendToLogin(c *gin.Context) {
	to := "/login?next=" + url.QueryEscape(pagePath(c))
	if s.nobodyYet(c) {
		to = "/signup"
	}
	if isHTMX(c) {
		redirectHTMX(c, to)
		return
	}
	c.Redirect(http.StatusSeeOther, to)
}

func (s *server) logProblem(c *gin.Context, p *problem) {
	if p.status >= http.StatusInternalServerError && !errors.Is(p.cause, live.ErrClosed) {
		level := slog.LevelError
		if c.Request.Context().Err() != nil {
			level = slog.LevelDebug // the client has gone away, as telephones do, and what was under way was given up
		}
		s.log.Log(context.WithoutCancel(c.Request.Context()), level, "request failed", "method", c.Request.Method, "route", c.FullPath(), "request_id", requestID(c), "err", p.cause)
	}
}

// recoverPanic makes a panic the same answer as any other failure.
func (s *server) recoverPanic(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler {
			panic(v)
		}
		s.fail(c, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
	}()
	c.Next()
}

func (s *server) noSuchPage(*gin.Context) error { return notFound(nil) }
