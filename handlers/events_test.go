package handlers

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sarangbang/live"
)

// names of events of the page itself that the scripts listen to, beside those of htmx.
var pageEvents = []string{"beforeinput", "click", "compositionend", "compositionstart", "compositionupdate", "input", "keydown", "visibilitychange"}

// A name misspelt in a script or template would be an event that nobody ever hears.
func TestPagesListenToEventsThatStreamsSend(t *testing.T) {
	sent := []string{live.EventMessage, live.EventRoom, live.EventReady, live.EventReset, live.EventUnread, live.EventOnline, live.EventTyping, live.EventClose}
	used := 0
	for file, pattern := range map[string]string{
		"../static/app.js":      `\bon\('([^']+)'`,
		"../static/composer.js": `\bon\('([^']+)'`,
		"../views/layout.html":  `hx-sse:close="([^"]+)"`,
	} {
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
	if used == 0 {
		t.Error("no event of a stream found: this test sees nothing")
	}
}
