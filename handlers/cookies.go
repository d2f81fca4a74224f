package handlers

import (
	"strings"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"

	"sarangbang/db"
)

// cookiesKept is how many cookies are remembered, some 600 bytes each.
const cookiesKept = 8192

// openedCookies remembers what cookies said when they were opened: to decrypt one costs more than all the rest of identifying a
// request. What a cookie says never changes; whether it still holds is asked each time. Only cookies of this house are remembered, so
// that strangers who send others fill nothing.
type openedCookies struct {
	said *lru.Cache[string, cookieValues]
}

// cookieValues is what a cookie says.
type cookieValues struct {
	session db.Session
	flashes bool // something waits for the next page
}

func newOpenedCookies() openedCookies {
	said, err := lru.New[string, cookieValues](cookiesKept)
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	return openedCookies{said}
}

// read returns what the request's cookie says; false when there is none of this house, or nobody is signed in with it.
func (o openedCookies) read(c *gin.Context) (cookieValues, bool) {
	sent, err := c.Request.Cookie(cookieName)
	if err != nil {
		return cookieValues{}, false
	}
	if values, ok := o.said.Get(sent.Value); ok {
		return values, true
	}
	values, ok := openCookie(sessions.Default(c))
	if ok {
		o.said.Add(strings.Clone(sent.Value), values) // a copy, or it would keep all of the request's header
	}
	return values, ok
}

func openCookie(cookie sessions.Session) (cookieValues, bool) {
	userID, ok := cookie.Get(valueUserID).(int64)
	id, _ := cookie.Get(valueSession).(string)
	epoch, _ := cookie.Get(valueEpoch).(int64)
	expires, _ := cookie.Get(valueExpires).(int64)
	return cookieValues{
		session: db.Session{ID: id, UserID: userID, Epoch: epoch, Expires: time.Unix(expires, 0)},
		flashes: cookie.Get(flashNotice) != nil || cookie.Get(flashSecret) != nil,
	}, ok && id != ""
}
