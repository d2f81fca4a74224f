package handlers

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// answerHead answers HEAD as GET is answered (RFC 9110, 9.3.2); net/http, which still knows how it was asked, leaves the body out.
func answerHead(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), head{}, true))
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// head marks a request that wants no body.
type head struct{}

// headOnly tells requests that want no body: nobody visits anything by them, and no stream is opened.
func headOnly(c *gin.Context) bool { return c.Request.Context().Value(head{}) != nil }
