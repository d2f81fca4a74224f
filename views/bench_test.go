package views

import (
	"bytes"
	"testing"
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
	page.Log.HTML = r.Messages(l, conversation(50))
	var buf bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		if err := r.Render(&buf, "rooms/show", "ko", page); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMessagesAtOnce(b *testing.B) {
	r, l, messages := newRenderer(b), Locale{"ko", seoul}, conversation(50)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.Messages(l, messages)
		}
	})
}
