package e2e

import (
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// shareAnAddress is a conversation through an address behind which two processes take turns,
// whoever connects.
func shareAnAddress(t *testing.T, b *browser) {
	c := newCluster(t, 2, nil)
	address := c.roundRobin()
	jimin := webtest.SignUp(t, address, "jimin", "")
	boram := webtest.SignUp(t, address, "boram", invitation(jimin))
	yard := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	boram.Get(yard).Wants(http.StatusOK)
	one, other := b.of(jimin).open(yard).hasStreams(1), b.of(boram).open(yard).hasStreams(1)
	one.shows("#online", "2 online")
	other.shows("#online", "2 online")
	for i, said := range []string{"저녁 먹었어요?", "아직이요", "같이 먹을래요?", "좋아요!"} {
		from, to := one, other
		if i%2 == 1 {
			from, to = other, one
		}
		from.says(said)
		to.hears(said)
		from.hears(said)
	}
	mend := c.cutBus()
	one.says("안 들리나요?")
	other.hears("안 들리나요?")
	mend()
	for _, p := range []*tab{one, other} {
		p.count("#messages > .message:not(.event)", 5)
	}
	if turns := c.turns.Load(); turns < 4 {
		t.Errorf("%d connections, want some to each process", turns)
	}
}
