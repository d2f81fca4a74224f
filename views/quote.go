package views

import (
	"html/template"
	"time"

	"sarangbang/db"
)

// Quote is a message as it is shown outside of its room, without anything to do with it.
type Quote struct {
	AuthorName, Photo string
	Posted            Time
	Body              template.HTML
}

// Quote returns a text for a page outside of its room.
func (r *Renderer) Quote(l Locale, m *db.Message, now time.Time) Quote {
	return Quote{AuthorName: m.Author.DisplayName, Photo: PhotoPath(m.Author), Posted: At(l, m.PostedAt, now), Body: r.body(m)}
}
