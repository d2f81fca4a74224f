package handlers

import (
	"github.com/gin-gonic/gin"

	"sarangbang/views"
)

func (s *server) pinMessage(c *gin.Context) error   { return s.setPinned(c, true) }
func (s *server) unpinMessage(c *gin.Context) error { return s.setPinned(c, false) }

// setPinned keeps the message in the address at hand, or not any more.
func (s *server) setPinned(c *gin.Context, pinned bool) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	position, err := pathNumber(c, "position")
	if err != nil {
		return err
	}
	m, err := s.store.PinMessage(c.Request.Context(), viewer(c), id, position, pinned)
	return s.messageWritten(c, m, err)
}

// listPins answers with the pinned messages of a room.
func (s *server) listPins(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	room, err := s.store.Room(ctx, viewer(c), id)
	if err != nil {
		return err
	}
	pinned, err := s.store.PinnedMessages(ctx, viewer(c), id)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any { return messagesJSON(s.views, pinned) },
		page: func() (view, error) {
			page, err := s.pageIn(c, room.Title, room.ID)
			if err != nil {
				return view{}, err
			}
			header, err := s.roomHeader(c, room)
			if err != nil {
				return view{}, err
			}
			var unpin []views.Insert // behind each message
			for i, m := range pinned {
				form, err := s.partial(c, "rooms/_unpin", m)
				if err != nil {
					return view{}, err
				}
				if room.ArchivedAt == nil {
					unpin = append(unpin, views.Insert{Index: i + 1, HTML: form})
				}
			}
			return view{"rooms/pins", views.PinsPage{Page: page, Header: header, HTML: s.views.Messages(s.locale(c), pinned, unpin...)}}, nil
		},
	})
}
