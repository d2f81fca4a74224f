package handlers

import (
	"net/http"
	"strings"
	"time"

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
	decoded *lru.Cache[cookieKey, cookieValues]
}

// cookieKey is a cookie as it was sent. The name belongs to it, because each cookie holds under one
// name alone.
type cookieKey struct{ name, value string }

// cookieValues is the content of a session cookie.
type cookieValues struct {
	session db.Session
	lasting bool // the session is renewed by each use
	flashes bool // it has flash values for the next page
}

func newCookieCache() cookieCache {
	return cookieCache{lru.New[cookieKey, cookieValues](cookieCacheBytes)}
}

// read returns the content of a session cookie; false for one that this service has not made, and
// for one that signs nobody in.
func (cache cookieCache) read(store sessionStore, sent *http.Cookie) (cookieValues, bool) {
	if values, ok := cache.decoded.Get(cookieKey{sent.Name, sent.Value}); ok {
		return values, true
	}
	opened, ok := store.open(sent)
	if !ok {
		return cookieValues{}, false
	}
	values, ok := readValues(opened)
	if ok {
		// copies, because a slice of the header would keep all of it in memory
		key := cookieKey{strings.Clone(sent.Name), strings.Clone(sent.Value)}
		cache.decoded.Add(key, values, cookieOverhead+len(key.name)+len(key.value))
	}
	return values, ok
}

func readValues(cookie map[any]any) (cookieValues, bool) {
	userID, ok := cookie[valueUserID].(int64)
	id, _ := cookie[valueSession].(string)
	epoch, _ := cookie[valueEpoch].(int64)
	expires, _ := cookie[valueExpires].(int64)
	lasting, known := cookie[valueLasting].(bool)
	if !known { // a cookie of an earlier version, which lasts where it was to be remembered
		lasting = time.Until(time.Unix(expires, 0)) > sessionLife
	}
	return cookieValues{
		lasting: lasting,
		session: db.Session{ID: id, UserID: userID, Epoch: epoch, Expires: time.Unix(expires, 0)},
		flashes: cookie[flashNotice] != nil || cookie[flashSecret] != nil || cookie[flashRecovery] != nil,
	}, ok && id != ""
}
