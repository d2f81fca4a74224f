package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	// patience bounds every wait for a page; far more than any machine needs.
	patience = 15 * time.Second
	// glance is how often a page is looked at while waiting.
	glance = 20 * time.Millisecond
)

// tab is one page in somebody's browser. It collects what goes wrong in the page, and fails the
// test with it at the end.
type tab struct {
	tb   testing.TB
	ctx  context.Context
	base string
	// loaded is a condition that holds once a page is there.
	loaded string

	mu       sync.Mutex
	trouble  []string
	expected []*regexp.Regexp // trouble that belongs to the story

	held    chan *fetch.EventRequestPaused // posts that holdPosts keeps back
	streams map[network.RequestID]bool     // live streams that are open
	traffic traffic
}

func openTab(tb testing.TB, parent context.Context, base string, options ...chromedp.ContextOption) *tab {
	tb.Helper()
	t := &tab{tb: tb, base: base, loaded: `document.readyState === 'complete'`, held: make(chan *fetch.EventRequestPaused, 100), streams: map[network.RequestID]bool{}}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(t.listen))...)
	t.ctx = ctx
	tb.Cleanup(func() {
		tb.Helper()
		cancel()
		t.isCalm()
	})
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("open a tab: %v", err)
	}
	// The page believes that it has the focus, whatever other tabs do.
	set(t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return t
}

// withoutScripts switches JavaScript off. A page with a live log in it never ends loading.
func (t *tab) withoutScripts() *tab {
	t.tb.Helper()
	set(t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	t.loaded = `document.readyState !== 'loading'`
	return t
}

// another is a second tab of the same browser profile.
func (t *tab) another() *tab {
	t.tb.Helper()
	return openTab(t.tb, t.ctx, t.base)
}

// open goes to a page and waits until it and its scripts are there.
func (t *tab) open(path string) *tab {
	t.tb.Helper()
	went := set(t, page.Navigate, page.NavigateParams{URL: t.base + path})
	if went.ErrorText != "" {
		t.tb.Fatalf("open %s: %s", path, went.ErrorText)
	}
	return t.wants(t.loaded)
}

// reload fetches the page again.
func (t *tab) reload() *tab {
	t.tb.Helper()
	t.does(`window.beforeReload = true`)
	set(t, page.Reload, page.ReloadParams{})
	return t.wants(`!window.beforeReload && ` + t.loaded)
}

// at waits until the page's path matches a pattern, and returns the path.
func (t *tab) at(pattern string) string {
	t.tb.Helper()
	t.wants(fmt.Sprintf(`%s && new RegExp(%s).test(location.pathname)`, t.loaded, js("^"+pattern+"$")))
	return look[string](t, `location.pathname`)
}

// wants waits until a JavaScript condition is true in the page; the test fails when it never is.
func (t *tab) wants(condition string) *tab {
	t.tb.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if ok, err := evaluate[bool](t, "!!("+condition+")"); err == nil && ok {
			return t
		}
		<-time.After(glance)
	}
	text, _ := evaluate[string](t, `location.href + "\n" + document.title + "\n" + document.body.innerText.replace(/\s+/g, ' ').slice(-1500)`)
	t.tb.Fatalf("waited in vain for %s\n%s\n%s", condition, text, strings.Join(t.troubles(), "\n"))
	return t
}

// shows waits until the first element a selector finds has a text in it.
func (t *tab) shows(selector, text string) *tab {
	t.tb.Helper()
	return t.wants(fmt.Sprintf(`document.querySelector(%s)?.innerText.includes(%s)`, js(selector), js(text)))
}

// lacks waits until a selector finds nothing with a text in it.
func (t *tab) lacks(selector, text string) *tab {
	t.tb.Helper()
	return t.wants(fmt.Sprintf(`![...document.querySelectorAll(%s)].some(e => e.innerText.includes(%s))`, js(selector), js(text)))
}

// count waits until a selector finds exactly so many elements.
func (t *tab) count(selector string, n int) *tab {
	t.tb.Helper()
	return t.wants(fmt.Sprintf(`document.querySelectorAll(%s).length === %d`, js(selector), n))
}

// does runs a script in the page.
func (t *tab) does(script string) {
	t.tb.Helper()
	if _, err := evaluate[json.RawMessage](t, script); err != nil {
		t.tb.Fatalf("%s: %v", script, err)
	}
}

// look is the value of an expression in the page.
func look[T any](t *tab, expression string) T {
	t.tb.Helper()
	value, err := evaluate[T](t, expression)
	if err != nil {
		t.tb.Fatalf("%s: %v", expression, err)
	}
	return value
}

func evaluate[T any](t *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// js is a text as a JavaScript literal.
func js(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a literal
	}
	return string(literal)
}

// zone lets the browser be somewhere on the earth.
func (t *tab) zone(name string) *tab {
	t.tb.Helper()
	set(t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name})
	return t
}
