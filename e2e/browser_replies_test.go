package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"

	"sarangbang/handlers/webtest"
)

// replyWithScripts answers from the toolbar, goes to what is answered and back, and answers by a
// swipe; the other sees it.
func replyWithScripts(t *testing.T, b *browser) {
	const line, field = "#composer .reply:not([hidden])", "#composer textarea"
	n := newNeighbours(t, b)
	n.post("장소는 **어디**로 할까요?")
	for range 40 {
		n.jimin.Post(n.yard+"/messages", webtest.Form{"body": "딴 얘기"})
	}
	jimin, boram := b.of(n.jimin).open(n.yard+"?at=newest").hasStreams(1), b.of(n.boram).open(n.yard+"?at=newest").hasStreams(1)
	jimin.does(`document.getElementById('m2').scrollIntoView()`)
	jimin.points("#m2 .body").clicks("#m2 > .tools > [data-do=reply]").shows(line, "boram").shows(line, "장소는 어디로 할까요?")
	jimin.wants(`document.activeElement.matches('` + field + `')`).types("강남")
	jimin.press("Escape", 0).count(line, 0)
	jimin.points("#m2 .body").clicks("#m2 > .tools > [data-do=reply]").clicks("#composer .reply .cancel").count(line, 0)
	jimin.points("#m2 .body").clicks("#m2 > .tools > [data-do=reply]").reload().shows(line, "장소는 어디로 할까요?")
	jimin.writes(field, "강남역이요").press("Enter", 0).count(line, 0)
	answer := jimin.hears("강남역이요")
	quote := answer + " .answered"
	jimin.shows(quote, "장소는 어디로 할까요?").wants(`document.querySelector('#composer [name=reply_to]').value === ''`)
	boram.shows(boram.hears("강남역이요")+" .answered .who", "boram")

	// There and back.
	inView := func(selector string) string {
		return `(r => r.top < innerHeight && r.bottom > 0)(document.querySelector('` + selector + `').getBoundingClientRect())`
	}
	boram.wants("!" + inView("#m2")).clicks(quote).wants(inView("#m2")).wants(`document.querySelector('#m2').matches(':target')`)
	boram.does(`history.back()`)
	boram.wants(inView(answer)).wants("!" + inView("#m2"))

	// What is quoted changes.
	n.boram.Post(n.yard+"/messages/2", webtest.Form{"body": "어디서 볼까요?"})
	jimin.shows(quote, "어디서 볼까요?")
	n.boram.Post(n.yard+"/messages/2/delete", nil)
	boram.shows(quote, "This message was deleted.")
	if text := look[string](boram, `document.querySelector('#log').textContent`); strings.Contains(text, "볼까요") {
		t.Error("what was deleted is still shown")
	}

	// By a swipe.
	phone := b.of(n.boram).appear(appearance{width: 375, height: 667, mobile: true}).open(n.yard + "?at=newest").hasStreams(1)
	set(phone, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	phone.swipes(answer, -20).count(line, 0).swipes(answer, 80).count(line, 0).swipes(answer, -80).shows(line, "강남역이요")
	n.jimin.Post(n.yard+"/archive", nil)
	phone.shows("#archived", "archived").swipes("#m4", -80).lacks("#composer .reply", "딴 얘기")
}

// swipes draws a message to the side with a finger, that many pixels.
func (t *tab) swipes(selector string, by float64) *tab {
	t.tb.Helper()
	at := look[[]float64](t, fmt.Sprintf(middle, js(selector)))
	if len(at) < 2 {
		t.tb.Fatalf("%s cannot be touched", selector)
	}
	touch := func(kind string, points ...*input.TouchPoint) {
		set(t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventType(kind), TouchPoints: append([]*input.TouchPoint{}, points...)})
	}
	touch("touchStart", &input.TouchPoint{X: at[0], Y: at[1]})
	for step := range 8 {
		touch("touchMove", &input.TouchPoint{X: at[0] + by*float64(step+1)/8, Y: at[1]})
	}
	touch("touchEnd")
	return t
}

func replyWithoutScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("장소는 어디로 할까요?")
	p := b.of(n.jimin).withoutScripts().open(n.yard + "/messages/2/edit")
	p.clicks(`main a[href*="reply_to"]`).at(n.yard)
	p.shows("#composer .reply", "장소는 어디로 할까요?").clicks("#composer .reply .cancel").wants(`location.search === ''`)
	p.count("#composer .reply:not([hidden])", 0).open(n.yard + "?reply_to=2")
	p.writes("#composer textarea", "강남역이요").clicks("#composer .send").at(n.yard)
	p.shows("#m3 .answered", "장소는 어디로 할까요?").clicks("#m3 .answered").at(n.yard)
	p.wants(`location.hash === '#m2' && document.querySelector('#m2').matches(':target')`)
}
