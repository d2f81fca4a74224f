package handlers

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// headAsGet answers HEAD as GET is answered (RFC 9110, 9.3.2). net/http, which still knows how it was asked, leaves the body out.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headRequest{}, true))
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// headRequest marks a request that wants no body.
type headRequest struct{}

// headOnly reports whether a request wants no body: nobody visits anything by it, and no stream is opened.
func headOnly(c *gin.Context) bool { return c.Request.Context().Value(headRequest{}) != nil }
