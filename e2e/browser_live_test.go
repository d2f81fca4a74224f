package e2e

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	chrome "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// neighbours are two people who are in one room.
type neighbours struct {
	b            *browser
	server       *process
	jimin, boram *webtest.Person
	yard         string
}

func newNeighbours(t *testing.T, b *browser) *neighbours {
	t.Helper()
	n := &neighbours{b: b, server: startServer(t)}
	n.jimin = webtest.SignUp(t, n.server.url, "jimin", "")
	n.boram = webtest.SignUp(t, n.server.url, "boram", invitation(n.jimin))
	n.yard = n.jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	n.boram.Get(n.yard).Wants(http.StatusOK)
	return n
}

// post lets boram say something in the yard.
func (n *neighbours) post(body string) {
	n.boram.TB.Helper()
	n.boram.Post(n.yard+"/messages", webtest.Form{"body": body}).Wants(http.StatusSeeOther)
}

// unread is how much of the yard jimin has not read.
func (n *neighbours) unread() (count int) {
	n.jimin.TB.Helper()
	var rooms []struct {
		ID     string
		Unread int
	}
	n.jimin.AsProgram().Get("/rooms").Wants(http.StatusOK).JSON(&rooms)
	for _, room := range rooms {
		if strings.HasSuffix(n.yard, room.ID) {
			count = room.Unread
		}
	}
	return count
}

func (n *neighbours) hasRead(t *testing.T) {
	t.Helper()
	eventually(t, "jimin has read everything", func() bool { return n.unread() == 0 })
}

// minimize hides the page as a person does: document.hidden becomes true by itself. restore shows
// it again.
func (t *tab) minimize() *tab { return t.window("minimized").wants(`document.hidden`) }
func (t *tab) restore() *tab  { return t.window("normal").wants(`!document.hidden`) }

func (t *tab) window(state chrome.WindowState) *tab {
	t.tb.Helper()
	set(t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: state == "normal"})
	window := set(t, chrome.GetWindowForTarget, chrome.GetWindowForTargetParams{})
	set(t, chrome.SetWindowBounds, chrome.SetWindowBoundsParams{WindowID: window.WindowID, Bounds: &chrome.Bounds{WindowState: state}})
	return t
}

// fasterIntervals makes the page's intervals run a hundred times faster, and remembers how long
// they are.
const fasterIntervals = `{ const real = setInterval; window.intervals = [];
  window.setInterval = (f, ms) => { intervals.push(ms); return real(f, ms / 100); }; }`

func hideAndShow(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("처음 쓴 말")
	n.post("지울 말")
	p := b.of(n.jimin)
	set(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fasterIntervals})
	p.open(n.yard).hasStreams(1).wants(`document.title === '마당 · Sarangbang'`)
	n.hasRead(t)
	p.minimize().hasStreams(0)

	n.post("숨은 동안 쓴 말")
	n.boram.Post(n.yard+"/messages/2", webtest.Form{"body": "고친 말"}).Wants(http.StatusSeeOther)
	n.boram.Post(n.yard+"/messages/3/delete", nil).Wants(http.StatusSeeOther)
	p.wants(`document.title === '(1) 마당 · Sarangbang'`).wants(`intervals.some(ms => ms <= 60_000)`)
	p.count("#messages > .message:not(.event)", 2).hasStreams(0)

	p.restore().hasStreams(1)
	p.shows("#m2 .body", "고친 말").shows("#m3", "This message was deleted.").shows("#m4 .body", "숨은 동안 쓴 말")
	p.count("#messages > .message:not(.event)", 3).wants(`document.title === '마당 · Sarangbang'`)
	n.hasRead(t)
}

func countUnread(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	other := n.jimin.Post("/rooms", webtest.Form{"title": "(12) 부엌"}).Location()
	home := b.of(n.jimin).open("/")
	kitchen := home.another().open(other)
	row := fmt.Sprintf(`#my-rooms a[href="%s"]`, n.yard)
	for _, p := range []*tab{home, kitchen} {
		p.hasStreams(1).count(row+" .count", 0)
	}
	n.post("하나")
	n.post("둘")
	for _, p := range []*tab{home, kitchen} {
		p.shows(row+" .count", "2").wants(`document.title.startsWith('(2) ')`)
	}
	yard := home.another().open(n.yard)
	yard.hears("둘")
	for _, p := range []*tab{home, kitchen} {
		p.count(row+" .count", 0).wants(`!document.title.startsWith('(2) ')`)
	}
	const title = `document.title === '(12) 부엌 · Sarangbang'`
	kitchen.wants(title)
	yard.open("/users")
	n.post("셋")
	kitchen.wants(`document.title.startsWith('(1) (12) 부엌')`)
	home.clicks(fmt.Sprintf(`#my-rooms a[href="%s"]`, other)).at(other)
	home.wants(`document.title.startsWith('(1) (12) 부엌')`)
	n.jimin.Post(n.yard+"/read", webtest.Form{"position": "5"})
	for _, p := range []*tab{home, kitchen} {
		p.wants(title)
	}
}

func openDirectRoom(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	home := b.of(n.jimin).open("/").hasStreams(1)
	yard := home.another().open(n.yard).hasStreams(1)
	boram := b.of(n.boram).open("/users/1").clicks(`form[action="/users/1/direct"] button`)
	boram.at("/rooms/.*")
	boram.says("둘이서만")
	for _, p := range []*tab{home, yard} {
		p.shows("#my-rooms li.unread", "둘이서만").wants(`document.title.startsWith('(1) ')`)
	}
	home.clicks("#my-rooms li.unread a").at("/rooms/.*")
	home.hears("둘이서만")
	home.says("그래요")
	boram.hears("그래요")
}

func signOutElsewhere(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	room := b.of(n.jimin).open(n.yard).hasStreams(1)
	home, profile := room.another().open("/").hasStreams(1), room.another().open("/profile")
	for _, p := range []*tab{room, home} {
		p.expects("status of 401")
	}
	profile.clicks(`form[action="/logout"] button`).at("/login")
	for _, p := range []*tab{room, home} {
		p.at("/login")
	}
	room.writes("#name", "jimin").writes("#password", webtest.Password).clicks("main form button.primary").at(n.yard)
}

func resumeAfterRestart(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	p := b.of(n.jimin).open(n.yard).hasStreams(1)
	p.expects(serverAway...)
	p.does(`window.notReloaded = true`)
	n.server.stop()
	store := dbtest.Open(t, db.Options{URL: n.server.settings["DATABASE_URL"]})
	boram, err := store.UserByName(t.Context(), "boram")
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Post(t, store, boram, uuidOf(t, n.yard), "서버가 없을 때 들어온 말")
	p.hasStreams(0)
	n.server.start()
	p.hears("서버가 없을 때 들어온 말")
	n.post("다시 살아난 뒤의 말")
	p.hears("다시 살아난 뒤의 말")
	p.count("#messages > .message:not(.event)", 2).wants(`window.notReloaded`)
}

func uuidOf(tb testing.TB, room string) uuid.UUID {
	tb.Helper()
	id, err := uuid.Parse(strings.TrimPrefix(room, "/rooms/"))
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

func moveReadMark(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	converse(n.boram, n.yard, 60)
	if got := n.unread(); got != 60 {
		t.Fatalf("unread %d, want 60", got)
	}
	p := b.of(n.jimin).open(n.yard).toTheEnd("#m60")
	n.hasRead(t)
	p.does(`log.scrollTop = -300`)
	p.wants(`!document.querySelector('#newest').hidden`)
	top := look[float64](p, `document.querySelector('#m50').getBoundingClientRect().top`)
	n.post("위를 보는 동안")
	p.hears("위를 보는 동안")
	p.wants(`document.title.startsWith('(1) ')`)
	if now := look[float64](p, `document.querySelector('#m50').getBoundingClientRect().top`); math.Abs(now-top) > 1 {
		t.Errorf("the view moved by %.1f pixels when something was said below it", now-top)
	}
	p.does(`new Promise(done => setTimeout(done, 800))`) // longer than the page waits before it tells what was read
	if got := n.unread(); got != 1 {
		t.Errorf("unread %d while the reader is further up, want 1", got)
	}
	p.clicks("#newest").wants(`log.scrollTop === 0`)
	n.hasRead(t)
	p.wants(`!document.title.startsWith('(')`).count("#newest:not([hidden])", 0)
}

func drawUnreadLine(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("이미 읽은 말")
	p := b.of(n.jimin).open(n.yard)
	n.hasRead(t)
	p.open("/users")
	n.post("없는 동안 쓴 말")
	n.post("또 쓴 말")
	p.open(n.yard).count(".unread-line", 1).wants(`document.querySelector('.unread-line + .message').innerText.includes("없는 동안 쓴 말")`)
	n.hasRead(t)
	p.reload().count(".unread-line", 0)
}
