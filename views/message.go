package views

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"sarangbang/db"
)

// fragment is the data of the templates of one message.
type fragment struct {
	Room       string
	Position   int64
	Revision   int64
	AuthorID   int64
	AuthorName string
	// AuthorAccount tells people with one name apart.
	AuthorAccount string
	Photo         string
	Class         string
	Key           string
	Mentions      string // ids of users
	Named         string // names that may be mentioned, where they were not resolved
	Day           string // the day in words where a new one begins; else empty
	Date          string // that day as YYYY-MM-DD
	Posted        Time
	Edited        Time // zero: never
	Continues     bool
	Deleted       bool
	Event         template.HTML // what happened to the room, with links to people; empty for a text
	EventTop      template.HTML // the same for the live log, which may stand in a frame
	Forwarded     string        // the name of whoever wrote it in another room; empty: it was written here
	Pinned        bool
	Long          bool      // it is folded until somebody wants to read all of it
	Tombstone     string    // what stands in place of a deleted message
	Answers       *Answered // what it answers; nil: nothing
	Reactions     []Reaction
	Files         []FileItem
	Body          template.HTML
	Nonce         string
}

// Message returns one message as the list item that pages, htmx answers and streams share, byte for
// byte. It does not depend on the viewer, and is cached by room, position, revision, versions of
// the author and the subject, and locale.
func (r *Renderer) Message(l Locale, m *db.Message) template.HTML {
	return r.item(listItem, "messages/_fragment", l, m)
}

// Insert is a list item that stands between messages: before the message with an index, or after
// the last one.
type Insert struct {
	Index int
	HTML  template.HTML
}

// Messages returns messages one after the other, with inserts, whose indexes must not decrease.
func (r *Renderer) Messages(l Locale, messages []*db.Message, inserts ...Insert) template.HTML {
	b := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(b)
	b.Reset()
	for i, m := range messages {
		for ; len(inserts) > 0 && inserts[0].Index <= i; inserts = inserts[1:] {
			b.WriteString(string(inserts[0].HTML))
		}
		b.WriteString(string(r.Message(l, m)))
	}
	for _, last := range inserts {
		b.WriteString(string(last.HTML))
	}
	return template.HTML(b.String()) // of rendered messages
}

// item returns a message rendered by a template, cached under the form f.
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

// JSON returns a message as encode writes it, which is given the body as HTML. The result is cached
// like Message's, so all callers must pass the same encode.
func (r *Renderer) JSON(m *db.Message, encode func(r *Renderer, m *db.Message, body template.HTML) string) string {
	key := keyOf(m, jsonText)
	if text, ok := r.fragments.Get(key); ok {
		return string(text)
	}
	text := encode(r, m, r.body(m))
	r.addFragment(key, template.HTML(text))
	return text
}

// body returns a message's text as HTML, empty for a deleted one and for an event. It is cached by
// itself, because parsing Markdown costs most of a message: it is parsed once for all forms and
// locales.
func (r *Renderer) body(m *db.Message) template.HTML {
	if m.DeletedAt != nil || m.Kind == db.MessageEvent {
		return ""
	}
	key := keyOf(m, bodyHTML)
	if html, ok := r.fragments.Get(key); ok {
		return html
	}
	html := r.markdown(m.Body, m.MentionSpans.All())
	r.addFragment(key, html)
	return html
}

// LogEntry returns a message for the live log without JavaScript, with the style rules that hide
// its earlier versions.
//
// A document that never ends can be continued but not changed. So every version of a message is an
// item of its own, put into its place by CSS order. It brings one rule that hides all versions and
// one that shows itself. Both have the specificity of two classes, so that of several versions the
// last in the document wins.
func (r *Renderer) LogEntry(l Locale, m *db.Message) template.HTML {
	return r.item(logItem, "rooms/_entry", l, m)
}

// fragment executes a message's template. It panics where the template fails: a test executes them
// all.
func (r *Renderer) fragment(name string, l Locale, m *db.Message) template.HTML {
	b := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(b)
	b.Reset()
	f := r.newFragment(l, m, r.body(m))
	f.Nonce = r.nonce
	if err := r.Render(b, name, l.Language, f); err != nil {
		panic(fmt.Sprintf("message %d: %v", m.Position, err))
	}
	return template.HTML(b.String()) // a template's own output, escaped already
}

func (r *Renderer) newFragment(l Locale, m *db.Message, body template.HTML) fragment {
	posted := m.PostedAt.In(l.zone())
	f := fragment{
		Room: m.RoomID.String(), Position: m.Position, Revision: m.Revision,
		AuthorID: m.AuthorID, AuthorName: m.Author.DisplayName, AuthorAccount: m.Author.Name, Photo: PhotoPath(m.Author),
		Posted: At(l, m.PostedAt, m.PostedAt), Deleted: m.DeletedAt != nil,
	}
	if m.PreviousAt == nil || !sameDay(m.PreviousAt.In(l.zone()), posted) {
		f.Day, f.Date = day(l.Language, posted), posted.Format(time.DateOnly)
	}
	if m.Kind == db.MessageEvent {
		f.Class, f.Event, f.EventTop = "message event", r.happened(l.Language, m, ""), r.happened(l.Language, m, ` target="_top"`)
		return f
	}
	f.Continues = m.Continues && f.Day == ""
	if m.Key != nil {
		f.Key = *m.Key
	}
	if f.Deleted {
		f.Tombstone = tombstone(l.Language, m)
	} else {
		f.fillBody(l, m, body)
	}
	f.Class = f.class(emojiOnly(m.Body) && !f.Deleted)
	return f
}

func (f *fragment) fillBody(l Locale, m *db.Message, body template.HTML) {
	f.Forwarded = m.ForwardedFrom
	f.Pinned, f.Long = m.PinnedAt != nil, isLong(m.Body)
	f.Body, f.Reactions, f.Files, f.Answers = body, reactionsOf(m), FilesOf(m.Files.All()), AnsweredOf(l.Language, m)
	if m.Mentions != nil {
		f.Mentions = strings.TrimSpace(string(*m.Mentions))
	} else {
		f.Named = strings.Join(db.MentionedNames(m.Body), " ")
	}
	if m.EditedAt != nil {
		f.Edited = At(l, *m.EditedAt, *m.EditedAt)
	}
}

// tombstone returns what stands in place of a deleted message. It names who deleted it, where that
// was not its author.
func tombstone(language string, m *db.Message) string {
	if m.Deleter() == "" {
		return Text(language, "message.deleted")
	}
	return Text(language, "message.deleted_by", m.Deleter())
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
	if f.Long {
		class += " long"
	}
	return class
}
