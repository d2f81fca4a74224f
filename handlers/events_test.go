package handlers

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sarangbang/live"
)

// pageEvents are the events of browsers that the scripts listen to, beside those of htmx.
var pageEvents = []string{"DOMContentLoaded", "beforeinput", "change", "click", "compositionend", "compositionstart", "compositionupdate", "input", "keydown", "submit", "visibilitychange",
	"contextmenu", "dragover", "drop", "focusin", "focusout", "mousedown", "paste", "pointercancel", "pointerdown", "pointermove", "pointerover", "pointerup"}

// A name misspelt in a script or template would be an event that never arrives.
func TestPages_ListenOnlyToEventsThatStreamsSend(t *testing.T) {
	sent := []string{live.EventMessage, live.EventRoom, live.EventReady, live.EventReset, live.EventUnread, live.EventOnline, live.EventTyping, live.EventPing, live.EventClose}
	patterns := map[string]string{"../views/_main.html": `hx-sse:close="([^"]+)"`}
	scripts, err := filepath.Glob("../static/js/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		patterns[script] = `\bon\('([^']+)'`
	}
	used := 0
	for file, pattern := range patterns {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			name := found[1]
			if strings.HasPrefix(name, "htmx:") || slices.Contains(pageEvents, name) {
				continue
			}
			used++
			if !slices.Contains(sent, name) {
				t.Errorf("%s listens to %q, which no stream sends", file, name)
			}
		}
	}
	if used < 2 {
		t.Error("no event of a stream found: this test sees nothing")
	}
}
