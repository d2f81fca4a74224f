package handlers

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// forwardBound is how many rooms are offered at once; a query finds the others.
const forwardBound = 50

// newForward answers with the rooms into which the message in the address can be forwarded.
func (s *server) newForward(c *gin.Context) error {
	in := readQuery(c)
	query := in.line("q", 0, maxQuery)
	if err := in.err(); err != nil {
		return err
	}
	a, err := s.forwardPage(c, query, nil)
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// forwardPage returns the page of newForward, with what is wrong with a choice.
func (s *server) forwardPage(c *gin.Context, query string, errs views.Errors) (answer, error) {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return answer{}, err
	}
	if m.Kind != db.MessageText || m.DeletedAt != nil {
		return answer{}, notFound(nil)
	}
	rooms, err := s.store.RoomsOf(c.Request.Context(), viewer(c))
	if err != nil {
		return answer{}, err
	}
	rooms = db.FindRooms(rooms, query)
	more := len(rooms) > forwardBound
	rooms = rooms[:min(forwardBound, len(rooms))]
	return answer{
		json: func() any { return roomsJSON(rooms) },
		page: func() (view, error) {
			page, err := s.pageIn(c, room.Title, room.ID)
			if err != nil {
				return view{}, err
			}
			header, err := s.roomHeader(c, room)
			return view{"messages/forward", views.ForwardPage{
				Page: page, Header: header, Path: roomPath(room.ID) + "/messages/" + itoa(m.Position) + "/forward",
				Author: m.Author.DisplayName, Summary: views.SummaryOf(m.Body, m.Files), Key: composerKey(c),
				Query: query, Rooms: views.RoomItems(s.locale(c), rooms, s.now()), More: more, Errors: errs,
			}}, err
		},
	}, nil
}

// forwardMessage posts the message in the address in the room "to".
func (s *server) forwardMessage(c *gin.Context) error {
	_, m, err := s.messageInPath(c) // strangers learn nothing of the form
	if err != nil {
		return err
	}
	form := readForm(c)
	form.setDefault("key", c.GetHeader("Idempotency-Key"))
	key := form.line("key", 0, maxKey)
	to, err := uuid.Parse(form.value("to"))
	if err != nil {
		form.addError("to", "error.choice")
	}
	if err := form.err(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) { return s.forwardPage(c, "", e) })
	}
	posted, err := s.store.ForwardMessage(c.Request.Context(), viewer(c), m.RoomID, m.Position, to, keyOfText(key, to.String()))
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: newestPath(to), message: posted, created: true})
}
