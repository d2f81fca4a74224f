package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// signsUp fills in the form of a sign-up page, and arrives at a page.
func (t *tab) signsUp(path, name, arrives string) *tab {
	t.tb.Helper()
	t.open(path).writes("#name", name).writes("#password", webtest.Password).clicks("main form button.primary")
	t.at(arrives)
	return t
}

// says writes a message into the composer and sends it with the button.
func (t *tab) says(text string) *tab {
	t.tb.Helper()
	return t.writes("#composer textarea", text).clicks("#composer button.primary")
}

// hears waits for a message in the log, and returns a selector of it.
func (t *tab) hears(text string) string {
	t.tb.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll('ol > .message[id]')].findLast(li => li.innerText.includes(%s))?.id`, js(text))
	t.wants(find)
	return "#" + look[string](t, find)
}

// logIn is somebody who has an account, as a script sees the service.
func logIn(tb testing.TB, base, name string) *webtest.Person {
	tb.Helper()
	p := webtest.Visitor(tb, base)
	p.Name = name
	p.Post("/login", webtest.Form{"name": name, "password": webtest.Password}).Wants(http.StatusSeeOther)
	return p
}

// converse lets somebody say so many things.
func converse(p *webtest.Person, room string, messages int) {
	p.TB.Helper()
	for i := range messages {
		p.Post(room+"/messages", webtest.Form{"body": fmt.Sprintf("옛날 이야기 %d", i+1)}).Wants(http.StatusSeeOther)
	}
}

func talkWithScripts(t *testing.T, b *browser) {
	server := startServer(t)
	jimin, boram := b.visitor(t, server.url), b.visitor(t, server.url)
	first := arrive(jimin, boram)

	jimin.open("/rooms/new").writes("#title", "마당").clicks("main form.stack button.primary")
	jimin.shows("#room-header h1", "마당")
	room := jimin.at("/rooms/[-0-9a-f]{36}")
	boram.open("/").clicks(fmt.Sprintf(`main a[href="%s/preview"]`, room))
	boram.at(room + "/preview")
	boram.shows("main h1", "마당").clicks("main form button.primary")
	boram.at(room)
	jimin.shows("#messages .event", "보람 joined")
	if room == first {
		t.Error("the new room is the first one")
	}
	for _, person := range []*tab{jimin, boram} {
		person.shows("#room-header h1", "마당").does(`window.notReloaded = true`)
	}

	jimin.says("안녕하세요")
	boram.hears("안녕하세요")
	boram.says("반가워요 **지민**")
	mine := jimin.hears("반가워요 지민")
	jimin.says("지울 말")
	gone := boram.hears("지울 말")

	boram.acts(mine, "edit")
	boram.writes(mine+" form.edit textarea", "정말 반가워요").clicks(mine + " form.edit button.primary")
	jimin.acts(gone, "delete").clicks("#delete-dialog .danger").count(gone+".going .undo", 1)
	for _, person := range []*tab{jimin, boram} {
		person.shows(mine+" .body", "정말 반가워요").shows(mine+" .edited", "edited").count(mine+" form.edit", 0)
		person.shows(gone, "This message was deleted.").lacks("#messages .message", "지울 말")
		person.count("#messages .message:not(.event)", 3).count("#pending > li", 0)
	}
	for _, person := range []*tab{jimin, boram} {
		if !look[bool](person, `window.notReloaded === true`) {
			t.Error("the page was loaded again")
		}
	}
	readHistoryInPlace(t, jimin, room)
}

// arrive has two people sign up, who both land in the first room: the first one finds the
// invitation there, and sees the second one come.
func arrive(jimin, boram *tab) (room string) {
	jimin.open("/").writes("#display_name", "지 민").wants(`document.querySelector('#name').value === '지민'`)
	jimin.signsUp("/signup", "jimin", "/rooms/[-0-9a-f]{36}")
	room = jimin.at("/rooms/[-0-9a-f]{36}")
	jimin.shows(".welcome .local", "Only this computer").count(".welcome svg", 0)
	jimin.isAccessible("the first room")
	boram.signsUp(look[string](jimin, `new URL(document.querySelector('.welcome .link a').href).pathname`), "보람", room)
	for _, p := range []*tab{jimin, boram} {
		p.shows("#messages .event", "보람 joined")
	}
	jimin.count(".welcome", 0).wants(`!/^\(/.test(document.title)`)
	return room
}

// readHistoryInPlace scrolls up through more pages than one. What the reader looks at stays where
// it is while older messages come in above it.
func readHistoryInPlace(t *testing.T, reader *tab, room string) {
	const said = 120
	converse(logIn(t, reader.base, "jimin"), room, said)
	reader.open(room+"?at=newest").shows("#messages > li:last-child", fmt.Sprintf("옛날 이야기 %d", said)).does(`window.notReloaded = true`)
	for page := 2; look[bool](reader, `!!document.querySelector('.older')`); page++ {
		loaded := look[int](reader, `document.querySelectorAll('#log .message[id]').length`)
		top := look[map[string]float64](reader, `(() => {
			log.scrollTop = -1e6;
			const li = document.querySelector('#log .message[id]');
			return { position: Number(li.id.slice(1)), top: li.getBoundingClientRect().top };
		})()`)
		reader.wants(fmt.Sprintf(`document.querySelectorAll('#log .message[id]').length > %d`, loaded))
		stays := fmt.Sprintf(`document.querySelector('#m%.0f').getBoundingClientRect().top - %f`, top["position"], top["top"])
		if moved := look[float64](reader, stays); moved < -2 || moved > 2 {
			t.Errorf("page %d: the view jumped by %.0f pixels", page, moved)
		}
		if page > 10 {
			t.Fatal("history has no end")
		}
	}
	reader.hears("안녕하세요")
	reader.count("#log .message[id]", said+4) // with the event of who joined
	inOrder := `[...document.querySelectorAll('#log .message[id]')].every((li, i) => li.id === 'm' + (i + 1))`
	if !look[bool](reader, inOrder) {
		t.Error("the messages are not in order")
	}
	if !look[bool](reader, `window.notReloaded === true`) {
		t.Error("reading history loaded the page again")
	}
}
