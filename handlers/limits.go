package handlers

import (
	"container/list"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/time/rate"
)

// limitKind says what is counted. Each kind has its own rate, and its own keys.
type limitKind int

const (
	limitLogInAddress limitKind = iota // attempts to sign in, by address: 20 a minute, 20 at once
	limitLogInName                     // attempts to sign in, by the account's name and address, right or wrong: 10 a minute, 10 at once
	limitSignUps                       // new accounts, by address: 60 an hour, 60 at once: two classes that sign up behind one router
	limitPosts                         // posts and edits, by user: 20 a second, 100 at once: nobody types so fast, a bot may
	limitTyping                        // saying that one writes, by user: 1 a second, 5 at once: pages say so every 3 seconds
	limitPhotos                        // photos uploaded, by user: 10 a minute, 10 at once; each costs a decode
	limitCreations                     // rooms, invitations and tokens made, by user: 60 a minute, 60 at once
	limitRequests                      // everything else, by user, or by address when signed out: 200 a second, 400 at once
	limitKinds                         // how many kinds there are
)

// limits are the rates of the kinds.
var limits = [limitKinds]struct {
	every time.Duration // one more is allowed after this time
	burst int           // so many are allowed at once
}{
	limitLogInAddress: {every: time.Minute / 20, burst: 20},
	limitLogInName:    {every: time.Minute / 10, burst: 10},
	limitSignUps:      {every: time.Minute, burst: 60},
	limitPosts:        {every: time.Second / 20, burst: 100},
	limitTyping:       {every: time.Second, burst: 5},
	limitPhotos:       {every: time.Minute / 10, burst: 10},
	limitCreations:    {every: time.Minute / 60, burst: 60},
	limitRequests:     {every: time.Second / 200, burst: 400},
}

// maxLimitKeys bounds the keys remembered of each kind, some 250 bytes each. Beyond it the one not seen for the longest time is
// forgotten, so strangers with many addresses cost a bounded amount of memory and refuse nobody else.
const maxLimitKeys = 20_000

// limiter counts what users and strangers do, in this process. Its methods may be called by many goroutines.
type limiter struct {
	on   bool
	now  func() time.Time
	seed maphash.Seed

	mu    sync.Mutex
	kinds [limitKinds]buckets
}

// buckets are those of one kind, the one seen last in front. All of a kind fill up in the same time, so those that are full again,
// and therefore no different from unknown ones, are at the back.
type buckets struct {
	byKey map[uint64]*list.Element
	order *list.List // of *bucket
}

// bucket is what is known of one key.
type bucket struct {
	key   uint64
	seen  time.Time
	rates *rate.Limiter
}

// newLimiter returns a limiter that lets everything through unless it is on. now is the clock.
func newLimiter(on bool, now func() time.Time) *limiter {
	l := &limiter{on: on, now: now, seed: maphash.MakeSeed()}
	for k := range l.kinds {
		l.kinds[k] = buckets{byKey: map[uint64]*list.Element{}, order: list.New()}
	}
	return l
}

// allow counts one act of a kind by key, and tells whether it may happen. If not, retryAfter is when it may, in whole seconds and at
// least one, as the header Retry-After wants it (RFC 9110, 10.2.3); what is refused is not counted.
func (l *limiter) allow(kind limitKind, key string) (retryAfter time.Duration, ok bool) {
	if !l.on {
		return 0, true
	}
	if kind == limitLogInName {
		key = foldedName(key)
	}
	// Keys come from strangers and may be long. With a secret seed nobody can choose a key that falls together with another one.
	hash := maphash.String(l.seed, key)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	reservation := l.bucket(kind, hash, now).rates.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay == 0 {
		return 0, true
	}
	reservation.CancelAt(now)
	return (delay + time.Second - 1).Truncate(time.Second), false
}

// bucket finds or makes the bucket of a key, and forgets up to two that are not needed any more, so the work per act is bounded.
func (l *limiter) bucket(kind limitKind, key uint64, now time.Time) *bucket {
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

// foldedName makes one key of all forms of a name that find the same account: or each spelling of it would have attempts of its own.
func foldedName(name string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name)))
}

// addressKey is the key of a remote address: an IPv4 address itself, of an IPv6 address the network of 64 bits that one household
// has. What is no address is its own key.
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
