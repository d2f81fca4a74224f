package handlers

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	gorilla "github.com/gorilla/sessions"
)

// oldCookie is the name of the session cookie of earlier versions. No new cookie has it, and each
// name is sealed in its cookies, so that nobody can plant a new cookie under it.
const oldCookie = "sarangbang"

// cookieNames are the names of this service's cookies. They hold a mark of its key, because
// browsers send the cookies of a host to all its ports: two services on one host would overwrite
// each other's.
type cookieNames struct {
	plain string // of the session
	// secure is that over HTTPS: browsers take a name with __Host- from the host itself alone, not
	// from its subdomains nor its siblings.
	secure string
	known  string // of the proof that somebody has signed in
}

// newCookieNames returns the names for a key, and the path under which the service lies. Under a
// path they are others, so that no cookie from the root of the host counts there, and browsers take
// __Host- for the root alone.
func newCookieNames(key []byte, base string) (cookieNames, error) {
	mark, err := hkdf.Key(sha256.New, key, nil, "sarangbang cookie name"+base, 4)
	if err != nil {
		return cookieNames{}, err
	}
	name := "sarangbang-" + hex.EncodeToString(mark)
	secure := "__Host-" + name
	if base != "" {
		secure = "__Secure-" + name
	}
	return cookieNames{plain: name, secure: secure, known: name + "-known"}, nil
}

// session returns the name of the session cookie for an origin.
func (n cookieNames) session(o *origin) string {
	if o.secure() {
		return n.secure
	}
	return n.plain
}

// sessionStore keeps sessions in cookies, signed and encrypted.
type sessionStore struct{ *gorilla.CookieStore }

// newSessionStore returns a store with two keys derived from the key of the service.
func newSessionStore(key []byte) (sessionStore, error) {
	sign, err := hkdf.Key(sha256.New, key, nil, "sarangbang cookie signature", 64)
	if err != nil {
		return sessionStore{}, err
	}
	encrypt, err := hkdf.Key(sha256.New, key, nil, "sarangbang cookie encryption", 32)
	if err != nil {
		return sessionStore{}, err
	}
	return sessionStore{gorilla.NewCookieStore(sign, encrypt)}, nil
}

// Options sets the attributes of cookies that have none of their own.
func (s sessionStore) Options(o sessions.Options) { s.CookieStore.Options = o.ToGorillaOptions() }

// Get returns the session of a request, the same one each time.
func (s sessionStore) Get(r *http.Request, name string) (*gorilla.Session, error) {
	return gorilla.GetRegistry(r).Get(s, name)
}

// New returns the session in the first cookie of a request that can be decrypted, those of earlier
// versions after the others; a new session when there is none. It never fails: the middleware would
// log each error, which after a change of the key is one for every browser.
func (s sessionStore) New(r *http.Request, name string) (*gorilla.Session, error) {
	session := gorilla.NewSession(s, name)
	options := *s.CookieStore.Options
	session.Options, session.IsNew = &options, true
	for _, sent := range sessionCookies(r, name) {
		if values, ok := s.open(sent); ok {
			session.Values, session.IsNew = values, false
			break
		}
	}
	return session, nil
}

// open returns the values in a cookie; false for one that this service has not made.
func (s sessionStore) open(sent *http.Cookie) (map[any]any, bool) {
	values := map[any]any{}
	err := securecookie.DecodeMulti(sent.Name, sent.Value, &values, s.Codecs...)
	return values, err == nil
}

// sessionCookies returns the cookies of a request that may hold its session, in the order in which
// they count: browsers send several of one name where paths or domains differ.
func sessionCookies(r *http.Request, name string) []*http.Cookie {
	return append(r.CookiesNamed(name), r.CookiesNamed(oldCookie)...)
}

// keepSessionCookie removes all session cookies of a request but one, so that the session is that
// of the cookie.
func keepSessionCookie(r *http.Request, name string, kept *http.Cookie) {
	all := r.Cookies()
	r.Header.Del("Cookie")
	for _, sent := range all {
		ofSession := sent.Name == name || sent.Name == oldCookie
		if !ofSession || sent.Name == kept.Name && sent.Value == kept.Value {
			r.AddCookie(sent)
		}
	}
}

// openSession returns the middleware that makes the session of a request available.
func (s *server) openSession() gin.HandlerFunc {
	plain, secure := sessions.Sessions(s.names.plain, s.sessions), sessions.Sessions(s.names.secure, s.sessions)
	return func(c *gin.Context) {
		if originOf(c).secure() {
			secure(c)
			return
		}
		plain(c)
	}
}
