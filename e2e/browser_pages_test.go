package e2e

import (
	_ "embed"
	"fmt"
	"slices"
	"testing"

	"sarangbang/handlers/webtest"
)

// axe finds what keeps people with disabilities out of a page.
//
//go:embed testdata/axe-4.14.1.min.js
var axe string

// inspect looks at every page of the fixture in one appearance. Two are told, which have nothing in
// common: so every page is inspected on each screen, in each scheme of colours and in each
// language. Of the pairs that they leave out, those that matter are looked at in the same visits:
// whether each page also fits the other screen in this language, and how pages that are laid out
// differently on each screen look in the other colours there. The remaining pages have the same
// elements, so the same pairs of colours, on both screens.
func inspect(a appearance) func(t *testing.T, b *browser) {
	return func(t *testing.T, b *browser) {
		f := b.fixture()
		viewer := map[string]*webtest.Person{"ko": f.jimin, "en": f.alice}[a.language]
		member := &inspector{b.in(t, viewer).appear(a), a}
		guest := &inspector{b.visitor(t, f.server.url).appear(a), a}
		member.expects(`status of 404 .*/nowhere$`)
		guest.expects(`status of 404 .*/(join|recover)/nonsense$`, `status of 401 .*/login$`)
		for _, p := range f.memberPages() {
			member.opens(p)
			member.inspects(p.name)
		}
		for _, p := range f.guestPages() {
			guest.opens(p)
			guest.inspects(p.name)
		}
		guest.open("/login").writes("#name", "jimin").writes("#password", "wrong").clicks("main form button.primary")
		guest.count(".error:not(:empty), .summary", 1)
		guest.inspects("wrong password")
		member.useRoom(f.yard, "말, "+a.String())
	}
}

// inspector is a tab that looks at pages in an appearance, and where it matters in others.
type inspector struct {
	*tab
	appearance
}

// laidOutDifferently are names of pages of which more than widths differs between the screens.
var laidOutDifferently = []string{"home", "room", "profile", "login", "room, editing a message"}

// inspects fails the test with what keeps people out of the page that is open.
func (i *inspector) inspects(name string) {
	i.tb.Helper()
	i.isAccessible(name)
	other := i.onOtherScreen()
	i.turns(other).fitsTheScreen(name + ", " + other.String())
	if slices.Contains(laidOutDifferently, name) {
		other = i.inOtherColours()
		i.turns(other).isAccessible(name + ", " + other.String())
	}
	i.turns(i.appearance)
}

// turns gives the page that is open another appearance, and returns when it has that: colours do
// not change at once.
func (i *inspector) turns(a appearance) *tab {
	i.tb.Helper()
	i.appear(a).wants(fmt.Sprintf(`matchMedia('(width: %dpx) and (prefers-color-scheme: %s)').matches`, a.width, a.scheme))
	i.does(`document.getAnimations().filter(a => a instanceof CSSTransition).forEach(a => a.finish())`)
	return i.tab
}

// useRoom looks at the room's page in the states it has while somebody uses it.
func (i *inspector) useRoom(room, words string) {
	i.tb.Helper()
	i.open(room).says(words)
	mine := i.hears(words)
	i.points(mine + " .body").clicks(mine + " > .tools > [data-do=menu]").wants(`document.querySelector('#message-menu').checkVisibility()`)
	i.inspects("room, menu of a message")
	i.clicks("#message-menu [data-do=delete]").count("dialog[open]", 1)
	i.inspects("room, deleting a message")
	i.press("Escape", 0).acts(mine, "edit").count("form.edit", 1)
	i.inspects("room, editing a message")
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
