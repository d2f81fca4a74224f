package views

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"sarangbang/db"
)

// fragment is what the templates of one message get.
type fragment struct {
	Room       string
	Position   int64
	Revision   int64
	AuthorID   int64
	AuthorName string
	Photo      string
	Class      string
	Key        string
	Mentions   string
	Day        string // the line where a new day begins; empty within a day
	Date       string // that day as YYYY-MM-DD
	Posted     Time
	Edited     Time // zero: never
	Continues  bool
	Deleted    bool
	Changed    bool // another version of it was shown before
	Body       template.HTML
	Nonce      string
}

// Message renders one message as the list item that pages, htmx answers and streams share, byte for byte. It holds nothing that
// depends on the viewer. Rendered fragments are cached by room, position, revision, author's version and locale.
func (r *Renderer) Message(l Locale, m *db.Message) template.HTML {
	return r.item(listItem, "messages/_fragment", l, m)
}

// Messages renders messages one after the other, with the line "new since your last visit" before the one with index unread; -1:
// without it.
func (r *Renderer) Messages(l Locale, messages []*db.Message, unread int) template.HTML {
	b := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(b)
	b.Reset()
	for i, m := range messages {
		if i == unread {
			b.WriteString(string(r.unreadLines[l.Language]))
		}
		b.WriteString(string(r.Message(l, m)))
	}
	return template.HTML(b.String()) // of messages rendered already
}

// item is a message by a template, out of the cache where it is there.
func (r *Renderer) item(f form, name string, l Locale, m *db.Message) template.HTML {
	key := keyOf(m, f)
	key.language, key.zone = l.Language, l.zone().String()
	if html, ok := r.fragments.Get(key); ok {
		return html
	}
	html := r.fragment(name, l, m)
	r.addFragment(key, html)
	return html
}

// JSON is a message as encode writes it, given its text as HTML. It is kept like the rendered message; so there is one encode.
func (r *Renderer) JSON(m *db.Message, encode func(m *db.Message, body template.HTML) string) string {
	key := keyOf(m, jsonText)
	if text, ok := r.fragments.Get(key); ok {
		return string(text)
	}
	text := encode(m, r.body(m))
	r.addFragment(key, template.HTML(text))
	return text
}

// body is a message's text as HTML, empty once it is deleted. Reading Markdown is what costs most about a message: whatever forms
// and languages it is wanted in, its text is read once.
func (r *Renderer) body(m *db.Message) template.HTML {
	if m.DeletedAt != nil {
		return ""
	}
	key := keyOf(m, bodyHTML)
	if html, ok := r.fragments.Get(key); ok {
		return html
	}
	html := Markdown(m.Body)
	r.addFragment(key, html)
	return html
}

// LogEntry renders a message for the live log without JavaScript, with the rule that corrects earlier versions of it.
//
// A document that is never closed cannot be changed, only continued: every version of a message is an item of its own, put into its place
// by CSS order. A changed version brings a rule that hides all versions and one that shows itself. Both weigh the same (two classes),
// so of several changes the last in the document wins.
func (r *Renderer) LogEntry(l Locale, m *db.Message) template.HTML {
	return r.item(logItem, "rooms/_entry", l, m)
}

// fragment executes a message's template. It panics when that fails, which only a broken template can do: a test executes them all.
func (r *Renderer) fragment(name string, l Locale, m *db.Message) template.HTML {
	b := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(b)
	b.Reset()
	f := newFragment(l, m, r.body(m))
	f.Nonce = r.nonce
	if err := r.Render(b, name, l.Language, f); err != nil {
		panic(fmt.Sprintf("message %d: %v", m.Position, err))
	}
	return template.HTML(b.String()) // a template's own output, escaped already
}

func newFragment(l Locale, m *db.Message, body template.HTML) fragment {
	posted := m.PostedAt.In(l.zone())
	f := fragment{
		Room: m.RoomID.String(), Position: m.Position, Revision: m.Revision,
		AuthorID: m.AuthorID, AuthorName: m.Author.DisplayName, Photo: PhotoPath(m.Author),
		Posted: At(l, m.PostedAt, m.PostedAt), Deleted: m.DeletedAt != nil,
	}
	if m.PreviousAt == nil || !sameDay(m.PreviousAt.In(l.zone()), posted) {
		f.Day, f.Date = day(l.Language, posted), posted.Format(time.DateOnly)
	}
	f.Continues = m.Continues && f.Day == ""
	f.Changed = f.Deleted || m.EditedAt != nil
	if m.Key != nil {
		f.Key = *m.Key
	}
	if !f.Deleted {
		f.fillBody(l, m, body)
	}
	f.Class = f.class(emojiOnly(m.Body) && !f.Deleted)
	return f
}

func (f *fragment) fillBody(l Locale, m *db.Message, body template.HTML) {
	f.Body = body
	f.Mentions = strings.Join(mentions(m.Body), " ")
	if m.EditedAt != nil {
		f.Edited = At(l, *m.EditedAt, *m.EditedAt)
	}
}

func (f *fragment) class(emoji bool) string {
	class := "message"
	if f.Continues {
		class += " continues"
	}
	if f.Deleted {
		class += " deleted"
	}
	if emoji {
		class += " emoji"
	}
	return class
}
