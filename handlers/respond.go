package handlers

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
)

// answer is the answer to a reading request in every format. The formats are functions, of which
// respond calls the one that is wanted.
type answer struct {
	status   int                           // 200 when zero
	json     func() any                    // for programs; nil: the page
	fragment func() (template.HTML, error) // for htmx; nil: the page
	page     func() (view, error)
}

// view is a template with its data.
type view struct {
	template string
	data     any
}

// respond answers a reading request with JSON for programs, a fragment for htmx, or a page.
func (s *server) respond(c *gin.Context, a answer) error {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	switch {
	case wantsJSON(c) && a.json != nil:
		return s.sendJSON(c, a.status, a.json())
	case isHTMX(c) && a.fragment != nil:
		html, err := a.fragment()
		if err == nil {
			s.send(c, a.status, htmlType, []byte(html))
		}
		return err
	}
	return s.respondPage(c, a)
}

// respondPage renders into a buffer first, so that a template that fails half-way is a clean error.
func (s *server) respondPage(c *gin.Context, a answer) error {
	page, err := a.page()
	if err != nil {
		return err
	}
	b := s.buffer()
	defer s.release(b)
	render := s.views.Render
	if wantsMain(c) {
		render = s.views.RenderInPlace
	}
	if err := render(b, page.template, s.language(c), page.data); err != nil {
		return err
	}
	s.sendRendered(c, a.status, b.Bytes())
	return nil
}

// partial renders the template of a fragment.
func (s *server) partial(c *gin.Context, name string, data any) (template.HTML, error) {
	var b strings.Builder
	err := s.views.Render(&b, name, s.language(c), data)
	return template.HTML(b.String()), err // the output of a template is escaped
}

const (
	htmlType = "text/html; charset=utf-8"
	jsonType = "application/json; charset=utf-8"
)

// saved is the result of a write.
type saved struct {
	to      string      // where a browser is sent
	created bool        // 201 for programs instead of 200
	json    any         // for programs; nil: 204
	message *db.Message // set instead of json: htmx gets its fragment
	// fragment is for htmx, which is redirected without one.
	fragment func() (template.HTML, error)
}

// respondSaved answers a write: browsers are redirected to the page that shows the result, htmx
// gets a fragment or is redirected, programs get the object.
func (s *server) respondSaved(c *gin.Context, w saved) error {
	switch {
	case wantsJSON(c):
		return s.respondSavedJSON(c, w)
	case isHTMX(c) && w.message != nil:
		s.send(c, http.StatusOK, htmlType, []byte(s.views.Message(s.locale(c), w.message)))
	case isHTMX(c) && w.fragment != nil:
		html, err := w.fragment()
		if err == nil {
			s.send(c, http.StatusOK, htmlType, []byte(html))
		}
		return err
	case isHTMX(c):
		s.redirectHTMX(c, w.to)
	default:
		s.redirect(c, http.StatusSeeOther, w.to)
	}
	return nil
}

func (s *server) respondSavedJSON(c *gin.Context, w saved) error {
	status := http.StatusOK
	if w.created {
		status = http.StatusCreated
	}
	switch {
	case w.message != nil:
		return s.sendJSON(c, status, messageJSON(s.views, w.message))
	case w.json != nil:
		return s.sendJSON(c, status, w.json)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// wantsJSON reports whether a request is that of a program: by the header Accept, or where that
// names neither JSON nor HTML, by a bearer token or a JSON body.
func wantsJSON(c *gin.Context) bool {
	accept := c.GetHeader("Accept")
	json, html := strings.Index(accept, gin.MIMEJSON), strings.Index(accept, gin.MIMEHTML)
	switch {
	case json >= 0 && html >= 0:
		return json < html
	case json >= 0 || html >= 0:
		return json >= 0
	case wantsStream(c):
		return false
	}
	_, token := bearer(c)
	return token || c.ContentType() == gin.MIMEJSON
}

// wantsStream reports whether a request is for an event stream, whose errors are plain text.
func wantsStream(c *gin.Context) bool {
	return strings.HasSuffix(c.FullPath(), "/stream")
}

// Headers of htmx. All names of htmx are in this file.
const (
	headerHTMX      = "HX-Request"
	headerBoosted   = "HX-Boosted"
	headerRestore   = "HX-History-Restore-Request"
	headerPreloaded = "HX-Preloaded"
	headerRedirect  = "HX-Redirect"
	headerTarget    = "HX-Target"
)

// mainTarget is the value of HX-Target in requests for a page that is shown in place.
const mainTarget = "main#main"

// upsert returns an event of a stream that puts a message into the log of a page: in place of the
// message with the same id, or else where it belongs in the order.
func upsert(message template.HTML) []byte {
	return []byte(`<hx-upsert hx-target="#messages" sort>` + string(message) + `</hx-upsert>`)
}

// replacement returns an event of a stream that swaps HTML into the target on a page.
func replacement(target, swap, html string) []byte {
	return []byte(`<hx-partial hx-target="` + target + `" hx-swap="` + swap + `">` + html + `</hx-partial>`)
}

// isHTMX reports whether htmx swaps the answer, a fragment, into a page.
func isHTMX(c *gin.Context) bool {
	return c.GetHeader(headerHTMX) == "true" && c.GetHeader(headerBoosted) == "" && c.GetHeader(headerRestore) == "" && !isInPlace(c)
}

// isInPlace reports whether a page is asked for that takes the place of another one
// (static/js/navigate.js).
func isInPlace(c *gin.Context) bool {
	return c.GetHeader(headerTarget) == mainTarget && c.GetHeader(headerHTMX) == "true" && c.Request.Method == http.MethodGet
}

// wantsMain reports whether the answer is the main part of a page alone, without the list of rooms.
// Errors are whole pages.
func wantsMain(c *gin.Context) bool { return isInPlace(c) && !c.GetBool(keyFailed) }

// redirectHTMX answers with a redirect of the whole page.
func (s *server) redirectHTMX(c *gin.Context, to string) {
	c.Header(headerRedirect, s.address(to))
	c.Status(http.StatusOK)
}
