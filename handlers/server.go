// Package handlers is the HTTP side of Sarangbang: pages, fragments for htmx, and JSON for
// programs.
//
// routes.go is the table of contents, and each resource has a file. A handler gathers what the
// answer needs and returns it in all its forms to respond, which chooses one; an error it returns
// is answered in errors.go.
package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/files"
	"sarangbang/internal/lru"
	"sarangbang/internal/password"
	"sarangbang/internal/photo"
	"sarangbang/live"
	"sarangbang/views"
)

// Registration is who may sign up. The first user of a service always may.
type Registration string

const (
	RegistrationInvite Registration = "invite" // people with an invitation link
	RegistrationOpen   Registration = "open"   // anybody
	RegistrationClosed Registration = "closed" // nobody
)

// Options are what New makes a service of.
type Options struct {
	Store  *db.Store
	Views  *views.Renderer
	Hub    *live.Hub
	Logger *slog.Logger
	// SessionKey is the key of session cookies: at least 32 bytes, the same in every process of the
	// service.
	SessionKey []byte
	// SetupCode is what the first account needs that is not made from this machine. Empty: nothing.
	SetupCode string
	// BaseURL is the public address without a slash at the end. Empty: it is taken from each
	// request. Its path is the one that the renderer has been made for.
	BaseURL      string
	Registration Registration
	// TrustedProxies are CIDRs. X-Forwarded-* and Forwarded are read only from there.
	TrustedProxies []string
	// RateLimits turns on the limits of request rates, which are off for measurements.
	RateLimits bool
	// LiveNonce is the nonce of the style elements in live logs. The renderer has the same.
	LiveNonce string
	// Storage keeps the files of messages. They wait in the folder Aside for it; empty: that of
	// the system. MaxFile bounds each, and MaxStorage all together, in bytes; 0: nothing does.
	Storage             files.Storage
	Aside               string
	MaxFile, MaxStorage int64
	// CheapPasswords makes hashing fast and insecure, for tests.
	CheapPasswords bool
	Now            func() time.Time // nil: time.Now
	// patience is, in tests, the pace of clients; 0: takeWithin and sendWithin.
	patience time.Duration
}

type server struct {
	store        *db.Store
	views        *views.Renderer
	hub          *live.Hub
	log          *slog.Logger
	public       *origin // BASE_URL; nil: taken from each request
	registration Registration
	setupCode    string // see Options
	liveNonce    string
	now          func() time.Time
	sessions     sessionStore
	names        cookieNames
	cookies      cookieCache
	pages        *lru.Cache[pageKey, *renderedPage]
	passwords    *password.Hasher
	photos       *photo.Resizer
	limits       *limiter
	underWay     *underWay
	ready        readiness
	photosOnWay  *underWay // by user
	uploadsOnWay *underWay // by user
	files        *files.Receiver
	maxStorage   int64
	knownKey     []byte
	knownTokens  *lru.Cache[uint64, bool] // by hash of a token: whether it was right the last time
	zones        zoneCache
	proxies      proxies
	crossOrigin  *http.CrossOriginProtection
	plainPages   map[plainPage][]byte // rendered at start-up
	buffers      sync.Pool            // of *bytes.Buffer, for pages
	codings      []*coding
	hasUsers     atomic.Bool // somebody has signed up; once true, always true

	takeWithin, sendWithin time.Duration // the pace of clients, see paced

	warnedOfProxy atomic.Bool // the log has said that a proxy is not trusted
	warnedOfPath  atomic.Bool // the log has said that a request was outside of the path of BASE_URL
}

// New returns the handler of the service. It fails for a session key that is too short, trusted
// proxies that are no CIDRs, and an error page that does not render.
func New(o Options) (http.Handler, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	engine, err := s.newEngine(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	return s.paced(headAsGet(s.underBase(engine))), nil
}

func newServer(o Options) (*server, error) {
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
	pictures := photo.NewResizer()
	s := &server{
		store:        o.Store,
		views:        o.Views,
		hub:          o.Hub,
		log:          o.Logger,
		registration: o.Registration,
		setupCode:    o.SetupCode,
		liveNonce:    o.LiveNonce,
		now:          o.Now,
		passwords:    password.NewHasher(),
		photos:       pictures,
		files:        files.NewReceiver(o.Storage, o.MaxFile, o.Aside, pictures),
		maxStorage:   o.MaxStorage,
		limits:       newLimiter(o.RateLimits, o.Now),
		underWay:     newUnderWay(requestsUnderWay, answersUnderWay),
		ready:        readiness{ask: o.Store.Ready},
		photosOnWay:  newUnderWay(photosUnderWay, maxUpload),
		uploadsOnWay: newUnderWay(uploadsUnderWay, 1),
		cookies:      newCookieCache(),
		knownTokens:  lru.New[uint64, bool](maxKnownTokens),
		pages:        lru.New[pageKey, *renderedPage](pageBytes),
		proxies:      trusted,
		crossOrigin:  http.NewCrossOriginProtection(),
		codings:      newCodings(),
		buffers:      sync.Pool{New: func() any { return new(bytes.Buffer) }},
		takeWithin:   cmp.Or(o.patience, takeWithin),
		sendWithin:   cmp.Or(o.patience, sendWithin),
	}
	if o.BaseURL != "" {
		if s.public, err = parseOrigin(o.BaseURL); err != nil {
			return nil, err
		}
		if s.public.path != o.Views.Base() {
			return nil, fmt.Errorf("base URL: its path is %q, pages are rendered for %q", s.public.path, o.Views.Base())
		}
	}
	if o.CheapPasswords {
		s.passwords = password.NewCheapHasher()
	}
	if s.sessions, err = newSessionStore(o.SessionKey); err != nil {
		return nil, err
	}
	if s.names, err = newCookieNames(o.SessionKey, o.Views.Base()); err != nil {
		return nil, err
	}
	if s.knownKey, err = newKnownKey(o.SessionKey); err != nil {
		return nil, err
	}
	if s.plainPages, err = s.renderPlainPages(); err != nil {
		return nil, err
	}
	return s, nil
}

// newEngine returns gin with all routes.
func (s *server) newEngine(trustedProxies []string) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash = false // gin's answers have none of our headers, and obey X-Forwarded-Prefix
	if err := engine.SetTrustedProxies(trustedProxies); err != nil {
		return nil, err
	}
	s.routes(engine)
	return engine, nil
}

// handler answers a request, or returns the error that fail answers.
type handler func(*gin.Context) error

// do adapts a handler to gin.
func (s *server) do(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}
