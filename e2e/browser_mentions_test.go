package e2e

import (
	"testing"

	"sarangbang/handlers/webtest"
)

// mentionWhileTyping calls members by a part of their names, with the keyboard, a pointer and an
// input method.
func mentionWhileTyping(t *testing.T, b *browser) {
	const field, list = "#composer textarea", "#mentions:not([hidden])"
	n := newNeighbours(t, b)
	n.boram.Post("/profile", webtest.Form{"display_name": "김보람"})
	n.jimin.Post("/profile", webtest.Form{"display_name": "지민 박"})
	p := b.of(n.jimin).open(n.yard).hasStreams(1)
	has := func(text string) { t.Helper(); p.wants(composerField + ` === ` + js(text)) }

	p.writes(field, "저기 @").count(list+" > li", 2).count(list+" [aria-selected=true]", 0)
	p.types("ㄱㅂ").shows(list, "김보람").count(list+" > li", 1).press("Enter", 0)
	has("저기 @김보람 ")
	p.types("와 @jim").shows(list+" [aria-selected=true]", "지민 박").press("Tab", 0)
	has("저기 @김보람 와 @jimin ") // a display name with a blank cannot stand after @
	p.count(list, 0).press("Enter", 0)
	p.hears("저기 @김보람 와 @jimin")

	// What is no choice is sent, or closed.
	p.writes(field, "mail@bo").settles()
	p.count(list, 0).writes(field, "@").count(list, 1).press("Escape", 0).count(list, 0)
	has("@")
	p.writes(field, "@김보람").settles()
	p.press("Enter", 0)
	p.hears("@김보람")
	p.writes(field, "@").count(list+" > li", 2).press("ArrowUp", 0).shows(list+" > li:last-child[aria-selected=true]", "").press("ArrowDown", 0)
	p.shows(list+" > li:first-child[aria-selected=true]", "김보람").clicks(list + " > li:last-child")
	has("@jimin ")
	p.wants(`document.activeElement.matches('` + field + `')`)

	// While a syllable is being composed.
	for name, keys := range map[string]func(){
		"Windows and Linux": func() { p.pressOfIME("Process", "Enter", 0); p.types("보") },
		"Chrome on macOS":   func() { p.pressOfIME("Enter", "Enter", 0); p.types("보").press("Enter", 0) },
		"Safari":            func() { p.types("보"); p.settles(); p.pressOfIME("Enter", "Enter", 0) },
		"a plain Enter":     func() { p.press("Enter", 0) },
	} {
		p.writes(field, "").settles()
		p.writes(field, "@").count(list, 1).composes("ㅂ", "보")
		p.shows(list+" [aria-selected=true]", "김보람")
		keys()
		p.settles()
		if got := look[string](p, composerField); got != "@김보람 " {
			t.Errorf("%s: the field has %q", name, got)
		}
		p.does(`document.dispatchEvent(new KeyboardEvent('keyup', { key: 'Enter', code: 'Enter' }))`)
	}
}
