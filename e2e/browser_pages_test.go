package e2e

import (
	_ "embed"
	"testing"

	"sarangbang/handlers/webtest"
)

// axe finds what keeps people with disabilities out of a page.
//
//go:embed testdata/axe-4.14.1.min.js
var axe string

// inspect looks at every page of the fixture in one appearance. The four that are told cover every
// pair of screen, colours and language.
func inspect(a appearance) func(t *testing.T, b *browser) {
	return func(t *testing.T, b *browser) {
		if testing.Short() && a.language == "en" {
			t.Skip("with -short two of the four have to do, which differ in colours and width")
		}
		f := b.fixture()
		viewer := map[string]*webtest.Person{"ko": f.jimin, "en": f.alice}[a.language]
		member, guest := b.in(t, viewer).appear(a), b.visitor(t, f.server.url).appear(a)
		member.expects(`status of 404 .*/nowhere$`)
		guest.expects(`status of 404 .*/join/nonsense$`, `status of 401 .*/login$`)
		for _, p := range f.memberPages() {
			member.opens(p).isAccessible(p.name)
		}
		for _, p := range f.guestPages() {
			guest.opens(p).isAccessible(p.name)
		}
		guest.open("/login").writes("#name", "jimin").writes("#password", "wrong").clicks("main form button.primary")
		guest.count(".error:not(:empty), .summary", 1).isAccessible("wrong password")
		member.useRoom(f.yard, "말, "+a.String())
	}
}

// useRoom looks at the room's page in the states it has while somebody uses it.
func (t *tab) useRoom(room, words string) {
	t.tb.Helper()
	t.open(room).says(words)
	mine := t.hears(words)
	t.clicks(mine+" .more").count(mine+" .actions .danger", 1).isAccessible("room, actions of a message")
	t.clicks(mine+" .actions a.button").count("form.edit", 1).isAccessible("room, editing a message")
	t.clicks("details.curl summary").isAccessible("room, other ways to read")
}

// isAccessible fails the test with what axe-core finds, and with what does not fit onto the screen.
func (t *tab) isAccessible(name string) {
	t.tb.Helper()
	for _, fault := range t.barriers() {
		t.tb.Errorf("%s: %s", name, fault)
	}
	t.fitsTheScreen(name)
}

// barriers are what axe-core finds.
func (t *tab) barriers() []string {
	t.tb.Helper()
	if look[string](t, `typeof axe`) == "undefined" {
		t.does(axe)
	}
	return look[[]string](t, `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(
		v => v.nodes.map(n => v.id + ' (' + v.impact + '): ' + v.help + '\n  ' + n.html.slice(0, 200) + '\n  ' + n.failureSummary)))`)
}

// tooWide is what makes the page, or a part of it that scrolls, wider than what it is in.
const tooWide = `[document.scrollingElement, ...document.querySelectorAll('main, .side, #my-rooms, #log, .below')]
	.filter(box => box.scrollWidth > box.clientWidth + 1)
	.flatMap(box => [...box.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > box.getBoundingClientRect().left + box.clientWidth + 1)
		.map(e => e.tagName + '.' + e.className + ' reaches ' + Math.round(e.getBoundingClientRect().right) + ' in ' + box.tagName).slice(0, 3))`

func (t *tab) fitsTheScreen(name string) {
	t.tb.Helper()
	for _, fault := range look[[]string](t, tooWide) {
		t.tb.Errorf("%s: too wide: %s", name, fault)
	}
}

// plantFaults makes sure that inspections can find something.
func plantFaults(t *testing.T, b *browser) {
	phone := appearance{width: 320, height: 640, mobile: true, scheme: "light", language: "en"}
	p := b.visitor(t, startServer(t).url).appear(phone).open("/signup")
	if found := append(p.barriers(), look[[]string](p, tooWide)...); len(found) != 0 {
		t.Errorf("found %q before anything was planted", found)
	}
	p.does(`const picture = new Image();
		picture.src = document.querySelector('.house img').src;
		picture.style.maxWidth = 'none';
		picture.style.width = '330px';
		document.querySelector('main').append(picture)`)
	if len(p.barriers()) == 0 {
		t.Error("a picture without a text is not found")
	}
	if len(look[[]string](p, tooWide)) == 0 {
		t.Error("a picture that is too wide is not found")
	}
	p.does(`document.body.append(Object.assign(document.createElement('script'), { text: 'alert(1)' }))`)
	p.does(`setTimeout(() => { throw new Error('planted'); })`)
	p.expects("Content Security Policy", "exception: .* planted")
	eventually(t, "trouble in the page is noted", func() bool { return len(p.troubles()) == 2 })
}
