package handlers

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// headAsGet returns a handler that answers HEAD like GET (RFC 9110, section 9.3.2). net/http, which
// has kept the method of the request, leaves the body out.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headRequest{}, true))
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// headRequest is the context key that marks HEAD requests.
type headRequest struct{}

// headOnly reports whether a request is HEAD, which joins no room and opens no stream.
func headOnly(c *gin.Context) bool { return c.Request.Context().Value(headRequest{}) != nil }
