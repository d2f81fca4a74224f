package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/static"
)

func (s *server) showHealth(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

const (
	// readyWithin bounds how long a question for readiness waits for the database.
	readyWithin = 1500 * time.Millisecond
	// readyFor is how long its answer holds. Anybody may ask, and is not counted.
	readyFor = time.Second
)

// readiness asks at most once in readyFor whether the database answers.
type readiness struct {
	ask func(context.Context) error

	mu    sync.Mutex // held while the database is asked
	asked time.Time
	err   error
}

// now returns nil when the database answers.
func (r *readiness) now() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) >= readyFor {
		ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
		defer cancel()
		r.err = r.ask(ctx)
		r.asked = time.Now()
	}
	return r.err
}

// showReadiness answers 200 when the database answers, else 503. Migrations are done before the
// server listens.
func (s *server) showReadiness(c *gin.Context) error {
	if err := s.ready.now(); err != nil {
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
