package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/static"
)

func (s *server) showHealth(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// readyWithin bounds how long a question for readiness waits for the database.
const readyWithin = 1500 * time.Millisecond

// showReadiness answers 200 when the database answers, else 503. Migrations are done before the
// server listens.
func (s *server) showReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyWithin)
	defer cancel()
	if err := s.store.Ready(ctx); err != nil {
		return &problem{
			status: http.StatusServiceUnavailable, code: "unavailable", text: "error.unavailable", cause: err, after: streamRetry,
		}
	}
	c.String(http.StatusOK, "ok\n")
	return nil
}

func (s *server) showFavicon(c *gin.Context) {
	s.redirect(c, http.StatusMovedPermanently, static.Path("favicon.svg"))
}
