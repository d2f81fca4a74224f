package handlers

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"sarangbang/db"
)

const (
	sessionLife    = 24 * time.Hour      // how long a sign-in lasts
	rememberedLife = 30 * 24 * time.Hour // how long one with "remember me" lasts after its last use
	renewedEvery   = 24 * time.Hour      // how often a use renews it
)

// Keys of the values in the session cookie. Cookies of earlier versions have others besides.
const (
	valueUserID  = "userId"
	valueSession = "session"
	valueExpires = "expires"
	valueEpoch   = "epoch"
	valueLasting = "remember" // true for a session that each use renews
	flashNotice  = "notice"   // key of a text that the next page shows
	flashSecret  = "secret"   // secret of a new token, which the next page shows
	// flashRecovery is the id of a user, a space, and the code of a new recovery link for it.
	flashRecovery = "recovery"
)

// visitor is the sender of a request.
type visitor struct {
	user    *db.User   // nil: signed out
	session db.Session // zero when signed in by token
	token   *db.Token  // nil when signed in by session
	lasting bool       // the session is renewed by each use
	flashes bool       // the cookie has flash values for the next page
	old     bool       // the cookie has the name of earlier versions
}

const keyVisitor = "visitor"

// visitorOf returns what identify found out; the zero visitor before it has run.
func visitorOf(c *gin.Context) visitor {
	v, _ := c.Get(keyVisitor)
	found, _ := v.(visitor)
	return found
}

// viewer returns the signed-in user; nil when signed out, which routes with requireViewer exclude.
func viewer(c *gin.Context) *db.User { return visitorOf(c).user }

// bearer returns the personal access token of a request; ok is false without one. Other
// authorization schemes are ignored: a proxy in front may ask for a password, which browsers then
// send with every request.
func bearer(c *gin.Context) (token string, ok bool) {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// identify is the middleware that finds out who sends a request, by bearer token or else by session
// cookie.
func (s *server) identify(c *gin.Context) {
	s.setVisitor(c, func(*gin.Context, db.Scope) {})
}

// identifyTracked is identify for pages that may be cached: what is read for the request is
// tracked, who sends it included.
func (s *server) identifyTracked(c *gin.Context) { s.setVisitor(c, s.track) }

func (s *server) setVisitor(c *gin.Context, track func(*gin.Context, db.Scope)) {
	v, err := s.visitor(c, track)
	if err == nil {
		err = s.renewSession(c, &v)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Set(keyVisitor, v)
}

// visitor returns the sender of a request; the zero visitor for an expired or unknown session. The
// error for an unknown token is *problem with 401. track is called as soon as it is known who asks.
func (s *server) visitor(c *gin.Context, track func(*gin.Context, db.Scope)) (visitor, error) {
	if secret, ok := bearer(c); ok {
		v, err := s.tokenVisitor(c, secret)
		if err == nil {
			track(c, db.Scope{User: v.user.ID})
		}
		return v, err
	}
	return s.sessionVisitor(c, track)
}

// tokenVisitor returns the sender of a request by a token. Wrong tokens are counted by address
// before they are looked up, and right ones are given back. One that was right before is looked up
// in any case: what somebody else sends from the same address is no reason to refuse it.
func (s *server) tokenVisitor(c *gin.Context, secret string) (visitor, error) {
	address, hash := addressKey(c.ClientIP()), s.limits.hash(limitTokens, secret)
	known, _ := s.knownTokens.Get(hash)
	if !known {
		if err := s.limitBy(limitTokens, address); err != nil {
			return visitor{}, err
		}
	}
	user, token, err := s.store.TokenUser(c.Request.Context(), secret)
	if errors.Is(err, db.ErrNotFound) {
		if known { // it has been deleted
			s.knownTokens.Add(hash, false, 1)
		}
		return visitor{}, unauthorized("error.token")
	}
	if !known {
		s.limits.giveBack(limitTokens, address)
		s.knownTokens.Add(hash, err == nil, 1)
	}
	return visitor{user: user, token: token}, err
}

// maxKnownTokens bounds the tokens of which it is known that they were right.
const maxKnownTokens = 20_000

// sessionVisitor returns the sender of a request by its first session cookie that signs somebody
// in.
func (s *server) sessionVisitor(c *gin.Context, track func(*gin.Context, db.Scope)) (visitor, error) {
	name := s.names.session(originOf(c))
	all := sessionCookies(c.Request, name)
	for i, sent := range all {
		cookie, ok := s.cookies.read(s.sessions, sent)
		if !ok || !s.now().Before(cookie.session.Expires) {
			continue
		}
		track(c, db.Scope{User: cookie.session.UserID, Session: cookie.session.ID})
		user, err := s.store.SessionUser(c.Request.Context(), cookie.session)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if i > 0 {
			keepSessionCookie(c.Request, name, sent)
		}
		return visitor{
			user: user, session: cookie.session, lasting: cookie.lasting, flashes: cookie.flashes, old: sent.Name == oldCookie,
		}, err
	}
	return visitor{}, nil
}

// renewSession gives a session that lasts another 30 days, once a day and by pages and programs
// alone: pictures and style sheets come at the same time as their page, and streams have headers of
// their own. A cookie with something for the next page waits until that is shown. One with the name
// of earlier versions is replaced at the same opportunity.
func (s *server) renewSession(c *gin.Context, v *visitor) error {
	now := s.now()
	accept := c.GetHeader("Accept")
	page := strings.Contains(accept, gin.MIMEHTML) || strings.Contains(accept, gin.MIMEJSON)
	due := v.lasting && v.session.Expires.Sub(now) <= rememberedLife-renewedEvery
	if v.user == nil || v.flashes || !page || wantsStream(c) || !due && !v.old {
		return nil
	}
	if due {
		v.session.Expires = time.Unix(now.Add(rememberedLife).Unix(), 0)
	}
	cookie := sessions.Default(c)
	cookie.Set(valueExpires, v.session.Expires.Unix())
	cookie.Set(valueLasting, v.lasting)
	return s.saveCookie(c, v.session.Expires)
}

// requireViewer is the middleware that refuses visitors who are not signed in.
func (s *server) requireViewer(c *gin.Context) {
	if viewer(c) == nil {
		s.fail(c, unauthorized("error.unauthorized"))
	}
}

// startSession sets a cookie that signs a user in on this browser: for 30 days after the last use
// where it is to be remembered, else for a day.
func (s *server) startSession(c *gin.Context, user *db.User, remember bool) error {
	expires := s.now().Add(sessionLife)
	if remember {
		expires = s.now().Add(rememberedLife)
	}
	cookie := sessions.Default(c)
	cookie.Clear()
	cookie.Set(valueUserID, user.ID)
	cookie.Set(valueSession, rand.Text())
	cookie.Set(valueEpoch, user.Epoch)
	cookie.Set(valueExpires, expires.Unix())
	cookie.Set(valueLasting, remember)
	s.keepKnown(c, user.Name)
	return s.saveCookie(c, expires)
}

// renewEpoch sets a cookie with the new epoch of a user, so that this browser stays signed in when
// the others are signed out.
func (s *server) renewEpoch(c *gin.Context, user *db.User) error {
	v := visitorOf(c)
	if v.session.ID == "" {
		return nil
	}
	sessions.Default(c).Set(valueEpoch, user.Epoch)
	return s.saveCookie(c, v.session.Expires)
}

// forgetSession deletes the session cookie, and with it the pages that the browser has kept.
func (s *server) forgetSession(c *gin.Context) error {
	c.Header("Clear-Site-Data", `"cache"`)
	s.forgetOldCookie(c)
	cookie := sessions.Default(c)
	cookie.Clear()
	cookie.Options(s.cookieOptions(c, -1))
	return cookie.Save()
}

// saveCookie sets the session cookie with its current values.
func (s *server) saveCookie(c *gin.Context, expires time.Time) error {
	s.forgetOldCookie(c)
	cookie := sessions.Default(c)
	cookie.Options(s.cookieOptions(c, int(expires.Sub(s.now()).Round(time.Second)/time.Second)))
	return cookie.Save()
}

// forgetOldCookie deletes the cookie with the name of earlier versions if this service has made it.
// It may be that of another service on this host.
func (s *server) forgetOldCookie(c *gin.Context) {
	for _, sent := range c.Request.CookiesNamed(oldCookie) {
		if _, ours := s.cookies.read(s.sessions, sent); ours {
			o := s.cookieOptions(c, -1)
			http.SetCookie(c.Writer, &http.Cookie{
				Name: oldCookie, Path: o.Path, MaxAge: o.MaxAge, Secure: o.Secure, HttpOnly: o.HttpOnly, SameSite: o.SameSite,
			})
			return
		}
	}
}

func (s *server) cookieOptions(c *gin.Context, maxAge int) sessions.Options {
	return sessions.Options{
		Path:     s.cookiePath(),
		MaxAge:   maxAge,
		Secure:   originOf(c).secure(),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}

// flash stores a value in the session cookie for the next page of this browser. It does nothing for
// programs, which get no pages.
func (s *server) flash(c *gin.Context, kind, value string) error {
	v := visitorOf(c)
	if wantsJSON(c) || v.session.ID == "" {
		return nil
	}
	sessions.Default(c).AddFlash(value, kind)
	return s.saveCookie(c, v.session.Expires)
}

// takeFlash removes the value that flash stored from the cookie and returns it; empty when there is
// none.
func (s *server) takeFlash(c *gin.Context, kind string) (string, error) {
	v := visitorOf(c)
	if !v.flashes || isHTMX(c) || wantsJSON(c) {
		return "", nil
	}
	values := sessions.Default(c).Flashes(kind)
	if len(values) == 0 {
		return "", nil
	}
	showOnce(c)
	value, _ := values[0].(string)
	return value, s.saveCookie(c, v.session.Expires)
}
