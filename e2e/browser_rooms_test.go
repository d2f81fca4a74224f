package e2e

import (
	"fmt"
	"os"
	"testing"

	"sarangbang/handlers/webtest"
)

// control is the bit of the Control key in the protocol's modifiers.
const control = 2

func TestBrowser_FindsARoomAmongAThousand(t *testing.T) {
	b := startBrowser(t)
	c := newCrowd(t, b, 1000)
	webtest.SignUp(t, c.server.url, "minsu", invitation(c.jimin))
	kitchen := c.jimin.Post("/rooms", webtest.Form{"title": "부엌 살림"}).Location()
	visible := `document.querySelectorAll('#my-rooms li:not([hidden])').length`
	p := b.of(c.jimin).open("/")

	p.findsNames()
	p.writes("#rooms-q", "ㅂㅇ ㅅ").wants(visible+` === 1`).press("Escape", 0).wants(visible + ` > 1000`)
	p.writes("#rooms-q", "부엌 ㅅ").wants(visible+` === 1`).press("Enter", 0).at(kitchen)
	p.wants(visible + ` > 1000`)

	p.press("k", control).wants(`document.querySelector('#jump').open && document.activeElement.id === 'jump-q'`)
	p.types("방 77").wants(`document.querySelectorAll('#jump-list [role=option]').length === 8`)
	p.press("ArrowDown", 0).wants(`document.querySelector('#jump-list').children[1].ariaSelected === 'true'`)
	p.press("Escape", 0).wants(`!document.querySelector('#jump').open`)
	p.clicks("#jump-open").types("@boram").wants(`document.querySelector('#jump-list [data-person]')`)
	p.press("Enter", 0).at("/rooms/.*")
	p.shows("#room-header h1", "boram")

	p.clicks("#room-header .favourite button").shows("#rooms-favourite .title", "boram")
	plain := b.of(c.jimin).withoutScripts().open("/rooms?q=%E3%85%82%E3%85%87")
	plain.shows("main .rows .title", "부엌 살림").clicks(fmt.Sprintf(`main a[href="%s"]`, kitchen)).at(kitchen)
	plain.open("/conversations/new").clicks("#user label:nth-of-type(1) input").clicks("#user label:nth-of-type(3) input")
	plain.clicks("button[formaction]").at("/rooms/.*")
	plain.shows("#room-header h1", ", ")
	p.isCalm()
}

// findsNames has the scripts of the page go through the table of what queries find, which tests
// package db as well.
func (t *tab) findsNames() {
	t.tb.Helper()
	table, err := os.ReadFile("../db/testdata/name_query.json")
	if err != nil {
		t.tb.Fatal(err)
	}
	t.does(`import(document.querySelector('link[href*="hangul"]').href).then(({ finder }) => {
		window.wrong = ` + string(table) + `.flatMap(({ name, found, not }) =>
			[...found.filter(q => !finder(q)(name)), ...not.filter(q => finder(q)(name))].map(q => name + ' by ' + q)).join()
	}), 0`)
	t.wants(`window.wrong !== undefined`)
	if wrong := look[string](t, `window.wrong`); wrong != "" {
		t.tb.Errorf("scripts are wrong about %s", wrong)
	}
}
