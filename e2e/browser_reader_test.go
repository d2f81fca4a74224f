package e2e

import (
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/fetch"

	"sarangbang/handlers/webtest"
)

// hearTheRoom listens to a room as people do who do not see it: an edit out of view is not told,
// and of what one writes oneself only that it could not be sent.
func hearTheRoom(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	converse(n.boram, n.yard, 40)
	p := b.of(n.jimin).before(noteSaid).open(n.yard + "?at=newest").hasStreams(1)
	p.does(`document.querySelector('a.skip').focus()`)
	p.press("Tab", 0).focusOn("a.skip.to-field").press("Enter", 0).focusOn("#composer textarea")

	near := p.hears("옛날 이야기 40")
	far := "#" + look[string](p, `document.querySelector('#log .message:not(.event)').id`)
	edit := func(message, body string) {
		n.boram.Post(n.yard+"/messages/"+message[len("#m"):], webtest.Form{"body": body}).Wants(http.StatusSeeOther)
		p.shows(message+" .body", body)
	}
	edit(far, "멀리서 고친 말")
	edit(near, "가까이서 고친 말")
	p.says("내 말")
	p.hears("내 말")
	n.post("안녕 **여러분**")
	p.hears("안녕 여러분")
	p.wants(spoken("boram: 가까이서 고친 말 · edited", "boram: 안녕 여러분"))

	p.holdPosts(fetch.RequestStageRequest)
	p.expects("ERR_CONNECTION_RESET", "Failed to fetch")
	p.says("못 간 말")
	p.count("#pending > li.sending", 1).count("#pending [role=alert]", 0).failPost(p.heldPost())
	p.shows("#pending > li.failed [role=alert]", "Trying again")
}
