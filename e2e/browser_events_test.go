package e2e

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// listen runs for each event of the page. It must not block.
func (t *tab) listen(event any) {
	t.traffic.note(event)
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		t.note("exception: " + describe(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			words := make([]string, len(e.Args))
			for i, arg := range e.Args {
				words[i] = string(arg.Value) + arg.Description
			}
			t.note(fmt.Sprintf("console.%s: %s", e.Type, strings.Join(words, " ")))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			t.note(fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *page.EventJavascriptDialogOpening:
		t.answer(e)
	case *fetch.EventRequestPaused:
		t.held <- e
	case *network.EventRequestWillBeSent:
		if address, _, _ := strings.Cut(e.Request.URL, "?"); strings.HasSuffix(address, "/stream") {
			t.streaming(e.RequestID, true)
			if _, ok := e.Request.Headers["Listed-Digest"]; !ok && e.Request.Headers["HX-Request"] != nil {
				t.note("a stream that does not say what the list shows: " + e.Request.URL)
			}
		}
	case *network.EventLoadingFinished:
		t.streaming(e.RequestID, false)
	case *network.EventLoadingFailed:
		t.streaming(e.RequestID, false)
	}
}

// streaming notes that a request for a live stream has begun, or that a request has ended.
func (t *tab) streaming(id network.RequestID, is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if is {
		t.streams[id] = true
	} else {
		delete(t.streams, id)
	}
}

// hasStreams waits until the page has so many live streams open.
func (t *tab) hasStreams(n int) *tab {
	t.tb.Helper()
	eventually(t.tb, fmt.Sprintf("the page has %d streams open", n), func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return len(t.streams) == n
	})
	return t
}

// eventually waits until something is true; the test fails when it never is.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(glance) {
		if is() {
			return
		}
	}
	tb.Fatalf("waited in vain until %s", what)
}

func describe(e *runtime.ExceptionDetails) string {
	text := fmt.Sprintf("%s %s:%d:%d", e.Text, e.URL, e.LineNumber, e.ColumnNumber)
	if e.Exception != nil {
		text += " " + e.Exception.Description
	}
	return text
}

// answer says no to a dialog of the browser, which no story expects: pages have dialogs of their
// own.
func (t *tab) answer(e *page.EventJavascriptDialogOpening) {
	t.note(fmt.Sprintf("dialog %s: %s", e.Type, e.Message))
	go chromedp.Do(t.ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false})
		return chromedp.Void{}, err
	})
}

func (t *tab) note(trouble string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trouble = append(t.trouble, trouble)
}

// troubles is what has gone wrong in the page so far.
func (t *tab) troubles() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.trouble)
}

// expects names trouble that belongs to the story, like the browser's note of an answer with status
// 422.
func (t *tab) expects(patterns ...string) *tab {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range patterns {
		t.expected = append(t.expected, regexp.MustCompile(p))
	}
	return t
}

// isCalm fails the test with everything that went wrong in the page: exceptions, console errors,
// violations of the content security policy, missing files, dialogs nobody expects.
func (t *tab) isCalm() {
	t.tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
next:
	for _, trouble := range t.trouble {
		for _, p := range t.expected {
			if p.MatchString(trouble) {
				continue next
			}
		}
		t.tb.Errorf("in the page: %s", trouble)
	}
	t.trouble = nil
}
