package e2e

import (
	"testing"

	"sarangbang/handlers/webtest"
)

// lookAtTheActivity finds what concerns somebody by the bell, with the keyboard, and goes there.
func lookAtTheActivity(t *testing.T, b *browser) {
	const badge = "#activity .count"
	n := newNeighbours(t, b)
	n.post("장소는 어디로 할까요?")
	n.jimin.Post(n.yard+"/messages", webtest.Form{"body": "@boram 강남역이요"})
	n.jimin.Post(n.yard+"/messages/2/reactions", webtest.Form{"emoji": "👍"})
	p := b.of(n.boram).open("/users").shows(badge, "2")
	p.clicks("#activity").shows(".activities .what", "jimin reacted with 👍").count(".unseen", 2).wants(`document.querySelector('` + badge + `').hidden`)
	p.clicks(".activities > li:last-child > a").at(n.yard)
	p.wants(`document.querySelector('#m3').matches(':target')`).shows("#m3 .body", "강남역")

	// The next page brings the number, also in place.
	n.jimin.Post(n.yard+"/messages/2/reactions", webtest.Form{"emoji": "🎉"})
	p.clicks(`.menu a[href="/users"]`).at("/users")
	p.shows(badge, "1").focusOn("main h1")
	p.does(`document.querySelector('#activity').focus()`)
	p.press("Enter", 0).shows("h1", "Activity").count(".unseen", 1)
}
