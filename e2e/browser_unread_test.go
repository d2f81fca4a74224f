package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// aThirdDown is a condition: an element stands about a third from the top of the log.
func aThirdDown(selector string) string {
	return fmt.Sprintf(`(() => {
		const log = document.querySelector('#log').getBoundingClientRect(), at = document.querySelector(%s).getBoundingClientRect();
		return at.top > log.top + log.height * 0.15 && at.top < log.top + log.height * 0.5;
	})()`, js(selector))
}

// inLog is a condition: an element stands within the log as it is scrolled.
func inLog(selector string) string {
	return fmt.Sprintf(`(() => {
		const log = document.querySelector('#log').getBoundingClientRect(), at = document.querySelector(%s).getBoundingClientRect();
		return at.height > 0 && at.top >= log.top - 1 && at.bottom <= log.bottom + 1;
	})()`, js(selector))
}

// toTheEnd scrolls down until a message is there.
func (t *tab) toTheEnd(message string) *tab {
	t.tb.Helper()
	return t.wants(fmt.Sprintf(`(document.querySelector('#log').scrollTop = 1e6, document.querySelector(%s))`, js(message)))
}

// leadToUnread reads a room with many unread messages, on one screen.
func leadToUnread(screen appearance) func(t *testing.T, b *browser) {
	return func(t *testing.T, b *browser) {
		n := newNeighbours(t, b)
		converse(n.boram, n.yard, 20)
		n.jimin.Post(n.yard+"/read", webtest.Form{"position": "20"}).Wants(http.StatusSeeOther)
		converse(n.boram, n.yard, 90)
		p := b.of(n.jimin).appear(screen).open(n.yard).hasStreams(1)
		p.wants(`document.querySelector('.unread-line + #m21')`).wants(aThirdDown(".unread-line")).count("#m72", 0)
		p.shows("#newest", "new ↓").wants(`document.title.startsWith('(')`)
		p.does(`new Promise(done => setTimeout(done, 1200))`) // longer than the page waits before it tells what was read
		if got := n.unread(); got < 50 || got > 89 {
			t.Errorf("%d unread after a look at the first page of 90", got)
		}
		n.post("@jimin 어디야?")
		p.shows("#newest", "· @").wants(`document.title.includes(') @ ')`).count("#m112", 0)
		p.toTheEnd("#m112").inOrder(1, 112)
		n.hasRead(t)
		p.wants(`!document.title.startsWith('(')`).wants(`document.querySelector('#newest').hidden`)
		n.post("이어서")
		p.shows("#messages > .message:last-child", "이어서")
		n.hasRead(t)

		home := p.another().appear(screen).open("/").hasStreams(1)
		home.count(`#my-rooms .unread`, 0)
		p.does(`document.querySelector('#log').scrollTop = -60`)
		p.acts("#m112", "unread").wants(`document.querySelector('.unread-line + #m112')`).wants(`document.title.startsWith('(2) @')`)
		p.does(`new Promise(done => setTimeout(done, 1200))`)
		if got := n.unread(); got != 2 {
			t.Errorf("%d unread from the last but one on", got)
		}
		home.shows("#my-rooms .unread", "2")

		p.open(n.yard+"/messages/30").wants(aThirdDown("#m30")).count(".asked + #m30", 1)
		p.open(n.yard + "?around=60").wants(aThirdDown("#m60"))
		p.open(n.yard + "?around=60#m60").wants(aThirdDown("#m60"))
		p.does(`location.hash = '#m5'`)
		p.wants(aThirdDown("#m5")).wants(`location.search === '?around=5'`)
		p.clicks("#newest").wants(`location.search === '?at=newest'`).shows("#messages > .message:last-child", "이어서")
	}
}

// leadToUnreadWithoutScripts does the same in a browser that runs no scripts.
func leadToUnreadWithoutScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	converse(n.boram, n.yard, 70)
	n.jimin.Post(n.yard+"/read", webtest.Form{"position": "10"}).Wants(http.StatusSeeOther)
	p := b.of(n.jimin).withoutScripts().open(n.yard)
	p.wants(`document.querySelector('.unread-line + #m11')`).wants(inLog(".unread-line")).shows("#newest", "61 new")
	p.count(".unread-line .place[autofocus]", 1) // for browsers without initial targets
	p.clicks("#newest").wants(`location.search === '?at=newest'`).wants(inLog("#m71")).shows("#unread-above", "61")
	p.wants(`document.activeElement.matches('#composer textarea')`)
	p.open(n.yard+"?around=30").wants(aThirdDown("#m30")).count(".start .place[autofocus]", 1)
	p.open(n.yard + "/messages/30").wants(aThirdDown("#m30")).clicks(".to-actions a").at(".*/messages/30/edit")
	p.clicks(`form[action$="/unread"] button`).at("/")
	p.open(n.yard).wants(inLog(".unread-line")).clicks(".unread-line button").at("/rooms/.*")
	n.hasRead(t)
	p.says("나도 왔어").wants(inLog("#messages > .message:last-child")).focusOn("#composer textarea")
}
