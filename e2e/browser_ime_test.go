package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// pressOfIME is a key that an input method takes for itself: browsers tell pages code 229.
func (t *tab) pressOfIME(key, code string, modifiers int64) {
	t.tb.Helper()
	set(t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: key, Code: code, WindowsVirtualKeyCode: 229, Modifiers: modifiers,
	})
}

// composes types through an input method: each text is what the unfinished composition shows.
func (t *tab) composes(steps ...string) {
	t.tb.Helper()
	for _, text := range steps {
		end := int64(len([]rune(text)))
		set(t, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: end, SelectionEnd: end})
	}
}

// settles lets the page do what it does a moment after a key.
func (t *tab) settles() {
	t.tb.Helper()
	t.does(`new Promise(done => setTimeout(done, 60))`)
}

// compositions are what browsers and input methods do when somebody composes a text and presses
// Enter. A text is committed by types: it replaces what is being composed.
var compositions = []struct {
	name string
	keys func(t *tab)
	sent []string
	left string // in the field
}{
	{"Hangul on Windows and Linux", func(t *tab) {
		t.types("안녕하세").composes("ㅇ", "요")
		t.pressOfIME("Process", "Enter", 0)
		t.types("요")
	}, []string{"안녕하세요"}, ""},
	{"Hangul in Chrome on macOS: a second key after the composition", func(t *tab) {
		t.types("반가워").composes("ㅇ", "요")
		t.pressOfIME("Enter", "Enter", 0)
		t.types("요").press("Enter", 0)
	}, []string{"반가워요"}, ""},
	{"Hangul in Safari: the composition ends before the key", func(t *tab) {
		t.composes("ㅎ", "하", "한")
		t.types("한")
		t.pressOfIME("Enter", "Enter", 0)
	}, []string{"한"}, ""},
	{"Hangul without events of a composition, as on iOS", func(t *tab) {
		t.types("한글").pressOfIME("Enter", "Enter", 0)
	}, []string{"한글"}, ""},
	{"Hangul with a plain Enter within the composition", func(t *tab) {
		t.composes("ㅂ", "바", "방")
		t.press("Enter", 0)
	}, []string{"방"}, ""},
	{"Hangul with Shift+Enter", func(t *tab) {
		t.composes("ㅈ", "주", "줄")
		t.pressOfIME("Process", "Enter", shift)
		t.types("줄")
	}, nil, "줄"},
	{"Hangul sent with the button", func(t *tab) {
		t.composes("ㅎ", "한")
		t.clicks("#composer button.primary")
	}, []string{"한"}, ""},
	{"two Hangul messages in a row", func(t *tab) {
		for _, text := range []string{"가", "나"} {
			t.composes(text)
			t.pressOfIME("Process", "Enter", 0)
			t.types(text).pressOfIME("Process", "KeyS", 0)
			t.settles()
		}
	}, []string{"가", "나"}, ""},
	{"Japanese: Enter chooses the candidate, a second one sends", func(t *tab) {
		t.composes("n", "に", "にほん", "日本")
		t.pressOfIME("Process", "Enter", 0)
		t.types("日本").settles()
		t.isUnsent("日本")
		t.press("Enter", 0)
	}, []string{"日本"}, ""},
	{"Japanese kana alone", func(t *tab) {
		t.composes("あ", "ありがとう")
		t.pressOfIME("Process", "Enter", 0)
		t.types("ありがとう")
	}, nil, "ありがとう"},
	{"Japanese in Safari", func(t *tab) {
		t.composes("日本")
		t.types("日本").pressOfIME("Enter", "Enter", 0)
	}, nil, "日本"},
	{"Chinese: Enter takes the letters", func(t *tab) {
		t.composes("ni'hao")
		t.pressOfIME("Process", "Enter", 0)
		t.types("nihao")
	}, nil, "nihao"},
	{"Chinese: the candidate by number, then Enter", func(t *tab) {
		t.composes("ni'hao")
		t.types("你好").press("Enter", 0)
	}, []string{"你好"}, ""},
}

// isUnsent fails the test unless a text is still in the field.
func (t *tab) isUnsent(text string) {
	t.tb.Helper()
	if got := look[string](t, composerField); got != text {
		t.tb.Errorf("the field holds %q, want %q", got, text)
	}
}

// compose plays every composition on one page. After each a message of its own shows what was sent
// before it.
func compose(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	var all []string
	for i, c := range compositions {
		r.clicks("#composer textarea").wants(composerField + ` === ''`)
		c.keys(r.tab)
		r.settles()
		if got := look[string](r.tab, composerField); got != c.left {
			t.Errorf("%s: the field holds %q, want %q", c.name, got, c.left)
		}
		end := fmt.Sprintf("끝 %d.", i)
		r.writes("#composer textarea", end).clicks("#composer button.primary")
		r.hears(end)
		all = append(append(all, c.sent...), end)
	}
	r.holds(all...)
}
