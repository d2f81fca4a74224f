// Package handlers is the HTTP side of Sarangbang: one file for each resource; every handler decides, then presents.
package handlers

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/password"
	"sarangbang/internal/photo"
	"sarangbang/live"
	"sarangbang/views"
)

// Registration says who may sign up; the first user of all always may.
type Registration string

const (
	RegistrationInvite Registration = "invite" // with an invitation link
	RegistrationOpen   Registration = "open"   // anybody
	RegistrationClosed Registration = "closed" // nobody
)

// Options make the handler of the whole service.
type Options struct {
	Store  *db.Store
	Views  *views.Renderer
	Hub    *live.Hub
	Logger *slog.Logger
	// SessionKey signs and encrypts cookies; at least 32 bytes, the same in every process of one service.
	SessionKey []byte
	// BaseURL is the public address without a slash at the end; empty: taken from each request.
	BaseURL      string
	Registration Registration
	// TrustedProxies are CIDRs whose X-Forwarded-* are believed.
	TrustedProxies []string
	// RateLimits off lifts request rates, for measuring.
	RateLimits bool
	// LiveNonce allows the style elements of live logs; the same as the renderer's.
	LiveNonce string
	// CheapPasswords makes hashing fast and weak: for tests alone.
	CheapPasswords bool
	Now            func() time.Time // nil: time.Now
}

type server struct {
	store        *db.Store
	views        *views.Renderer
	hub          *live.Hub
	log          *slog.Logger
	baseURL      string
	registration Registration
	liveNonce    string
	now          func() time.Time
	sessions     sessions.Store
	cookies      cookieCache
	passwords    *password.Hasher
	photos       *photo.Resizer
	limits       *limiter
	proxies      proxies
	lastResort   map[string][]byte // the page of status 500, by language, rendered at start-up
	buffers      sync.Pool         // of *bytes.Buffer, for pages
	hasUsers     atomic.Bool       // somebody has signed up; never goes back
}

// New makes the handler of the whole service. It fails for trusted proxies that are no CIDRs and templates that do not render.
func New(o Options) (http.Handler, error) {
	if len(o.SessionKey) < 32 {
		return nil, errors.New("the session key needs at least 32 bytes")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	trusted, err := parseProxies(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	s := &server{
		store:        o.Store,
		views:        o.Views,
		hub:          o.Hub,
		log:          o.Logger,
		baseURL:      o.BaseURL,
		registration: o.Registration,
		liveNonce:    o.LiveNonce,
		now:          o.Now,
		passwords:    password.NewHasher(),
		photos:       photo.NewResizer(),
		limits:       newLimiter(o.RateLimits, o.Now),
		cookies:      newCookieCache(),
		proxies:      trusted,
	}
	if o.CheapPasswords {
		s.passwords = password.NewCheapHasher()
	}
	s.buffers.New = func() any { return new(bytes.Buffer) }
	if s.sessions, err = newSessionStore(o.SessionKey); err != nil {
		return nil, err
	}
	if s.lastResort, err = s.renderLastResort(); err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	if err := engine.SetTrustedProxies(o.TrustedProxies); err != nil {
		return nil, err
	}
	s.routes(engine)
	return headAsGet(s.refuseCrossOrigin(engine)), nil
}

// handler decides and presents; an error it returns is answered in errors.go alone.
type handler func(*gin.Context) error

// do makes gin's kind of handler out of ours.
func (s *server) do(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}
