package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"sarangbang/static"
)

func (s *server) showHealth(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// showReadiness answers 200 when the database answers, else 503. Migrations are done before the
// server listens.
func (s *server) showReadiness(c *gin.Context) error {
	if err := s.store.Ready(c.Request.Context()); err != nil {
		return &problem{status: http.StatusServiceUnavailable, code: "internal", text: "error.busy", cause: err}
	}
	c.String(http.StatusOK, "ok\n")
	return nil
}

func (s *server) showFavicon(c *gin.Context) {
	c.Redirect(http.StatusMovedPermanently, static.Path("favicon.svg"))
}
