package views

import (
	"bytes"
	"html/template"
	"weak"

	"sarangbang/db"
)

const (
	// keptStretches and keptStretchBytes bound the stretches of history kept.
	keptStretches    = 1 << 12
	keptStretchBytes = 32 << 20
)

// stretchKey names what a stretch of history depends on. A page that a store remembers is the same one until it changes; it is not held
// by what was made of it.
type stretchKey struct {
	page           weak.Pointer[db.MessagePage]
	language, zone string
}

// stretch is messages rendered one after the other.
type stretch struct {
	html   template.HTML
	starts []int // where each message begins
}

// Stretch is rendered messages as one viewer sees them. It shares their bytes with everybody else's.
type Stretch struct {
	read, line, unread template.HTML // one after the other; line and unread are empty where nothing is unread
}

// HTML is all of it in one piece.
func (s Stretch) HTML() template.HTML { return s.read + s.line + s.unread }

func (s Stretch) writeTo(b *bytes.Buffer) {
	b.WriteString(string(s.read))
	b.WriteString(string(s.line))
	b.WriteString(string(s.unread))
}

// Stretch renders messages one after the other, with the line "new since your last visit" before the one with index unread, or without it
// where there is none (-1). With keep the messages are remembered for as long as the page is the same one.
func (r *Renderer) Stretch(l Locale, page *db.MessagePage, unread int, keep bool) Stretch {
	s := r.stretch(l, page, keep)
	if unread < 0 {
		return Stretch{read: s.html}
	}
	at := s.starts[unread]
	return Stretch{s.html[:at], r.unreadLines[l.Language], s.html[at:]}
}

func (r *Renderer) stretch(l Locale, page *db.MessagePage, keep bool) *stretch {
	key := stretchKey{weak.Make(page), l.Language, l.zone().String()}
	if s, ok := r.stretches.get(key); ok {
		return s
	}
	s := r.newStretch(l, page.Messages)
	if keep {
		r.stretches.put(key, s, len(s.html))
	}
	return s
}

func (r *Renderer) newStretch(l Locale, messages []*db.Message) *stretch {
	b := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(b)
	b.Reset()
	s := &stretch{starts: make([]int, len(messages))}
	for i, m := range messages {
		s.starts[i] = b.Len()
		b.WriteString(string(r.Message(l, m)))
	}
	s.html = template.HTML(b.String()) // of messages rendered already
	return s
}
