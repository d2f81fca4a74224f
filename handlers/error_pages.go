package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/views"
)

// failPage answers with an error page. One that has to cost little, and has no form in it, is sent
// as it was rendered at start-up. So is that of status 500 where the template fails.
func (s *server) failPage(c *gin.Context, p *problem, errs *formErrors) {
	lang, again := s.language(c), s.formAgain(c, p)
	if p.bare && again == nil {
		s.send(c, p.status, htmlType, s.plainPages[plainPage{p.status, lang, theme(c)}])
		return
	}
	passageOf(c).work(c.Request.Context())
	page := views.ErrorPage{
		Page:   s.barePage(c, views.Text(lang, "error.title")),
		Status: p.status, Text: sentences(lang, p, errs), RequestID: requestID(c), Again: again,
	}
	if p.status == http.StatusNotFound {
		page.Title = views.Text(lang, "error.not_found_title")
	}
	if p.status < http.StatusInternalServerError && !p.bare {
		if filled, err := s.page(c, page.Title); err == nil {
			page.Page = filled
		}
	} else {
		page.Viewer = nil // there is no list of rooms, and an empty one would be wrong
	}
	if page.Viewer == nil {
		keepPlain(c)
	}
	var b bytes.Buffer
	if err := s.renderError(&b, lang, page); err != nil {
		s.log.Error("error page", "err", err, "request_id", requestID(c))
		b.Reset()
		b.Write(s.plainPages[plainPage{http.StatusInternalServerError, lang, theme(c)}])
	}
	s.send(c, p.status, htmlType, b.Bytes())
}

// renderError renders an error page into b. It returns a panic as an error, because recoverPanic,
// whose answer is an error page too, is not there to catch it.
func (s *server) renderError(b *bytes.Buffer, lang string, page views.ErrorPage) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return s.views.Render(b, "errors/show", lang, page)
}

// plainPage is an error page that is the same for everybody who has chosen one language and one
// theme.
type plainPage struct {
	status      int
	lang, theme string
}

// renderPlainPages renders the pages of status 413, 429 and 500 at start-up: the first
// two are to cost nothing, and no later failure can break the third.
func (s *server) renderPlainPages() (map[plainPage][]byte, error) {
	pages := map[plainPage][]byte{}
	for status, text := range map[int]string{
		http.StatusRequestEntityTooLarge: "error.too_large",
		http.StatusTooManyRequests:       "error.too_many",
		http.StatusInternalServerError:   "error.internal",
	} {
		for _, lang := range views.Languages {
			for _, chosen := range themes {
				var b bytes.Buffer
				page := views.ErrorPage{Status: status, Text: views.Text(lang, text), Page: views.Page{
					Title: views.Text(lang, "error.title"), Language: lang, Zone: time.UTC, Path: "/", Theme: chosen,
				}}
				if err := s.views.Render(&b, "errors/show", lang, page); err != nil {
					return nil, err
				}
				pages[plainPage{status, lang, chosen}] = b.Bytes()
			}
		}
	}
	return pages, nil
}
