package handlers

import (
	"container/list"
	"hash/maphash"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/time/rate"
)

// limitKind is a kind of act whose rate is limited. Each kind has its own rate, and its own keys.
type limitKind int

const (
	limitLogInAddress limitKind = iota // wrong attempts to sign in, by address: right ones under way count, those of a class of sixty
	limitLogInName                     // wrong attempts to sign in, by the account's name and address
	limitTokens                        // tokens that are wrong, by address
	limitSignUpForms                   // forms to sign up, whatever is in them, by address
	limitSignUps                       // new accounts, by address: enough for a class of sixty behind one router
	limitWrites                        // what changes something, by user: nobody types so fast, a bot may
	limitTyping                        // announcements of typing, by user: pages send one every 3 seconds
	limitPhotos                        // photos uploaded, by user: each costs a decode
	limitUploads                       // files uploaded, by user: a picture costs a decode
	limitCreations                     // rooms, invitations and tokens made, by user
	limitAdditions                     // rooms that one user puts another into
	limitRequests                      // requests of any kind, by user, or by address when signed out
	limitKinds                         // the number of kinds
)

// limits is the rate of each kind.
var limits = [limitKinds]struct {
	every time.Duration // the time after which one more is allowed
	burst int           // the number allowed at once
}{
	limitLogInAddress: {every: time.Minute / 20, burst: 90},
	limitLogInName:    {every: time.Minute / 10, burst: 10},
	limitTokens:       {every: time.Second / 2, burst: 60},
	limitSignUpForms:  {every: time.Second, burst: 160},
	limitSignUps:      {every: time.Minute, burst: 80},
	limitWrites:       {every: time.Second / 20, burst: 100},
	limitTyping:       {every: time.Second, burst: 5},
	limitPhotos:       {every: time.Minute / 10, burst: 10},
	limitUploads:      {every: 2 * time.Second, burst: 60},
	limitCreations:    {every: time.Minute / 60, burst: 60},
	limitAdditions:    {every: 2 * time.Hour, burst: 20},
	limitRequests:     {every: time.Second / 200, burst: 400},
}

// maxLimitKeys bounds the number of keys of each kind, at about 250 bytes each. Beyond it the key
// not seen for the longest time is forgotten, so that strangers with many addresses cost a bounded
// amount of memory and are no reason to refuse anybody else.
const maxLimitKeys = 20_000

// limiter limits the rates of what users and strangers do in this process, by token buckets. Its
// methods may be called concurrently.
type limiter struct {
	on   bool
	now  func() time.Time
	seed maphash.Seed

	mu    sync.Mutex
	kinds [limitKinds]buckets // guarded by mu
}

// buckets are the token buckets of one kind, the most recently used in front. All buckets of a kind
// fill up in the same time, so those that are full again, which are equal to new ones, are at the
// back.
type buckets struct {
	byKey map[uint64]*list.Element
	order *list.List // of *bucket
}

// bucket is the token bucket of one key.
type bucket struct {
	key   uint64
	seen  time.Time
	rates *rate.Limiter
}

// newLimiter returns a limiter with a clock. Unless it is on, it allows everything.
func newLimiter(on bool, now func() time.Time) *limiter {
	l := &limiter{on: on, now: now, seed: maphash.MakeSeed()}
	for k := range l.kinds {
		l.kinds[k] = buckets{byKey: map[uint64]*list.Element{}, order: list.New()}
	}
	return l
}

// allow reports whether an act of a kind by key is within its rate, and counts it if so. A key may
// be long only where it is not folded. Otherwise
// retryAfter is the time after which it will be, in whole seconds and at least one, as the header
// Retry-After needs it (RFC 9110, section 10.2.3).
func (l *limiter) allow(kind limitKind, key string) (retryAfter time.Duration, ok bool) {
	if !l.on {
		return 0, true
	}
	hash := l.hash(kind, key)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	reservation := l.bucketLocked(kind, hash, now).rates.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay == 0 {
		return 0, true
	}
	reservation.CancelAt(now)
	return (delay + time.Second - 1).Truncate(time.Second), false
}

// giveBack undoes what allow has counted: the act was none of those that the rate is of.
func (l *limiter) giveBack(kind limitKind, key string) {
	if !l.on {
		return
	}
	hash := l.hash(kind, key)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.bucketLocked(kind, hash, now).rates.ReserveN(now, -1) // a token more; the bucket holds no more than burst
}

// hash returns the hash of a key. Keys come from strangers. The seed is secret, so that nobody can
// choose a key that collides with another.
func (l *limiter) hash(kind limitKind, key string) uint64 {
	if kind == limitLogInName {
		key = foldedName(key)
	}
	return maphash.String(l.seed, key)
}

// bucketLocked returns the bucket of a key, a new one if need be. It removes up to two buckets that
// are not needed any more, so that the work per act is bounded.
func (l *limiter) bucketLocked(kind limitKind, key uint64, now time.Time) *bucket {
	all, limit := &l.kinds[kind], limits[kind]
	if e, known := all.byKey[key]; known {
		all.order.MoveToFront(e)
		b := e.Value.(*bucket)
		b.seen = now
		return b
	}
	full := time.Duration(limit.burst) * limit.every
	for range 2 {
		oldest := all.order.Back()
		if oldest == nil {
			break
		}
		b := oldest.Value.(*bucket)
		if len(all.byKey) < maxLimitKeys && now.Sub(b.seen) < full {
			break
		}
		all.order.Remove(oldest)
		delete(all.byKey, b.key)
	}
	b := &bucket{key: key, seen: now, rates: rate.NewLimiter(rate.Every(limit.every), limit.burst)}
	all.byKey[key] = all.order.PushFront(b)
	return b
}

// limit counts one act of a kind by the viewer, or by the remote address when signed out. The error
// is *problem with 429 when the act exceeds its rate.
func (s *server) limit(c *gin.Context, kind limitKind) error { return s.limitBy(kind, limitKey(c)) }

// limitBy counts one act of a kind by key. The error is that of limit.
func (s *server) limitBy(kind limitKind, key string) error {
	if after, ok := s.limits.allow(kind, key); !ok {
		return tooMany(after)
	}
	return nil
}

// limitWrite is the middleware that limits the rate of what people do: nearly all of it is shown to
// others at once. Typing, which has a limit of its own, and read marks are free.
func (s *server) limitWrite(c *gin.Context) {
	free := strings.HasSuffix(c.FullPath(), "/typing") || strings.HasSuffix(c.FullPath(), "/read")
	if c.Request.Method == http.MethodPost && !free {
		if err := s.limit(c, limitWrites); err != nil {
			s.fail(c, err)
		}
	}
}

// limitRequest is the middleware that limits the rate of all requests, how many are under way, and
// how many are worked on. A request that changes something has no turn: it waits for its body, and
// for the database, which would keep its sender from reading meanwhile.
func (s *server) limitRequest(c *gin.Context) {
	if !s.limits.on {
		c.Next()
		return
	}
	key := limitKey(c)
	p := s.underWay.begin(key)
	if p == nil {
		s.fail(c, bare(tooMany(busyRetry)))
		return
	}
	defer p.end()
	c.Set(keyPassage, p)
	if after, ok := s.limits.allow(limitRequests, key); !ok {
		s.fail(c, bare(tooMany(after)))
		return
	}
	if c.Request.Method == http.MethodGet {
		p.work(c.Request.Context())
	}
	c.Next()
}

// busyRetry is the time after which a client may ask again that has too many requests under way.
const busyRetry = time.Second

// limitKey returns the key of the viewer, or that of the remote address when signed out.
func limitKey(c *gin.Context) string {
	if user := viewer(c); user != nil {
		return "user " + itoa(user.ID)
	}
	return addressKey(c.ClientIP())
}

// foldedName returns the same key for all spellings of a name that find the same account. Otherwise
// each spelling would have attempts of its own.
func foldedName(name string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name)))
}

// addressKey returns the key of a remote address: an IPv4 address itself, the /64 network of an
// IPv6 address, which is what one household has. A text that is no address is its own key.
func addressKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}
