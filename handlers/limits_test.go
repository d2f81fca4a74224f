package handlers

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sarangbang/db/dbtest"
)

// allowed returns how many of n acts are allowed.
func allowed(l *limiter, kind limitKind, key string, n int) int {
	passed := 0
	for range n {
		if _, ok := l.allow(kind, key); ok {
			passed++
		}
	}
	return passed
}

func TestLimiter_AllowsItsBurstThenItsRate(t *testing.T) {
	for name, c := range map[string]struct {
		kind       limitKind
		burst      int
		retryAfter time.Duration
		later      time.Duration
		more       int
	}{
		"sign-ins by address": {limitLogInAddress, 90, 3 * time.Second, time.Minute, 20},
		"sign-ins by name":    {limitLogInName, 10, 6 * time.Second, 30 * time.Second, 5},
		"wrong tokens":        {limitTokens, 60, time.Second, 10 * time.Second, 20},
		"sign-ups":            {limitSignUps, 80, time.Minute, 20 * time.Minute, 20},
		"posts":               {limitWrites, 100, time.Second, 2 * time.Second, 40},
		"photos":              {limitPhotos, 10, 6 * time.Second, time.Hour, 10},
		"creations":           {limitCreations, 60, time.Second, 10 * time.Second, 10},
		"additions":           {limitAdditions, 20, 2 * time.Hour, 4 * time.Hour, 2},
		"requests":            {limitRequests, 400, time.Second, time.Second, 200},
	} {
		t.Run(name, func(t *testing.T) {
			clock := dbtest.NewClock()
			l := newLimiter(true, clock.Now)
			if got := allowed(l, c.kind, "alice", 1000); got != c.burst {
				t.Errorf("%d were allowed at once, want %d", got, c.burst)
			}
			if got, ok := l.allow(c.kind, "alice"); ok || got != c.retryAfter {
				t.Errorf("told to retry after %v (allowed: %v), want %v", got, ok, c.retryAfter)
			}
			clock.Advance(c.later)
			if got := allowed(l, c.kind, "alice", 1000); got != c.more {
				t.Errorf("%d were allowed %v later, want %d", got, c.later, c.more)
			}
		})
	}
}

func TestLimiter_AllowsAfterRetryAfter(t *testing.T) {
	clock := dbtest.NewClock()
	l := newLimiter(true, clock.Now)
	for kind := range limitKinds {
		allowed(l, kind, "alice", 1000)
		retryAfter, _ := l.allow(kind, "alice")
		clock.Advance(retryAfter)
		if _, ok := l.allow(kind, "alice"); !ok {
			t.Errorf("kind %d is refused after the %v it asked for", kind, retryAfter)
		}
	}
}

func TestLimiter_CountsKeysAndKindsApart(t *testing.T) {
	l := newLimiter(true, dbtest.NewClock().Now)
	allowed(l, limitLogInName, "alice", 1000)
	if _, ok := l.allow(limitLogInName, "bob"); !ok {
		t.Error("bob is refused for what alice did")
	}
	if _, ok := l.allow(limitLogInAddress, "alice"); !ok {
		t.Error("an address is refused for what was done to a name")
	}
}

func TestLimiter_CountsSpellingsOfANameTogether(t *testing.T) {
	l := newLimiter(true, dbtest.NewClock().Now)
	allowed(l, limitLogInName, "alice", 1000)
	for _, name := range []string{"ALICE", "aLiCe", "ａｌｉｃｅ"} {
		if _, ok := l.allow(limitLogInName, name); ok {
			t.Errorf("%s has attempts of its own", name)
		}
	}
}

func TestLimiter_AllowsEverythingWhenOff(t *testing.T) {
	l := newLimiter(false, dbtest.NewClock().Now)
	if got := allowed(l, limitLogInName, "alice", 1000); got != 1000 {
		t.Errorf("%d of 1000 were allowed", got)
	}
}

func TestLimiter_ForgetsOldKeys(t *testing.T) {
	clock := dbtest.NewClock()
	l := newLimiter(true, clock.Now)
	allowed(l, limitRequests, "somebody who stays", 1000)
	for i := range 2 * maxLimitKeys {
		l.allow(limitRequests, fmt.Sprint(i))
		if i%1000 == 0 {
			l.allow(limitRequests, "somebody who stays")
		}
	}
	kind := &l.kinds[limitRequests]
	if got := len(kind.byKey); got > maxLimitKeys || got != kind.order.Len() {
		t.Errorf("%d keys are kept (%d in order), want at most %d", got, kind.order.Len(), maxLimitKeys)
	}
	if _, ok := l.allow(limitRequests, "somebody who stays"); ok {
		t.Error("strangers made the limiter forget somebody it knew")
	}
	clock.Advance(time.Hour)
	for i := range maxLimitKeys {
		l.allow(limitRequests, fmt.Sprint("later ", i%10))
		l.allow(limitRequests, fmt.Sprint(i))
		clock.Advance(time.Second)
	}
	if got := len(kind.byKey); got > 100 {
		t.Errorf("%d keys are kept of which the last minute needs few", got)
	}
}

func TestLimiter_TakesAnyKey(t *testing.T) {
	l := newLimiter(true, dbtest.NewClock().Now)
	for _, key := range []string{"", "\x00", "\xff", strings.Repeat("long ", 100_000)} {
		if _, ok := l.allow(limitLogInName, key); !ok {
			t.Errorf("key %.10q is refused at once", key)
		}
	}
}

func TestLimiter_IsExactUnderConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(true, time.Now) // which stands still in here
		passed := make(chan int, 50)
		for range 50 {
			go func() { passed <- allowed(l, limitWrites, "alice", 20) }()
		}
		sum := 0
		for range 50 {
			sum += <-passed
		}
		if sum != 100 {
			t.Errorf("%d were allowed, want 100", sum)
		}
	})
}

func TestAddressKey(t *testing.T) {
	for name, c := range map[string]struct{ address, want string }{
		"ipv4":                    {"192.0.2.7", "192.0.2.7"},
		"ipv4 written as ipv6":    {"::ffff:192.0.2.7", "192.0.2.7"},
		"ipv6 of a household":     {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		"another of the same one": {"2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"},
		"no address":              {"@", "@"},
		"nothing":                 {"", ""},
		"ipv6 with a zone":        {"fe80::1%eth0", "fe80::/64"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := addressKey(c.address); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func BenchmarkAllow(b *testing.B) {
	l := newLimiter(true, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		l.allow(limitRequests, "17")
	}
}
