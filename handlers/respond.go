package handlers

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// answer is what a handler has decided to say, in every form it may be asked for.
type answer struct {
	status  int    // 200 when zero
	page    string // template for browsers
	partial string // template for htmx; empty: the page
	data    any    // for page and partial
	json    any    // for programs
	// kept, when set, names everything that the page is made of but its gaps, and fill makes its data: as long as a page made of the
	// same is remembered, that is not needed.
	kept any
	gaps views.Gaps
	fill func(views.Gaps) any
	// fragment is for htmx instead of a partial: a message that is rendered already.
	fragment template.HTML
}

// present answers a reading request: page, partial or JSON.
func (s *server) present(c *gin.Context, a answer) error {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if wantsJSON(c) && a.json != nil {
		writeJSON(c, a.status, a.json)
		return nil
	}
	if isHTMX(c) && a.fragment != "" {
		c.Data(a.status, htmlType, []byte(a.fragment))
		return nil
	}
	// Rendered into a buffer first, so that a template that fails half-way is a clean error.
	b := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(b)
	b.Reset()
	if err := s.render(b, c, a); err != nil {
		return err
	}
	c.Data(a.status, htmlType, b.Bytes())
	return nil
}

func (s *server) render(b *bytes.Buffer, c *gin.Context, a answer) error {
	switch {
	case isHTMX(c) && a.partial != "":
		return s.views.Render(b, a.partial, s.language(c), a.data)
	case a.fill == nil:
		return s.views.Render(b, a.page, s.language(c), a.data)
	case a.kept == nil || !s.store.Remembers(c.Request.Context()):
		return s.views.Render(b, a.page, s.language(c), a.fill(a.gaps))
	}
	return s.views.RenderKept(b, a.kept, a.page, s.language(c), a.gaps, a.fill)
}

const (
	htmlType = "text/html; charset=utf-8"
	jsonType = "application/json; charset=utf-8"
)

// written is the end of a write.
type written struct {
	to      string      // where a browser is sent
	created bool        // 201 for programs instead of 200
	json    any         // for programs; nil: 204
	message *db.Message // instead of json; htmx gets it as well. Without it htmx goes to the page
}

// wrote ends a write: browsers are sent to a page that shows the result, htmx gets the fragment, programs the object.
func (s *server) wrote(c *gin.Context, w written) error {
	switch {
	case wantsJSON(c):
		s.wroteJSON(c, w)
	case isHTMX(c) && w.message != nil:
		return s.present(c, answer{fragment: s.views.Message(s.locale(c), w.message)})
	case isHTMX(c):
		redirectHTMX(c, w.to)
	default:
		c.Redirect(http.StatusSeeOther, w.to)
	}
	return nil
}

func (s *server) wroteJSON(c *gin.Context, w written) {
	status := http.StatusOK
	if w.created {
		status = http.StatusCreated
	}
	switch {
	case w.message != nil:
		writeJSON(c, status, messageJSON(s.views, w.message))
	case w.json != nil:
		writeJSON(c, status, w.json)
	default:
		c.Status(http.StatusNoContent)
	}
}

// writeJSON ends with a line feed, for terminals. What is encoded already is not looked at again.
func writeJSON(c *gin.Context, status int, shape any) {
	if encoded, ok := shape.(json.RawMessage); ok {
		c.Data(status, jsonType, append(encoded, '\n'))
		return
	}
	c.PureJSON(status, shape)
}

// wantsJSON tells programs from browsers: by Accept; where that names neither, by a bearer token or a JSON body.
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

// wantsStream tells requests for an event stream, whose errors are plain.
func wantsStream(c *gin.Context) bool {
	return strings.HasSuffix(c.FullPath(), "/stream")
}

// Everything that htmx says and hears is here.
const (
	headerHTMX      = "HX-Request"
	headerBoosted   = "HX-Boosted"
	headerRestore   = "HX-History-Restore-Request"
	headerPreloaded = "HX-Preloaded"
	headerRedirect  = "HX-Redirect"
)

// upsert puts a rendered message into the log of every page that gets it in a stream: in the place of the message with the same id,
// else at its place in the order.
func upsert(message template.HTML) []byte {
	return []byte(`<hx-upsert hx-target="#messages" sort>` + string(message) + `</hx-upsert>`)
}

// partial puts HTML into the place of every page that gets it in a stream.
func partial(target, swap, html string) []byte {
	return []byte(`<hx-partial hx-target="` + target + `" hx-swap="` + swap + `">` + html + `</hx-partial>`)
}

// isHTMX tells requests whose answer is swapped into a page.
func isHTMX(c *gin.Context) bool {
	return c.GetHeader(headerHTMX) == "true" && c.GetHeader(headerBoosted) == "" && c.GetHeader(headerRestore) == ""
}

// redirectHTMX sends the whole page elsewhere.
func redirectHTMX(c *gin.Context, to string) {
	c.Header(headerRedirect, to)
	c.Status(http.StatusOK)
}
