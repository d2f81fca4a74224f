package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"sarangbang/handlers"
	"sarangbang/handlers/webtest"
)

// liveLog is what somebody sees in the live log of a room's page.
const liveLog = `document.querySelector('iframe')?.contentDocument?.body?.innerText`

func talkWithoutScripts(t *testing.T, b *browser) {
	server := startServer(t)
	base := strings.Replace(server.url, "127.0.0.1", plainHost, 1)
	jimin, boram := b.visitor(t, base).withoutScripts(), b.visitor(t, base).withoutScripts()
	for _, person := range []*tab{jimin, boram} {
		person.expects("Cross-Origin-Opener-Policy header has been ignored") // over plain HTTP
	}
	jimin.signsUp(handlers.FirstAccountPath(server.setupCode()), "jimin", "/rooms/[-0-9a-f]{36}") // as the program has printed it
	jimin.count("html.scripted", 0)
	first := jimin.at("/rooms/[-0-9a-f]{36}")
	boram.signsUp(look[string](jimin, `new URL(document.querySelector('.welcome .link a').href).pathname`), "보람", first)
	boram.shows("#messages .event", "보람 joined")
	jimin.wants(liveLog + `.includes("보람 joined")`)

	jimin.open("/rooms/new").writes("#title", "마당").clicks("main form.stack button.primary")
	room := jimin.at("/rooms/[-0-9a-f]{36}")
	jimin.open(first).says("마당: "+base+room).shows("#messages", room)
	boram.open(first).shows("#messages", room).does(`for (const link of document.querySelectorAll('#messages .body a[rel]')) link.target = ''`)
	boram.clicks("#messages .body a[rel]").at(room + "/preview")
	boram.clicks(fmt.Sprintf(`form[action="%s/join"] button`, room))
	boram.at(room)
	jimin.open(room)

	boram.says("안녕하세요").shows("#messages", "안녕하세요")
	jimin.wants(liveLog+`.includes("안녕하세요")`).says("반가워요").shows("#messages", "반가워요")
	boram.wants(liveLog + `.includes("반가워요")`)
	boram.says("지울 말").shows("#messages", "지울 말")
	boram.correctsByLinks(boram.hears("안녕하세요"), "정말 안녕하세요")
	boram.at(room)
	boram.removesByLinks(boram.hears("지울 말"))
	boram.at(room)
	boram.shows("#messages", "정말 안녕하세요").shows("#messages", "This message was deleted.").lacks("#messages", "지울 말")
	jimin.wants(liveLog + `.includes("정말 안녕하세요")`).wants(liveLog + `.includes("This message was deleted.")`)
	jimin.wants(`!` + liveLog + `.includes("지울 말")`)

	jimin.appear(appearance{width: 320, height: 640, mobile: true, scheme: "light", language: "en"})
	jimin.open(room).fitsTheScreen("room without scripts")
	readHistoryByLinks(t, jimin, room)
}

// correctsByLinks edits a message on the page of its own.
func (t *tab) correctsByLinks(message, text string) {
	t.tb.Helper()
	t.clicks(message + " .time").at(".*/messages/[0-9]+")
	t.clicks(".to-actions a").at(".*/edit")
	t.writes("main form.stack textarea", text).clicks("main form.stack button.primary")
}

func (t *tab) removesByLinks(message string) {
	t.tb.Helper()
	t.clicks(message + " .time").at(".*/messages/[0-9]+")
	t.clicks(".to-actions a").at(".*/edit")
	t.clicks("details.confirm summary").clicks("details.confirm button.danger")
}

// readHistoryByLinks follows the links to older messages to the beginning.
func readHistoryByLinks(t *testing.T, reader *tab, room string) {
	const said = 120
	converse(logIn(t, strings.Replace(reader.base, plainHost, "127.0.0.1", 1), "jimin"), room, said)
	reader.open(room+"?at=newest").shows("#messages > li:last-child", fmt.Sprintf("옛날 이야기 %d", said))
	for first := 2; first > 1; {
		oldest := look[string](reader, `document.querySelector('.message[id]').id`)
		reader.clicks(".older a").wants(`document.querySelector('.message[id]')?.id !== ` + js(oldest))
		reader.at(room + "/messages")
		first = look[int](reader, `Number(document.querySelector('.message[id]').id.slice(1))`)
	}
	reader.shows("main", "정말 안녕하세요").clicks(`.further a:first-child`)
	reader.lacks("main", "정말 안녕하세요").shows("main", "옛날 이야기")
}

// withoutModules keeps all modules from loading, as a browser does that knows none.
func (t *tab) withoutModules() *tab {
	t.tb.Helper()
	modules := &network.BlockPattern{URLPattern: "*://*:*/static/js/*", Block: true}
	set(t, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{modules}})
	return t.expects("ERR_BLOCKED_BY_CLIENT", "a stream that does not say what the list shows")
}

// hiddenControls counts what somebody could press or fill in but does not see; wide screens have no
// link back.
const hiddenControls = `[...document.querySelectorAll('main :is(a, button, input, select, textarea)')].filter(e =>
	!e.closest('[hidden], [type=hidden], [popover], details:not([open]), dialog:not([open]), .needs-script, #online, .back') &&
	!e.checkVisibility({ visibilityProperty: true })).length`

func talkWithoutModules(t *testing.T, b *browser) {
	server := startServer(t)
	jimin := webtest.SignUp(t, server.url, "jimin", "")
	room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	p := b.of(jimin).withoutModules().open(room)
	p.count("html.scripted", 0).wants(hiddenControls + ` === 0`)
	p.says("처음 한 말").shows("#messages", "처음 한 말").says("다음 말").shows("#messages", "다음 말")
	p.open(room + "/messages/1").wants(`!document.querySelector('.needs-script').checkVisibility({ visibilityProperty: true })`)
	p.clicks(".to-actions a").at(".*/edit")
	p.wants(hiddenControls+` === 0`).writes("main form.stack textarea", "고친 말").clicks("main form.stack button.primary")
	p.at(room)
	p.shows("#messages", "고친 말")
}
