package views

import (
	"fmt"
	"html/template"
	"strconv"

	"sarangbang/db"
)

// happened returns what an event tells, as a sentence with links to the people in it: "지민님이
// 들어왔습니다". It depends on the author and the subject, whose versions are in every cache's key,
// and on nobody else.
func (r *Renderer) happened(language string, m *db.Message, target string) template.HTML {
	person := func(id int64, name string) string {
		return `<a class="author" href="` + r.Address("/users/"+strconv.FormatInt(id, 10)) + `"` + target + `>` + template.HTMLEscapeString(name) + `</a>`
	}
	key, args := eventText(m.Event(), m.Author, person, template.HTMLEscapeString)
	text := template.HTMLEscapeString(Text(language, key))
	return template.HTML(fmt.Sprintf(text, args...)) // both are escaped
}

// happenedLine returns what an event tells as plain text.
func happenedLine(language string, m *db.Message) string {
	key, args := eventText(m.Event(), m.Author, func(_ int64, name string) string { return name }, func(s string) string { return s })
	return Text(language, key, args...)
}

// eventText returns the text of an event and what stands in it, in the order of the text.
func eventText(e *db.Event, author *db.User, person func(id int64, name string) string, title func(string) string) (key string, args []any) {
	who := person(author.ID, author.DisplayName)
	switch e.Type {
	case db.EventJoined:
		return "event.joined", []any{who}
	case db.EventLeft:
		return "event.left", []any{who}
	case db.EventAdded:
		return "event.added", []any{who, person(e.UserID, e.UserName)}
	case db.EventRemoved:
		return "event.removed", []any{who, person(e.UserID, e.UserName)}
	case db.EventRenamed:
		return "event.renamed", []any{who, title(e.Title)}
	case db.EventArchived:
		return "event.archived", []any{who}
	case db.EventRestored:
		return "event.restored", []any{who}
	}
	return "event.other", []any{who}
}
