package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

// hostileTexts want to be scripts, to leave their place in the page, or to be wider than it.
var hostileTexts = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`'><svg/onload=alert(1)>`,
	`</textarea></style></title><script>alert(1)</script>`,
	`javascript:alert(1)`,
	`[여기](javascript:alert(1)) <javascript:alert(1)>`,
	`![x](x" onerror="alert(1)) [x](data:text/html,<script>alert(1)</script>)`,
	`{{.Viewer.PasswordHash}} ${alert(1)} &lt;b&gt; &#x3c;`,
	strings.Repeat("ㅋ", 64),
	strings.Repeat("W", 64),
	`https://example.org/` + strings.Repeat("a", 40),
	piledUp("zalgo"),
	`مرحبا بكم في البيت، אבגד <b>`,
}

// piledUp returns a text with 60 marks on each letter.
func piledUp(text string) string {
	var b strings.Builder
	for i, letter := range text {
		b.WriteRune(letter)
		for mark := range 60 {
			b.WriteRune('\u0300' + rune((i+mark)%0x6F))
		}
	}
	return b.String()
}

// scriptsOfOthers are elements that a text of a person could have made.
const scriptsOfOthers = `[...document.querySelectorAll('*')].filter(e =>
	(e.tagName === 'SCRIPT' && !e.getAttribute('src')?.startsWith('/static/')) ||
	[...e.attributes].some(a => a.name.startsWith('on') || /^\s*(javascript|data|vbscript):/i.test(a.value) && a.name !== 'value'))
	.map(e => e.outerHTML.slice(0, 200))`

// isHarmless fails the test when a text of a person has become more than text, or breaks the page.
func (t *tab) isHarmless(name string) {
	t.tb.Helper()
	for _, element := range look[[]string](t, scriptsOfOthers) {
		t.tb.Errorf("%s: %s", name, element)
	}
	t.fitsTheScreen(name)
	t.isCalm()
}

func writeHostileTexts(t *testing.T, b *browser) {
	server := startServer(t)
	jimin := webtest.SignUp(t, server.url, "jimin", "")
	code := invitation(jimin)
	yard := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	phone := appearance{width: 320, height: 640, mobile: true, scheme: "light", language: "ko"}
	viewer := b.of(jimin).appear(phone).open(yard)
	live := viewer.another().withoutScripts().appear(phone)
	live.opens(fixturePage{name: "room", path: yard})

	pages := []string{"/", "/users", "/rooms", yard, yard + "/messages", yard + "/members", "/tokens", "/invites", "/users?q=%3Cscript%3E%22%3E"}
	for i, text := range hostileTexts {
		villain := webtest.SignUp(t, server.url, fmt.Sprintf("villain%d", i), code)
		short := string([]rune(text)[:min(64, len([]rune(text)))])
		profile := webtest.Form{"display_name": short, "bio": strings.Repeat(text, 3), "language": "en", "time_zone": "UTC"}
		villain.Post("/profile", profile).Wants(http.StatusSeeOther)
		villain.Get(yard).Wants(http.StatusOK)
		villain.Post(yard+"/messages", webtest.Form{"body": text}).Wants(http.StatusSeeOther)
		villain.Post(yard+"/messages", webtest.Form{"body": "> " + text + "\n\n```\n" + text + text + "\n```\n- " + text}).Wants(http.StatusSeeOther)
		jimin.Post("/tokens", webtest.Form{"title": short}).Wants(http.StatusSeeOther)
		room := villain.Post("/rooms", webtest.Form{"title": short}).Location()
		villain.Post(room+"/messages", webtest.Form{"body": text}).Wants(http.StatusSeeOther)
		pages = append(pages, fmt.Sprintf("/users/%d", i+2), room, room+"/members", room+"/messages/1")
	}
	viewer.hears(strings.Repeat("W", 64))
	viewer.count("#messages > .message:not(.event)", 2*len(hostileTexts)).shows("#m2 .body", hostileTexts[0]).isHarmless("live room")
	live.wants(liveLog + `.includes("villain") || ` + liveLog + `.includes("WWWWWW")`)
	live.isHarmless("room without scripts")
	for _, path := range pages {
		viewer.open(path).isHarmless(path)
	}
	viewer.opens(fixturePage{name: "live log", path: yard + "/live?after=0"}).isHarmless("live log")
}
