package handlers

import (
	"strings"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/lru"
)

const (
	// cookieCacheBytes bounds the decoded cookies: some 8,000 of the usual size.
	cookieCacheBytes = 6 << 20
	// cookieOverhead is about what a decoded cookie takes beside its text.
	cookieOverhead = 300
)

// cookieCache keeps what cookies say: to decrypt one costs more than all the rest of identifying a request. What a cookie says never
// changes; whether it still holds is asked each time. Only cookies of this house are kept, so that strangers who send others fill
// nothing.
type cookieCache struct {
	decoded *lru.Cache[string, cookieValues]
}

// cookieValues is what a cookie says.
type cookieValues struct {
	session db.Session
	flashes bool // something waits for the next page
}

func newCookieCache() cookieCache {
	return cookieCache{lru.New[string, cookieValues](cookieCacheBytes)}
}

// read returns what the request's cookie says; false when there is none of this house, or nobody is signed in with it.
func (cache cookieCache) read(c *gin.Context) (cookieValues, bool) {
	sent, err := c.Request.Cookie(cookieName)
	if err != nil {
		return cookieValues{}, false
	}
	if values, ok := cache.decoded.Get(sent.Value); ok {
		return values, true
	}
	values, ok := decodeCookie(sessions.Default(c))
	if ok {
		text := strings.Clone(sent.Value) // a copy, or it would keep all of the request's header
		cache.decoded.Add(text, values, cookieOverhead+len(text))
	}
	return values, ok
}

func decodeCookie(cookie sessions.Session) (cookieValues, bool) {
	userID, ok := cookie.Get(valueUserID).(int64)
	id, _ := cookie.Get(valueSession).(string)
	epoch, _ := cookie.Get(valueEpoch).(int64)
	expires, _ := cookie.Get(valueExpires).(int64)
	return cookieValues{
		session: db.Session{ID: id, UserID: userID, Epoch: epoch, Expires: time.Unix(expires, 0)},
		flashes: cookie.Get(flashNotice) != nil || cookie.Get(flashSecret) != nil,
	}, ok && id != ""
}
