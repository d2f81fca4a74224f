package e2e

import (
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// seeEachOther shows who is online, and who is writing.
func seeEachOther(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	jimin := b.of(n.jimin).open(n.yard).hasStreams(1)
	jimin.shows("#online", "1 online")
	boram := b.of(n.boram).open(n.yard).hasStreams(1)
	for _, p := range []*tab{jimin, boram} {
		p.shows("#online", "2 online").clicks("#online").wants(`document.querySelector('#online-panel').matches(':popover-open')`)
		p.count("#online-people li", 2).shows("#online-1", "jimin").shows("#online-2", "boram").clicks("#online")
	}

	jimin.wants(`document.querySelector('#typing').offsetHeight > 0`)
	jimin.does(`window.logHeight = document.querySelector('#log').offsetHeight`)
	boram.writes("#body", "저는")
	jimin.shows("#typing", "boram is typing…").wants(`document.querySelector('#log').offsetHeight === window.logHeight`)
	jimin.writes("#body", "저도")
	boram.shows("#typing", "jimin is typing…").wants(`!document.querySelector('#typing').innerText.includes('boram')`)
	jimin.wants(`!document.querySelector('#typing').innerText.includes('jimin')`)
	minsu := webtest.SignUp(t, n.server.url, "minsu", invitation(n.jimin))
	minsu.Get(n.yard).Wants(http.StatusOK)
	for _, other := range []*webtest.Person{n.boram, minsu} {
		other.AsProgram().Post(n.yard+"/typing", nil).Wants(http.StatusNoContent)
	}
	jimin.wants(`[...document.querySelectorAll('#typing > span')].filter(span => span.getClientRects().length && getComputedStyle(span).visibility === 'visible')
		.map(span => span.innerText + getComputedStyle(span, '::after').content).join('')
		.replace(/["]|none/g, '').replace(/ +/g, ' ').includes('boram and minsu are typing…')`)
	boram.says("저는 여기 있어요")
	jimin.hears("저는 여기 있어요")
	jimin.lacks("#typing", "boram").lacks("#typing", ",")

	boram.open("/users")
	jimin.wants(`new Promise(done => setTimeout(() => done(document.querySelector('#online').innerText.includes('2')), 1500))`)
	n.boram.Post("/logout", webtest.Form{})
}
