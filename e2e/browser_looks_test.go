package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/page"
)

// seenBesides are elements of a page that are seen and stand outside of what a selector finds.
const seenBesides = `(inside => [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility({ visibilityProperty: true }) &&
	e.getBoundingClientRect().width > 1 && !e.closest(inside) && !e.querySelector(inside)).map(e => e.tagName + '#' + e.id + '.' + e.className))`

// overlapping are the visible parts of a room's header that lie over each other or off the screen.
const overlapping = `(parts => parts.filter((a, i) => a.left < 0 || a.right > innerWidth || a.width < 30 ||
	parts.slice(i + 1).some(b => a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 1 && b.bottom > a.top + 1)).length)(
	[...document.querySelectorAll('#room-header > *')].filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1).map(e => e.getBoundingClientRect()))`

// printARoom looks at pages as they come out of a printer, for somebody who reads in dark colours.
func printARoom(t *testing.T, b *browser) {
	f := b.fixture()
	alice := b.of(f.alice).appear(appearance{width: 794, height: 1123, scheme: "dark", language: "en", media: "print"})
	alice.open(f.yard)
	if found := look[[]string](alice, seenBesides+`('#room-header > h1, #log')`); len(found) != 0 {
		t.Errorf("printed beside the conversation: %q", found)
	}
	if found := look[[]string](alice, `[...document.querySelectorAll('#log button:not(.reaction > *), #log form:not(.reactions), .older, .newer, .unread-line')].filter(e => e.checkVisibility()).map(e => e.className)`); len(found) != 0 {
		t.Errorf("printed between messages: %q", found)
	}
	for what, condition := range map[string]string{
		"the paper is white":           `getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'`,
		"the letters are black":        `[...document.querySelectorAll('.message:not(.event, .deleted) > .body')].every(e => getComputedStyle(e).color === 'rgb(0, 0, 0)')`,
		"nothing is behind messages":   `[...document.querySelectorAll('.message > .body')].every(e => getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)')`,
		"no edges":                     `[...document.querySelectorAll('.message')].every(e => getComputedStyle(e, '::before').display === 'none')`,
		"all of the log is there":      `document.querySelector('#log').scrollHeight <= document.querySelector('#log').clientHeight + 1 && scrollY === 0`,
		"long lines of code are there": `document.querySelector('#log pre') && [...document.querySelectorAll('#log pre')].every(e => e.scrollWidth <= e.clientWidth)`,
	} {
		if !look[bool](alice, condition) {
			t.Errorf("not so: %s", what)
		}
	}
	alice.open(f.yard + "/members")
	if width := look[float64](alice, `document.querySelector('main').offsetWidth`); width < 600 {
		t.Errorf("another page is printed %v pixels wide", width)
	}
}

// seeByOtherMeans looks at a room with the system's own colours, with letters of double size, and
// on a telephone on its side.
func seeByOtherMeans(t *testing.T, b *browser) {
	f := b.fixture()
	alice := b.of(f.alice).appear(appearance{width: 1280, height: 800, scheme: "dark", language: "en", forced: true}).open(f.yard)
	if got := look[string](alice, `getComputedStyle(document.querySelector('#my-rooms [aria-current]')).outlineStyle`); got != "solid" {
		t.Errorf("the current room's outline is %q in forced colours", got)
	}
	alice.appear(appearance{width: 844, height: 390, mobile: true, scheme: "light", language: "en"}).open(f.yard + "/members")
	alice.wants(`scrollY === 0 && (([list, room]) => room.bottom <= list.bottom && room.top >= list.top)(['#my-rooms', '#my-rooms [aria-current]'].map(
		selector => document.querySelector(selector).getBoundingClientRect()))`)
	large := page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: 32, Fixed: 26}}
	for _, screen := range []appearance{
		{width: 1280, height: 800, scheme: "light", language: "en"}, {width: 390, height: 844, mobile: true, scheme: "light", language: "en"},
	} {
		set(alice.appear(screen), page.SetFontSizes, large)
		for _, path := range []string{f.yard, f.direct, "/", f.yard + "/settings"} {
			alice.open(path).fitsTheScreen("letters of double size, " + screen.String() + " " + path)
			if n := look[int](alice, overlapping); n != 0 {
				t.Errorf("%s, %s: %d parts of the header over others or off the screen", screen, path, n)
			}
		}
	}
}
