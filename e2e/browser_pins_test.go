package e2e

import (
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

// pinMessages pins from the menu and unpins without scripts; the other sees it in the bar.
func pinMessages(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("준비물: 물 한 병")
	jimin, boram := b.of(n.jimin).open(n.yard).hasStreams(1), b.of(n.boram).open(n.yard).hasStreams(1)
	jimin.points("#m2 .body").clicks("#m2 [data-do=menu]").clicks("#m2 [data-do=pin]")
	jimin.shows("#m2 .pin", "Pinned").shows("#pins:not([hidden])", "Pinned messages: 1")
	boram.shows("#m2 .pin", "Pinned").clicks("#pins").shows("h2", "Pinned messages").shows(".messages", "물 한 병")
	plain := b.of(n.boram).withoutScripts().open(n.yard)
	plain.clicks("#pins").shows(".messages", "물 한 병").clicks(".unpin button")
	jimin.count("#m2 .pin", 0).count("#pins:not([hidden])", 0)
	jimin.points("#m2 .body").clicks("#m2 [data-do=menu]").shows("#m2 [data-do=pin]", "Pin").press("Escape", 0)
}

// unfoldLongMessages shows all of a long message, which stays so when somebody reacts to it.
func unfoldLongMessages(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post(strings.Repeat("긴 이야기\n", 60))
	const height = `document.querySelector('#m2 .body').getBoundingClientRect().height`
	p := b.of(n.jimin).open(n.yard).hasStreams(1)
	p.wants(height+` < 400`).clicks("#m2 .unfold").wants(height+` > 1000`).shows("#m2 .unfold", "Show less")
	n.boram.Post(n.yard+"/messages/2/reactions", map[string]string{"emoji": "👍"})
	p.shows("#m2 .reactions", "👍").wants(height + ` > 1000`).clicks("#m2 .unfold").wants(height + ` < 400`)
	plain := b.of(n.jimin).withoutScripts().open(n.yard)
	plain.wants(height + ` > 1000 && getComputedStyle(document.querySelector('#m2 .unfold')).display === 'none'`)
}

// forwardMessages forwards from the menu into another room.
func forwardMessages(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("모이는 곳: 안국역")
	other := n.jimin.Post("/rooms", webtest.Form{"title": "안방", "kind": "private"}).Location()
	p := b.of(n.jimin).open(n.yard).hasStreams(1)
	p.points("#m2 .body").clicks("#m2 [data-do=menu]").clicks("#m2 [data-do=forward]").shows("h2", "Forward to").shows("blockquote", "안국역")
	p.clicks(`.rows button[aria-label="Forward to 안방"]`).at(other)
	p.shows("#m1 .forwarded", "boram wrote it").shows("#m1 .body", "모이는 곳: 안국역")
}
