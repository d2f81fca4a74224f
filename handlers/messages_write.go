package handlers

import (
	"html/template"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

// draft is a message as it arrives.
type draft struct {
	body, key string
	read      int64 // newest position its author had on the page
}

func readDraft(c *gin.Context, in url.Values) (draft, error) {
	bad := &invalid{}
	d := draft{body: bad.text(in, "body", 1, maxMessage), read: bad.number(in, "read", 0, 0, anyNumber)}
	if !in.Has("key") {
		in.Set("key", c.GetHeader("Idempotency-Key"))
	}
	d.key = bad.line(in, "key", 0, maxKey)
	return d, bad.orNil()
}

func (s *server) postMessage(c *gin.Context) error {
	id, in, err := roomInput(c)
	if err != nil {
		return err
	}
	d, err := readDraft(c, in)
	if err != nil {
		return s.refuseDraft(c, id, in, err)
	}
	if after, ok := s.limits.allow(limitPosts, s.limitKey(c)); !ok {
		return tooMany(after)
	}
	m, created, err := s.store.PostHavingRead(c.Request.Context(), viewer(c), id, d.body, d.key, d.read)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: roomPath(id) + "#m" + itoa(m.Position), message: m, created: created})
}

// refuseDraft shows the room again with what was written still in its composer.
func (s *server) refuseDraft(c *gin.Context, id uuid.UUID, in url.Values, cause error) error {
	room, err := s.store.Room(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	return withForm(cause, func(e views.Errors) (answer, error) {
		composer := views.Composer{Body: shown(in.Get("body")), Key: shown(in.Get("key")), Errors: e}
		if e["key"] != "" {
			composer.Key = "" // a fresh one, or the form could never be sent
		}
		return s.roomPage(c, room, 0, composer)
	})
}

func (s *server) editMessage(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	in, err := input(c)
	if err != nil {
		return err
	}
	bad := &invalid{}
	body := bad.text(in, "body", 1, maxMessage)
	if err := bad.orNil(); err != nil {
		form := views.EditForm{RoomID: m.RoomID.String(), Position: m.Position, Body: shown(in.Get("body"))}
		return withForm(err, func(e views.Errors) (answer, error) {
			form.Errors = e
			a := s.messagePage(c, room, m, form)
			a.fragment = func() (template.HTML, error) { return s.partial(c, "messages/_edit", form) }
			return a, nil
		})
	}
	if after, ok := s.limits.allow(limitPosts, s.limitKey(c)); !ok {
		return tooMany(after)
	}
	edited, err := s.store.EditMessage(c.Request.Context(), viewer(c), m.RoomID, m.Position, body)
	return s.messageWritten(c, edited, err)
}

func (s *server) deleteMessage(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	position, err := pathNumber(c, "position")
	if err != nil {
		return err
	}
	deleted, err := s.store.DeleteMessage(c.Request.Context(), viewer(c), id, position)
	return s.messageWritten(c, deleted, err)
}

// messageWritten ends a change of a message.
func (s *server) messageWritten(c *gin.Context, m *db.Message, err error) error {
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: contextPath(m.RoomID, m.Position), message: m})
}
