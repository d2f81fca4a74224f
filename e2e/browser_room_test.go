package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"

	"sarangbang/handlers/webtest"
)

// liveInARoom is what a room offers beside talking: moderating, editing in place, a file that is
// dropped, a connection that is lost, members, settings and archiving.
func liveInARoom(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("처음 들은 말")
	jimin, boram := b.of(n.jimin).open(n.yard).focusOn("#composer textarea"), b.of(n.boram).open(n.yard)
	jimin.wants(`document.querySelector('#online').innerText.startsWith('2 · 2')`)

	// Typing without a field goes to the composer, a file into its tray.
	jimin.does(`document.activeElement.blur()`)
	jimin.press("a", 0).focusOn("#composer textarea")
	jimin.does(`(() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'x.png'));
		window.refused = !document.querySelector('#log').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })) })()`)
	jimin.wants(`window.refused`).shows("#composer .tray .name", "x.png").clicks("#composer .tray .take").count(".tray > li", 0)

	moderate(jimin, boram)
	editInPlace(boram)
	loseTheConnection(jimin)
	arrange(t, n, jimin, boram)
}

// moderate deletes what another wrote, and changes its mind once before.
func moderate(jimin, boram *tab) {
	theirs := jimin.hears("처음 들은 말")
	jimin.points(theirs + " .body").wants(`document.querySelector('.tools [data-do=edit]').hidden`)
	jimin.acts(theirs, "delete").shows("dialog[open] blockquote", "처음 들은 말").press("Escape", 0)
	jimin.count("dialog[open]", 0).count(".going", 0).focusOn(theirs)
	jimin.acts(theirs, "delete").clicks("#delete-dialog .danger").focusOn(theirs+" .undo").press("Enter", 0)
	jimin.count(".going", 0).focusOn(theirs).shows(theirs, "처음 들은 말")
	jimin.acts(theirs, "delete").clicks("#delete-dialog .danger").shows(theirs, "Deleting in a few seconds")
	for _, p := range []*tab{jimin, boram} {
		p.shows(theirs+" .body", "deleted by the moderator jimin").count(theirs+" .deleting", 0)
	}
	boram.points(theirs+" .body").count(theirs+" > .tools", 0)
}

// editInPlace leaves a page while editing, and goes on after a reload.
func editInPlace(boram *tab) {
	boram.says("고칠 말")
	mine := boram.hears("고칠 말")
	boram.points(mine+" .body").count(mine+" > .tools:not([hidden])", 1).press("Escape", 0)
	boram.acts(mine, "edit").focusOn(mine + " form.edit textarea").types(" 조금")
	boram.wants(fmt.Sprintf(`!document.querySelector('%s > .body').checkVisibility()`, mine))
	boram.reload().focusOn(mine + " form.edit textarea")
	boram.wants(fmt.Sprintf(`document.querySelector('%s form.edit textarea').value === '고칠 말 조금'`, mine))
	boram.types(" 더").press("Enter", 0).shows(mine+" .body", "고칠 말 조금 더").focusOn(mine).shows(mine, "edited")
	boram.acts(mine, "edit").focusOn(mine+" form.edit textarea").types(" 아니").press("Escape", 0).count("form.edit", 0).focusOn(mine).lacks(mine, "아니")
	boram.reload().count("form.edit", 0)
}

// loseTheConnection looks at a page whose network goes and comes back.
func loseTheConnection(jimin *tab) {
	jimin.expects("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK", "Failed to fetch", "sse", "network error", "input stream")
	offline := network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}},
	}
	set(jimin, network.EmulateNetworkConditionsByRule, offline)
	jimin.does(`dispatchEvent(new Event('offline'))`)
	jimin.shows("#connection", "Reconnecting").count("html.away", 1)
	offline.MatchedNetworkConditions = []*network.Conditions{{Offline: false, DownloadThroughput: -1, UploadThroughput: -1}}
	set(jimin, network.EmulateNetworkConditionsByRule, offline)
	jimin.does(`setInterval(() => { if (document.querySelector('#connection').textContent) dispatchEvent(new Event('online')); }, 4000)`)
	jimin.wants(`document.querySelector('#connection').textContent === ''`).count("html.away", 0)
}

// arrange makes a link, puts a member out by the menu of its row, and archives the room.
func arrange(t *testing.T, n *neighbours, jimin, boram *tab) {
	jimin.clicks("#room-header .settings").at(n.yard + "/settings")
	jimin.clicks(`form[action="/invites"] button.primary`).focusOn(".invites li:target button[data-copy]")
	jimin.open(n.yard+"/members").shows(".members-list", "boram")
	jimin.clicks(`.members-list > li:nth-child(2) .row-menu > summary`).press("Escape", 0).count(".row-menu[open]", 0)
	jimin.clicks(`.members-list > li:nth-child(2) .row-menu > summary`).shows(".row-menu[open]", "Remove")

	jimin.open(n.yard + "/settings").clicks(`section[aria-labelledby="archive-heading"] summary`)
	boram.open(n.yard)
	jimin.clicks(`form[action$="/archive"] button`).at("/rooms")
	boram.shows("#archived", "archived").wants(`!document.querySelector('#composer').checkVisibility()`)
	n.boram.Post(n.yard+"/messages", webtest.Form{"body": "늦은 말"}).Wants(http.StatusConflict)
	jimin.shows("main", "Archived rooms").clicks(fmt.Sprintf(`form[action="%s/restore"] button`, n.yard)).at(n.yard)
	boram.wants(`document.querySelector('#archived').textContent === ''`).says("다시 여기")
	jimin.hears("다시 여기")
	if n.unread() < 0 {
		t.Error("no count of unread messages")
	}
}

// fitSmallScreens looks at the composer of a room on phones on their side, and at 400 %.
func fitSmallScreens(t *testing.T, b *browser) {
	f := b.fixture()
	p := b.in(t, f.jimin)
	for _, screen := range []appearance{
		{width: 640, height: 320, mobile: true, scheme: "light", language: "ko"},
		{width: 844, height: 390, mobile: true, scheme: "light", language: "ko"},
		{width: 320, height: 200, scheme: "light", language: "ko"},
	} {
		p.appear(screen).open(f.yard)
		p.wants(`(() => { const box = document.querySelector('#composer').getBoundingClientRect();
			return box.top >= 0 && box.bottom <= innerHeight && document.querySelector('#log').offsetHeight >= 32 })()`)
		p.wants(`document.documentElement.scrollHeight <= innerHeight`)
	}
	p.appear(appearance{width: 390, height: 844, mobile: true, scheme: "light", language: "ko"}).open(f.yard)
	set(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	p.presses(fmt.Sprintf("#m%d .body", f.lines+14)).focusOn("#message-menu .quick > :first-child").presses("#log .day").count(".tools:not([hidden])", 0)
}

// presses holds a finger on an element for long.
func (t *tab) presses(selector string) *tab {
	t.tb.Helper()
	at := look[[]float64](t, fmt.Sprintf(middle, js(selector)))
	if len(at) < 2 {
		t.tb.Fatalf("%s cannot be touched", selector)
	}
	set(t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: "touchStart", TouchPoints: []*input.TouchPoint{{X: at[0], Y: at[1]}}})
	<-time.After(700 * time.Millisecond)
	set(t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: "touchEnd", TouchPoints: []*input.TouchPoint{}})
	return t
}

// arrangeByForms does without scripts what a room's settings and members pages offer.
func arrangeByForms(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("남의 말")
	jimin := b.of(n.jimin).withoutScripts().open(n.yard)
	theirs := "#" + look[string](jimin, `document.querySelector('#messages > .message:last-child').id`)
	jimin.clicks("#room-header .settings")
	jimin.at(n.yard + "/settings")
	jimin.clicks(`form[action="/invites"] button.primary`).at(n.yard + "/settings")
	jimin.count(".invites li:target", 1)
	jimin.open(n.yard).clicks(theirs + " .time").at(n.yard + "/messages/[0-9]+")
	jimin.clicks(".to-actions a").at(n.yard + "/messages/[0-9]+/edit")
	jimin.count("main form textarea", 0).clicks("details.confirm summary").clicks("details.confirm .danger").at(n.yard)
	jimin.shows(theirs, "deleted by the moderator")
	jimin.open(n.yard).clicks("#room-header noscript .members").at(n.yard + "/members")
	jimin.clicks(".members-list > li:nth-child(2) .row-menu > summary").clicks(".row-menu[open] .confirm summary")
	jimin.clicks(".row-menu[open] .danger").at(n.yard + "/members")
	jimin.count(".members-list > li", 1).open(n.yard + "/settings")
	jimin.clicks(`section[aria-labelledby="archive-heading"] summary`).clicks(`form[action$="/archive"] button`).at("/rooms")
	jimin.shows("main", "Archived rooms").clicks(fmt.Sprintf(`form[action="%s/restore"] button`, n.yard)).at(n.yard)
	jimin.says("다시 여기").shows("#messages", "다시 여기")
}
