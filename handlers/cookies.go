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
	// cookieCacheBytes bounds the cache: it has room for some 8,000 cookies of the usual size.
	cookieCacheBytes = 6 << 20
	// cookieOverhead is the approximate size of a decoded cookie without its text, in bytes.
	cookieOverhead = 300
)

// cookieCache is a cache of decoded session cookies: decrypting one costs more than the rest of
// identifying a request. The content of a cookie never changes; whether its session still holds is
// checked for each request. Only cookies that this service has made are cached, so that strangers
// cannot fill the cache. All methods may be called concurrently.
type cookieCache struct {
	decoded *lru.Cache[string, cookieValues]
}

// cookieValues is the content of a session cookie.
type cookieValues struct {
	session db.Session
	lasting bool // the session is renewed by each use
	flashes bool // it has flash values for the next page
}

func newCookieCache() cookieCache {
	return cookieCache{lru.New[string, cookieValues](cookieCacheBytes)}
}

// read returns the content of the session cookie of a request; false without a cookie that this
// service has made, and for one that signs nobody in.
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
		text := strings.Clone(sent.Value) // a copy, because a slice of the header would keep all of it in memory
		cache.decoded.Add(text, values, cookieOverhead+len(text))
	}
	return values, ok
}

func decodeCookie(cookie sessions.Session) (cookieValues, bool) {
	userID, ok := cookie.Get(valueUserID).(int64)
	id, _ := cookie.Get(valueSession).(string)
	epoch, _ := cookie.Get(valueEpoch).(int64)
	expires, _ := cookie.Get(valueExpires).(int64)
	lasting, known := cookie.Get(valueLasting).(bool)
	if !known { // a cookie of an earlier version, which lasts where it was to be remembered
		lasting = time.Until(time.Unix(expires, 0)) > sessionLife
	}
	return cookieValues{
		lasting: lasting,
		session: db.Session{ID: id, UserID: userID, Epoch: epoch, Expires: time.Unix(expires, 0)},
		flashes: cookie.Get(flashNotice) != nil || cookie.Get(flashSecret) != nil,
	}, ok && id != ""
}
