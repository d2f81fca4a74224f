package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// previewShape is the answer to GET /rooms/{id}/preview.
type previewShape struct {
	Room     roomShape   `json:"room"`
	Members  int         `json:"members"`
	People   []userShape `json:"people"` // some of them
	Messages any         `json:"messages"`
}

func previewPath(id uuid.UUID) string { return roomPath(id) + "/preview" }

// showPreview answers with an open room as it looks from outside, and a button that enters it. It
// sends members into the room.
func (s *server) showPreview(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	room, err := s.store.Preview(c.Request.Context(), viewer(c), id)
	if errors.Is(err, db.ErrNotFound) && s.store.CheckMember(c.Request.Context(), viewer(c), id) == nil {
		s.redirect(c, http.StatusSeeOther, roomPath(id))
		return nil
	}
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any {
			return previewShape{plainRoomJSON(&room.Room), room.Members, usersJSON(s.views, room.People), messagesJSON(s.views, room.Messages)}
		},
		page: func() (view, error) {
			page, err := s.page(c, room.Title)
			data := views.PreviewPage{
				Page: page, ID: id.String(), Members: room.Members, People: people(room.People, viewer(c)),
			}
			for _, m := range room.Messages {
				data.Messages = append(data.Messages, s.views.Quote(s.locale(c), m, s.now()))
			}
			return view{"rooms/preview", data}, err
		},
	})
}

// followsLink reports whether a browser follows a link on a page of this house. Fetch Metadata says
// so over HTTPS and to this machine, and the referrer everywhere: links to rooms in what people
// write have one within the house (package views). Whoever has just signed in meant the address.
func (s *server) followsLink(c *gin.Context) bool {
	if wantsJSON(c) {
		return false
	}
	from, err := url.Parse(c.GetHeader("Referer"))
	if err == nil {
		if path, _ := s.inside(from.Path); path == "/login" || path == "/signup" || strings.HasPrefix(path, "/join/") {
			return false
		}
	}
	if site := c.GetHeader("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return err == nil && originOf(c).includes(from)
}
