package e2e

import (
	"fmt"
	"math"
	"testing"

	"sarangbang/handlers/webtest"
)

// manyTabs is more than the connections that a browser has by HTTP/1.1 for one host.
const manyTabs = 8

// openTabs opens many tabs of one browser, all of which are visible, as headless tabs are.
func openTabs(n *neighbours, prepare func(*tab) *tab) (tabs []*tab) {
	tabs = append(tabs, prepare(n.b.of(n.jimin)).open(n.yard))
	for len(tabs) < manyTabs {
		tabs = append(tabs, prepare(tabs[0].another()).open(n.yard))
	}
	return tabs
}

func openManyTabs(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	tabs := openTabs(n, func(p *tab) *tab { return p })
	for i := range 3 {
		said := fmt.Sprintf("모두 듣는 말 %d", i)
		n.post(said)
		for _, p := range tabs {
			p.hears(said)
		}
	}
	for _, p := range tabs {
		p.count("#messages > .message:not(.event)", 3).count("html.away", 0).shows("#online", "2")
	}
	n.hasRead(t)
}

func openManyTabsWithoutScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	tabs := openTabs(n, (*tab).withoutScripts)
	last := tabs[manyTabs-1].wants(liveLog + `.includes("Many tabs are open")`)
	n.post("모두 듣는 말")
	for _, p := range tabs {
		p.wants(liveLog + `.includes("모두 듣는 말")`)
	}
	tabs[0].open("/users")
	last.wants(`!` + liveLog + `.includes("Many tabs are open")`)
}

// topOf is how far below the top of the log a message is, in pixels.
func (t *tab) topOf(message string) float64 {
	t.tb.Helper()
	return look[float64](t, fmt.Sprintf(`document.querySelector(%s).getBoundingClientRect().top - log.getBoundingClientRect().top`, js(message)))
}

func keepThePlace(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	converse(n.boram, n.yard, 160)
	p := b.of(n.jimin).open(n.yard + "?around=97")
	p.wants(`document.querySelector('#m97') && log.clientHeight > 0`)
	third := look[float64](p, `log.clientHeight * 0.3`)
	if top := p.topOf("#m97"); math.Abs(top-third) > 40 {
		t.Errorf("the message asked for is %.0f pixels below the top, want %.0f", top, third)
	}
	p.does(`log.scrollTop -= 137`)
	first := look[string](p, `[...document.querySelectorAll('#log .message')].find(li => li.getBoundingClientRect().bottom > log.getBoundingClientRect().top).id`)
	top := p.topOf("#" + first)
	p.does(`window.before = true; document.querySelector('#stream').dispatchEvent(new Event('reset', { bubbles: true }))`)
	p.wants(`!window.before && document.readyState === 'complete' && document.querySelector('#` + first + `')`)
	p.wants(fmt.Sprintf(`Math.abs(document.querySelector('#%s').getBoundingClientRect().top - log.getBoundingClientRect().top - %f) < 2`, first, top))

	n.jimin.Post(n.yard+"/read", webtest.Form{"position": "160"}) // else the page begins at the first message
	p.open("/users").open(n.yard + "#m17").wants(`document.querySelector('#m17') && location.search === '?around=17'`)
	if top, height := p.topOf("#m17"), look[float64](p, `log.clientHeight`); top < 0 || top > height {
		t.Errorf("the message of a permalink is %.0f pixels below the top of a log of %.0f", top, height)
	}
}
