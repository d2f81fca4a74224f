package views

import (
	"bytes"
	"testing"

	"sarangbang/db"
)

func BenchmarkMessageKept(b *testing.B) {
	r, l, m := newRenderer(b), Locale{"ko", seoul}, said("안녕 **하세요**")
	b.ReportAllocs()
	for b.Loop() {
		r.Message(l, m)
	}
}

func BenchmarkMessageRendered(b *testing.B) {
	r, l, m := newRenderer(b), Locale{"ko", seoul}, said("안녕 **하세요**")
	b.ReportAllocs()
	for b.Loop() {
		r.fragment("messages/_fragment", l, m)
	}
}

func BenchmarkRoomPage(b *testing.B) {
	r, l := newRenderer(b), Locale{"ko", seoul}
	page := RoomPage{Page: samplePage("ko"), Header: sampleHeader()}
	var messages []*db.Message
	for i := range int64(50) {
		m := said("안녕 **하세요**")
		m.Position = i
		messages = append(messages, m)
	}
	page.Log.HTML = r.Stretch(l, stretchOf(messages...), -1, false).HTML()
	var buf bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		if err := r.Render(&buf, "rooms/show", "ko", page); err != nil {
			b.Fatal(err)
		}
	}
}
