package handlers

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	gorilla "github.com/gorilla/sessions"

	"sarangbang/db"
)

const (
	cookieName = "sarangbang"
	// sessionLife and rememberedLife are how long a sign-in holds.
	sessionLife    = 24 * time.Hour
	rememberedLife = 30 * 24 * time.Hour
)

// Names of values in the cookie.
const (
	valueUserID  = "userId"
	valueSession = "session"
	valueIssued  = "issued"
	valueExpires = "expires"
	valueEpoch   = "epoch"
	flashNotice  = "notice" // key of a sentence shown on the next page
	flashSecret  = "secret" // a new token's secret, shown on the next page
)

// newSessionStore keeps sessions in a cookie that is signed and encrypted with keys made from the service's one key.
func newSessionStore(key []byte) (sessions.Store, error) {
	sign, err := hkdf.Key(sha256.New, key, nil, "sarangbang cookie signature", 64)
	if err != nil {
		return nil, err
	}
	encrypt, err := hkdf.Key(sha256.New, key, nil, "sarangbang cookie encryption", 32)
	if err != nil {
		return nil, err
	}
	return forgivingStore{cookie.NewStore(sign, encrypt)}, nil
}

// forgivingStore takes a cookie that cannot be read for none. What strangers send is no error of ours, and the middleware would write
// each one into the log: after a change of the key all that browsers still hold.
type forgivingStore struct{ sessions.Store }

func (s forgivingStore) Get(r *http.Request, name string) (*gorilla.Session, error) {
	session, err := s.Store.Get(r, name)
	if session != nil {
		return session, nil
	}
	return nil, err
}

// visitor is whoever sends a request.
type visitor struct {
	user    *db.User   // nil: signed out
	session db.Session // the zero value when a token was used
	token   *db.Token  // nil when a session was used
	flashes bool       // something waits for the next page
}

const keyVisitor = "visitor"

func visitorOf(c *gin.Context) visitor {
	v, _ := c.Get(keyVisitor)
	found, _ := v.(visitor)
	return found
}

// viewer is the signed-in user of a route that needs one.
func viewer(c *gin.Context) *db.User { return visitorOf(c).user }

// bearer is the request's personal access token, and whether it came with one at all. Other kinds of authorization are not ours:
// a proxy in front may ask for a password, which browsers then send along with everything.
func bearer(c *gin.Context) (token string, ok bool) {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// identify finds out who sends the request: by bearer token, else by session.
func (s *server) identify(c *gin.Context) {
	s.readAtOneMoment(c)
	v, err := s.visitor(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Set(keyVisitor, v)
}

// pagesRead are what is read most: a look at whether anything has changed answers for all that they are made of.
var pagesRead = map[string]bool{"/": true, "/rooms": true, "/rooms/:room": true, "/rooms/:room/messages": true}

func (s *server) readAtOneMoment(c *gin.Context) {
	if c.Request.Method != http.MethodGet || !pagesRead[c.FullPath()] {
		return
	}
	room, err := roomID(c)
	if err != nil {
		room = uuid.Nil
	}
	before := c.Request.Context()
	if ctx := s.store.AtOneMoment(before, room); ctx != before {
		c.Request = c.Request.WithContext(ctx)
	}
}

func (s *server) visitor(c *gin.Context) (visitor, error) {
	if secret, ok := bearer(c); ok {
		user, token, err := s.store.TokenUser(c.Request.Context(), secret)
		if errors.Is(err, db.ErrNotFound) {
			return visitor{}, unauthorized("error.token")
		}
		return visitor{user: user, token: token}, err
	}
	said, ok := s.cookies.read(c)
	if !ok || !s.now().Before(said.session.Expires) {
		return visitor{}, nil
	}
	user, err := s.store.SessionUser(c.Request.Context(), said.session)
	if errors.Is(err, db.ErrNotFound) {
		return visitor{}, nil
	}
	return visitor{user: user, session: said.session, flashes: said.flashes}, err
}

// requireViewer lets nobody through who is not signed in.
func (s *server) requireViewer(c *gin.Context) {
	if viewer(c) == nil {
		s.fail(c, unauthorized("error.unauthorized"))
	}
}

// startSession signs a user in on this browser, until expires.
func (s *server) startSession(c *gin.Context, user *db.User, expires time.Time) error {
	cookie := sessions.Default(c)
	cookie.Clear()
	cookie.Set(valueUserID, user.ID)
	cookie.Set(valueSession, rand.Text())
	cookie.Set(valueEpoch, user.Epoch)
	cookie.Set(valueIssued, s.now().Unix())
	cookie.Set(valueExpires, expires.Unix())
	return s.saveCookie(c, expires)
}

// renewEpoch keeps this browser signed in after its user's epoch has moved on.
func (s *server) renewEpoch(c *gin.Context, user *db.User) error {
	v := visitorOf(c)
	if v.session.ID == "" {
		return nil
	}
	sessions.Default(c).Set(valueEpoch, user.Epoch)
	return s.saveCookie(c, v.session.Expires)
}

func (s *server) forgetSession(c *gin.Context) error {
	cookie := sessions.Default(c)
	cookie.Clear()
	cookie.Options(s.cookieOptions(c, -1))
	return cookie.Save()
}

func (s *server) saveCookie(c *gin.Context, expires time.Time) error {
	cookie := sessions.Default(c)
	cookie.Options(s.cookieOptions(c, int(expires.Sub(s.now()).Round(time.Second)/time.Second)))
	return cookie.Save()
}

func (s *server) cookieOptions(c *gin.Context, maxAge int) sessions.Options {
	return sessions.Options{
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   strings.HasPrefix(s.origin(c), "https:"),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}

// flash keeps a value for the next page of this browser. Programs have no next page.
func (s *server) flash(c *gin.Context, kind, value string) error {
	v := visitorOf(c)
	if wantsJSON(c) || v.session.ID == "" {
		return nil
	}
	sessions.Default(c).AddFlash(value, kind)
	return s.saveCookie(c, v.session.Expires)
}

// takeFlash returns what flash kept, once.
func (s *server) takeFlash(c *gin.Context, kind string) (string, error) {
	v := visitorOf(c)
	if !v.flashes || isHTMX(c) || wantsJSON(c) {
		return "", nil
	}
	kept := sessions.Default(c).Flashes(kind)
	if len(kept) == 0 {
		return "", nil
	}
	value, _ := kept[0].(string)
	return value, s.saveCookie(c, v.session.Expires)
}
