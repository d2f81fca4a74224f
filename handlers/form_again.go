package handlers

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"sarangbang/views"
)

// maxAgain bounds the body of a form that is read only to be shown again, in bytes: the longest
// message has some 90 KB as a form.
const maxAgain = 128 << 10

// formAgain returns the form of a request that was refused for a reason that is not in it, to be
// sent again from the error page: nothing that was typed is lost. It returns nil for other
// requests, and for those that another site may have made up.
func (s *server) formAgain(c *gin.Context, p *problem) *views.FormAgain {
	r := c.Request
	passes := p.status == http.StatusTooManyRequests || p.status == http.StatusRequestTimeout ||
		p.status == http.StatusConflict || p.status >= http.StatusInternalServerError
	if r.Method != http.MethodPost || !passes || c.FullPath() == "" || s.checkSameOrigin(r, originOf(c)) != nil {
		return nil
	}
	if r.PostForm == nil && (mediaType(c) != gin.MIMEPOSTForm && mediaType(c) != gin.MIMEMultipartPOSTForm || r.ContentLength < 0 || r.ContentLength > maxAgain) {
		return nil
	}
	values := r.PostForm // of a form that was read part by part
	if values == nil {
		var err error
		if values, err = readBody(c); err != nil {
			return nil
		}
	}
	again := &views.FormAgain{Action: r.URL.RequestURI()}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			value = strings.ToValidUTF8(value, "\uFFFD")
			again.Add(name, value)
		}
	}
	return again
}
