package e2e

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/page"

	"sarangbang/handlers/webtest"
)

// before runs a script in every page that is opened from now on, before the page's own.
func (t *tab) before(script string) *tab {
	t.tb.Helper()
	set(t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	return t
}

// noteSaid collects in window.said what screen readers are told by an element, which may hold it
// for moments only.
const noteSaid = `window.said = [];
	addEventListener('DOMContentLoaded', () => {
		for (const region of document.querySelectorAll('#announcer, #connection')) {
			new MutationObserver(records => {
				for (const { addedNodes } of records) for (const node of addedNodes) said.push(node.textContent);
			}).observe(region, { childList: true });
		}
	});`

// spoken is a condition: screen readers were told these texts and no others, in this order.
func spoken(texts ...string) string {
	list := ""
	for _, text := range texts {
		list += js(text) + ","
	}
	return fmt.Sprintf(`JSON.stringify(window.said) === JSON.stringify([%s])`, list)
}

// stepWithArrows goes through the list and the log with arrow keys, while both change, and listens
// as a screen reader does.
func stepWithArrows(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("하나")
	n.post("둘")
	p := b.of(n.jimin).before(noteSaid).open(n.yard).hasStreams(1).focusOn("#composer textarea")
	second := p.hears("둘")
	first := p.hears("하나")
	const oneStopEach = `['#my-rooms li > a', '.message'].every(rows => document.querySelectorAll(rows + '[tabindex="0"]').length === 1)`
	p.wants(oneStopEach)
	p.does(fmt.Sprintf(`document.querySelector('%s').focus()`, second))
	p.press("ArrowUp", 0).focusOn(first).press("ArrowDown", 0).focusOn(second).press("Home", 0)
	p.wants(`document.activeElement === document.querySelector('#messages > .message')`)
	p.press("End", 0).focusOn(second)

	n.post("셋") // the stop stays where it is
	third := p.hears("셋")
	p.focusOn(second).wants(oneStopEach).press("ArrowDown", 0).focusOn(third)
	p.press("Escape", 0).focusOn("#composer textarea")
	p.says("내 말")
	p.hears("내 말")
	n.boram.Post(n.yard+"/messages/"+third[len("#m"):], webtest.Form{"body": "셋, 고침"})
	p.shows(third, "고침")
	p.wants(spoken("boram: 셋", "boram: 셋, 고침 · edited"))

	den := n.boram.Post("/rooms", webtest.Form{"title": "골방"}).Location()
	n.jimin.Get(den)
	p.shows("#my-rooms", "골방").does(`document.querySelector('#my-rooms a[aria-current]').focus()`)
	p.press("Home", 0).wants(`document.activeElement === document.querySelector('#rooms-other > li > a')`)
	n.boram.Post(den+"/messages", webtest.Form{"body": "목록이 바뀐다"})
	p.shows("#my-rooms li.unread", "골방").wants(oneStopEach)
	p.press("End", 0).press("ArrowUp", 0).press("ArrowDown", 0)
	p.wants(`document.activeElement === [...document.querySelectorAll('#my-rooms li > a')].at(-1)`)
}

// noticeSilence stops the server without a word: no connection ends, and pings do not come. The
// page's clock goes on for as long as a living stream is never silent.
func noticeSilence(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	p := b.of(n.jimin).before(noteSaid + `{
		const now = Date.now;
		window.later = 0;
		Date.now = () => now() + later;
	}`).open(n.yard).hasStreams(1)
	n.post("들린다")
	p.hears("들린다")
	p.does(`window.said.length = 0`)
	n.server.signal(syscall.SIGSTOP)
	p.does(`window.later = 40_000`)
	p.shows("#connection", "Reconnecting").count("html.away", 1)
	n.server.signal(syscall.SIGCONT)
	n.post("다시 들린다")
	p.hears("다시 들린다")
	p.wants(`document.querySelector('#connection').textContent === ''`).count("html.away", 0)
	p.count("#messages > .message:not(.event)", 2)
	p.wants(`said.filter(text => text.includes('Reconnecting')).length === 1`)
}
