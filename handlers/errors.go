package handlers

import (
	"cmp"
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

// problem is an error as it is answered: a sentence for people, and a cause for the log.
type problem struct {
	status int
	code   string        // for programs
	text   string        // key of the sentence
	args   []any         // what stands in the sentence; may be nil
	cause  error         // may be nil
	after  time.Duration // when to try again, for the header Retry-After; zero: the header is left out
	bare   bool          // the answer has to cost little, see failPage
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

// noSuchInvite is the error of an invitation that does not exist or does not hold any more.
func noSuchInvite() *problem {
	return &problem{status: http.StatusNotFound, code: "not_found", text: "error.invite"}
}

func tooMany(after time.Duration) *problem {
	return &problem{status: http.StatusTooManyRequests, code: "too_many", text: "error.too_many", after: after}
}

// bare returns a problem whose answer has to cost little.
func bare(p *problem) *problem {
	p.bare = true
	return p
}

// tooLarge is the error of a body over the bound of its route.
func tooLarge(cause error) *problem {
	return bare(&problem{status: http.StatusRequestEntityTooLarge, code: "too_large", text: "error.too_large", cause: cause})
}

// classify returns the problem that answers an error of a handler, the store or the hub.
func classify(err error) *problem {
	var p *problem
	var large *http.MaxBytesError
	errs := asFormErrors(err)
	switch {
	case errors.As(err, &p):
		return p
	case errs != nil && errs.status != 0:
		return &problem{status: errs.status, code: errs.code, text: "error.invalid", cause: err}
	case errs != nil:
		return &problem{status: http.StatusUnprocessableEntity, code: "invalid", text: "error.invalid", cause: err}
	case errors.As(err, &large):
		return tooLarge(err)
	case errors.Is(err, db.ErrNotFound):
		return notFound(err)
	case errors.Is(err, db.ErrBanned):
		return &problem{status: http.StatusForbidden, code: "forbidden", text: "error.banned", cause: err}
	case errors.Is(err, db.ErrForbidden):
		return forbidden(err)
	case errors.Is(err, db.ErrConflict):
		return conflict(err)
	case errors.Is(err, db.ErrFileGone), errors.Is(err, db.ErrUnavailable):
		return &problem{
			status: http.StatusServiceUnavailable, code: "unavailable", text: "error.unavailable", cause: err, after: streamRetry,
		}
	case errors.Is(err, live.ErrTooManyOfUser):
		return tooMany(streamRetry)
	case errors.Is(err, live.ErrTooMany), errors.Is(err, live.ErrClosed):
		return &problem{status: http.StatusServiceUnavailable, code: "too_many", text: "error.busy", cause: err, after: streamRetry}
	}
	return &problem{status: http.StatusInternalServerError, code: "internal", text: "error.internal", cause: err}
}

// conflicts are the sentences of conflicts that have their own. A status or code that is empty is
// that of any conflict.
var conflicts = []struct {
	of     error
	text   string
	args   []any
	status int
	code   string
}{
	{of: db.ErrArchived, text: "error.archived"},
	{of: db.ErrLastAdministrator, text: "error.last_administrator"},
	{of: db.ErrTooManyInvites, text: "error.invites", args: []any{db.MaxInvites}},
	{of: db.ErrTooManyTokens, text: "error.tokens", args: []any{db.MaxTokens}},
	{of: db.ErrTooManyReactions, text: "error.reactions"},
	{of: db.ErrTooManyPins, text: "error.pins", args: []any{db.MaxPins}},
	{of: db.ErrFilesOfDay, text: "error.files_day", args: []any{db.FilesADay >> 30}, status: http.StatusRequestEntityTooLarge, code: "too_large"},
	{of: db.ErrStorageFull, text: "error.storage_full", status: http.StatusInsufficientStorage, code: "full"},
	{of: db.ErrConflict, text: "error.conflict"},
}

// conflict returns the problem of a db.ErrConflict.
func conflict(err error) *problem {
	for _, c := range conflicts {
		if errors.Is(err, c.of) {
			return &problem{status: cmp.Or(c.status, http.StatusConflict), code: cmp.Or(c.code, "conflict"), text: c.text, args: c.args, cause: err}
		}
	}
	return nil // every conflict is a db.ErrConflict
}

// streamRetry is the time after which a client may ask again for a stream that was refused.
const streamRetry = 10 * time.Second

// keyFailed is set once a request is answered with an error.
const keyFailed = "failed"

// fail answers a request with an error, in the form that the client wants: JSON, a line of text for
// streams, the form that failed, a redirect to the sign-in page, a fragment for htmx, or a page.
// Every error of a handler is answered here.
func (s *server) fail(c *gin.Context, err error) {
	c.Abort()
	c.Set(keyFailed, true)
	p := classify(err)
	s.logProblem(c, p)
	if c.Writer.Written() {
		return // the answer was under way: all that is left is to end it
	}
	if p.after > 0 {
		c.Header("Retry-After", strconv.Itoa(int((p.after+time.Second-1)/time.Second)))
	}
	lang := s.language(c)
	errs := asFormErrors(err)
	switch {
	case wantsJSON(c):
		c.PureJSON(p.status, errorJSON(c, lang, p, errs.translate(lang)))
	case wantsStream(c):
		c.String(p.status, "%s\n", sentences(lang, p, errs))
	case errs != nil && errs.form != nil:
		s.failForm(c, p.status, errs)
	case p.status == http.StatusUnauthorized:
		s.sendToLogin(c)
	case isHTMX(c):
		s.failFragment(c, views.ErrorPage{Status: p.status, Text: sentences(lang, p, errs), RequestID: requestID(c)})
	default:
		s.failPage(c, p, errs)
	}
}

// sentences returns everything that is wrong as one text. errs may be nil.
func sentences(lang string, p *problem, errs *formErrors) string {
	text := views.Text(lang, p.text, p.args...)
	for _, sentence := range errs.translate(lang) {
		text += " " + sentence
	}
	return text
}

// failForm answers with the form that failed and what was typed. Where the form cannot be shown, as
// to somebody who may not see its page, it answers that error.
func (s *server) failForm(c *gin.Context, status int, errs *formErrors) {
	c.Set(keyRefused, true)
	a, err := errs.form(errs.translate(s.language(c)))
	if err == nil {
		a.status = status
		err = s.respond(c, a)
	}
	if err != nil {
		s.fail(c, err)
	}
}

// failFragment answers with a fragment that htmx swaps into the page, which has no place for
// another page.
func (s *server) failFragment(c *gin.Context, e views.ErrorPage) {
	err := s.respond(c, answer{status: e.Status, fragment: func() (template.HTML, error) {
		return s.partial(c, "errors/_error", e)
	}})
	if err != nil {
		c.String(e.Status, "%s %s\n", e.Text, e.RequestID)
	}
}

// sendToLogin redirects to the sign-in page, or to the sign-up page while nobody has an account,
// and from there back.
func (s *server) sendToLogin(c *gin.Context) {
	to := "/login?next=" + url.QueryEscape(s.address(s.pagePath(c)))
	if s.nobodyYet(c) {
		to = "/signup"
	}
	if isHTMX(c) {
		s.redirectHTMX(c, to)
		return
	}
	s.redirect(c, http.StatusSeeOther, to)
}

// logProblem logs the cause of a failure of the service. Refused requests are not failures, nor are
// streams refused during shutdown, or because there are too many.
func (s *server) logProblem(c *gin.Context, p *problem) {
	if p.status < http.StatusInternalServerError || errors.Is(p.cause, live.ErrClosed) || errors.Is(p.cause, live.ErrTooMany) {
		return
	}
	ctx, level := c.Request.Context(), slog.LevelError
	if ctx.Err() != nil {
		level = slog.LevelDebug // the client has disconnected, and the work for it was cancelled
	}
	s.log.Log(context.WithoutCancel(ctx), level, "request failed",
		"method", c.Request.Method, "route", c.FullPath(), "request_id", requestID(c), "err", p.cause)
}

// recoverPanic is the middleware that answers a panic like any other failure. http.ErrAbortHandler
// is passed on to net/http.
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
