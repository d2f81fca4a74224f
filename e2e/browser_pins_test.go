package e2e

import "testing"

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
