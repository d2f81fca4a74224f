package views

import (
	"bytes"
	"strings"
	"testing"

	"sarangbang/db"
)

func roomPageWith(gaps Gaps) RoomPage {
	page := RoomPage{Page: samplePage("ko"), Header: sampleHeader(), Live: "/live"}
	page.Nonce, page.Composer.Key, page.Log.HTML = gaps.Nonce, gaps.Key, gaps.Log.HTML()
	return page
}

// conversation is a page of n messages.
func conversation(n int) *db.MessagePage {
	var messages []*db.Message
	for i := range n {
		m := said("안녕 **하세요**")
		m.Position = int64(i + 1)
		messages = append(messages, m)
	}
	return stretchOf(messages...)
}

func TestAKeptPageDiffersInItsGapsAlone(t *testing.T) {
	r, l := newRenderer(t), Locale{"ko", seoul}
	made := 0
	for i, gaps := range []Gaps{
		{Nonce: "nonce-1", Key: "key-1", Log: r.Stretch(l, conversation(3), -1, true)},
		{Nonce: "nonce-2", Key: `"key"&2`, Log: r.Stretch(l, conversation(5), 2, true)},
	} {
		var got, want bytes.Buffer
		err := r.RenderKept(&got, "key", "rooms/show", "ko", gaps, func(gaps Gaps) any { made++; return roomPageWith(gaps) })
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Render(&want, "rooms/show", "ko", roomPageWith(gaps)); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("page %d: got\n%s\nwant\n%s", i, got.String(), want.String())
		}
	}
	if made != 1 {
		t.Errorf("made %d times, want 1", made)
	}
}

func TestTheUnreadLineStandsBeforeTheFirstUnreadMessage(t *testing.T) {
	r, l := newRenderer(t), Locale{"ko", seoul}
	page := conversation(3)
	read, unread := r.Stretch(l, page, -1, true).HTML(), string(r.Stretch(l, page, 1, true).HTML())
	line := string(r.unreadLines["ko"])
	if want := strings.Replace(string(read), `<li id="m2"`, line+`<li id="m2"`, 1); unread != want {
		t.Errorf("got\n%s\nwant\n%s", unread, want)
	}
	if strings.Contains(string(read), line) {
		t.Error("the line is there where nothing is unread")
	}
}

// TestMoreMessagesCostNoMoreAllocations: what is kept is copied, message by message or as one stretch.
func TestMoreMessagesCostNoMoreAllocations(t *testing.T) {
	r, l := newRenderer(t), Locale{"ko", seoul}
	for _, keep := range []bool{true, false} {
		allocations := func(n int) float64 {
			page, key := conversation(n), any(n)
			b := bytes.NewBuffer(make([]byte, 0, 1<<20))
			return testing.AllocsPerRun(20, func() {
				b.Reset()
				gaps := Gaps{Nonce: "nonce", Key: "key", Log: r.Stretch(l, page, n/2, keep)}
				if err := r.RenderKept(b, key, "rooms/show", "ko", gaps, func(gaps Gaps) any { return roomPageWith(gaps) }); err != nil {
					t.Error(err)
				}
			})
		}
		if few, many := allocations(50), allocations(200); many > few {
			t.Errorf("kept as a stretch %v: %v allocations for 200 messages, %v for 50", keep, many, few)
		}
	}
}
