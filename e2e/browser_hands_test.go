package e2e

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// middle finds the middle of an element that can be seen and reached by the mouse.
const middle = `(() => {
  const e = document.querySelector(%s);
  e?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const box = e?.getClientRects()[0];
  if (!box) return [];
  const x = box.left + box.width / 2, y = box.top + box.height / 2, hit = document.elementFromPoint(x, y);
  return hit && (e.contains(hit) || hit.closest('label')?.control === e) ? [x, y] : [];
})()`

// clicks presses the mouse on an element, as soon as it is there and nothing covers it.
func (t *tab) clicks(selector string) *tab {
	t.tb.Helper()
	expression := fmt.Sprintf(middle, js(selector))
	t.wants(expression + ".length")
	at := look[[]float64](t, expression)
	if len(at) < 2 {
		t.tb.Fatalf("%s has moved away", selector)
	}
	return t.mouse(at, "mouseMoved", "mousePressed", "mouseReleased")
}

// points moves the mouse over an element.
func (t *tab) points(selector string) *tab {
	t.tb.Helper()
	expression := fmt.Sprintf(middle, js(selector))
	t.wants(expression + ".length")
	return t.mouse(look[[]float64](t, expression), "mouseMoved")
}

// acts chooses something from the menu of a message.
func (t *tab) acts(message, what string) *tab {
	t.tb.Helper()
	t.points(message+" .body").count(message+" > .tools:not([hidden])", 1)
	return t.clicks(message + " > .tools > [data-do=menu]").clicks("#message-menu [data-do=" + what + "]")
}

// mouse sends events of the mouse at a place.
func (t *tab) mouse(at []float64, kinds ...input.DispatchMouseEventType) *tab {
	t.tb.Helper()
	for _, kind := range kinds {
		set(t, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: at[0], Y: at[1], Button: "left", ClickCount: 1,
		})
	}
	return t
}

// writes puts the focus on a field, as a click does, and replaces what is in it.
func (t *tab) writes(selector, text string) *tab {
	t.tb.Helper()
	t.clicks(selector)
	t.does(fmt.Sprintf(`document.querySelector(%s).select()`, js(selector)))
	return t.types(text)
}

// types inserts a text where the focus is.
func (t *tab) types(text string) *tab {
	t.tb.Helper()
	set(t, input.InsertText, input.InsertTextParams{Text: text})
	return t
}

// shift is the bit of the Shift key in the protocol's modifiers.
const shift = 8

// press strikes a key.
func (t *tab) press(key string, modifiers int64) *tab {
	t.tb.Helper()
	code := map[string]int64{"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Tab": 9, "Home": 36, "End": 35}[key]
	down := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: key, Code: key, WindowsVirtualKeyCode: code, Modifiers: modifiers,
	}
	if key == "Enter" {
		down.Type, down.Text = input.DispatchKeyEventTypeKeyDown, "\r"
	}
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	set(t, input.DispatchKeyEvent, down)
	set(t, input.DispatchKeyEvent, up)
	return t
}

// chooses puts a file into a field for files.
func (t *tab) chooses(selector, file string) *tab {
	t.tb.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path})); err != nil {
		t.tb.Fatal(err)
	}
	return t
}
