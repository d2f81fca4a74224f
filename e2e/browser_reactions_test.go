package e2e

import (
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// reactWithScripts reacts from the menu, the toolbar and beside the message; the other sees it.
func reactWithScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("저녁 드실 분?")
	jimin, boram := b.of(n.jimin).open(n.yard).hasStreams(1), b.of(n.boram).open(n.yard).hasStreams(1)
	theirs := jimin.hears("저녁 드실 분?")
	jimin.points(theirs+" .body").count(theirs+" > .tools:not([hidden])", 1).clicks(theirs + " > .tools > [data-do=menu]")
	jimin.clicks(`#message-menu .quick [value="👍"]`)
	mine, others := ` .reaction [aria-pressed="true"]`, ` .reaction [aria-pressed="false"]`
	jimin.shows(theirs+mine, "👍 1").wants(`!document.querySelector('` + theirs + others + `').checkVisibility()`)
	boram.shows(theirs+others, "👍 1").wants(`!document.querySelector('` + theirs + mine + `').checkVisibility()`)

	boram.clicks(theirs+others).shows(theirs+mine, "👍 2")
	jimin.shows(theirs+mine, "👍 2").points(theirs + mine).wants(`document.querySelector('` + theirs + mine + `').title === 'jimin, boram'`)
	jimin.clicks(theirs+mine).shows(theirs+others, "👍 1")

	// All emoji, by name.
	jimin.points(theirs + " .body").clicks(theirs + " > .tools > [data-do=react]")
	jimin.shows("#reaction-dialog[open] .reacted ul", "boram").writes("#emoji-search", "pizza").count(`#emoji-found [value="😀"]`, 0)
	jimin.clicks(`#emoji-found [value="🍕"]`).count("dialog[open]", 0).shows(theirs+` [value="🍕"][aria-pressed="true"]`, "🍕 1").focusOn(theirs)
	jimin.clicks(theirs+" .reactions > a").shows("#reaction-dialog[open] #reaction-sheet", "pizza").press("Escape", 0).count("dialog[open]", 0)

	n.boram.Post(n.yard+"/messages/2/delete", nil)
	n.boram.Post(n.yard+"/archive", nil)
	jimin.count(theirs+".deleted .reactions", 0)
}

func reactWithoutScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("저녁 드실 분?")
	message := n.yard + "/messages/2"
	p := b.of(n.jimin).withoutScripts().open(message + "/edit")
	p.clicks(`form.react [value="❤️"]`).at(n.yard)
	p.shows(`#m2 .reaction [aria-pressed="true"]`, "❤️ 1")
	n.boram.Post(message+"/reactions", webtest.Form{"emoji": "❤️"}).Wants(http.StatusSeeOther)
	p.open(n.yard).clicks("#m2 .reactions > a").at(message + "/reactions")
	p.shows(".reacted ul", "jimin").shows(".reacted ul", "boram").writes("#emoji-search", "강아지").press("Enter", 0)
	p.clicks(`#emoji-found [value="🐶"]`).at(n.yard)
	p.shows(`#m2 .reactions`, "🐶").clicks(`#m2 .reaction:first-child [aria-pressed="true"]`)
	p.shows(`#m2 .reaction:first-child [aria-pressed="false"]`, "❤️ 1")
}
