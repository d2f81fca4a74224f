package views

import (
	"strconv"

	"sarangbang/db"
)

// Answered is the message that another one answers, or is going to, as that shows it
// (messages/_answered).
type Answered struct {
	RoomID     string
	Position   int64
	AuthorName string
	Summary    string // one line of its text
}

// Path returns the address of the room around it.
func (a Answered) Path() string {
	at := strconv.FormatInt(a.Position, 10)
	return "/rooms/" + a.RoomID + "?around=" + at + "#m" + at
}

// AnsweredOf returns what a message shows of the one that it answers; nil where it answers none.
func AnsweredOf(language string, m *db.Message) *Answered {
	if m.Quoted == nil {
		return nil
	}
	return NewAnswered(language, m.RoomID.String(), m.Quoted)
}

// NewAnswered returns what an answer to a message shows of it.
func NewAnswered(language, room string, q *db.Quote) *Answered {
	a := &Answered{RoomID: room, Position: q.Position, AuthorName: q.Author.DisplayName, Summary: SummaryOf(q.Excerpt, q.Files)}
	switch {
	case q.Deleted:
		a.Summary = Text(language, "message.deleted")
	case a.Summary == "":
		a.Summary = "…"
	}
	return a
}
