package handlers

import (
	"html/template"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

const (
	maxMessage      = 10_000
	maxKey          = 64
	messagesPage    = 50
	maxMessagesPage = 200
)

// contextPath returns the address of a room's page around a message, which is marked there.
func contextPath(room uuid.UUID, position int64) string {
	at := itoa(position)
	return roomPath(room) + "?around=" + at + "#m" + at
}

// newestPath returns the address of a room's page with the newest messages.
func newestPath(room uuid.UUID) string { return roomPath(room) + "?at=newest" }

// lastPosition returns the position of the last message; 0 without messages.
func lastPosition(messages []*db.Message) int64 {
	if len(messages) == 0 {
		return 0
	}
	return messages[len(messages)-1].Position
}

// readWindow returns the part of a room's history that the query of the address asks for. At most
// one of before, after and around may be given.
func readWindow(c *gin.Context) (db.Window, error) {
	query := readQuery(c)
	w := db.Window{
		Before: query.number("before", 0, 1, noMaximum),
		After:  query.number("after", 0, 0, noMaximum),
		Around: query.number("around", 0, 1, noMaximum),
		Limit:  int(query.number("limit", messagesPage, 1, maxMessagesPage)),
	}
	hasAfter := query.value("after") != ""
	if moreThanOne(w.Before > 0, hasAfter, w.Around > 0) {
		query.addError("", "error.window")
	}
	w.First = hasAfter && w.After == 0
	return w, query.err()
}

func (s *server) listMessages(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	w, err := readWindow(c)
	if err != nil {
		return err
	}
	ctx, user := c.Request.Context(), viewer(c)
	room, err := s.store.Room(ctx, user, id)
	if err != nil {
		return err
	}
	found, err := s.store.Messages(ctx, user, id, w)
	if err != nil {
		return err
	}
	return s.respond(c, answer{
		json: func() any {
			s.linkHistory(c, room.ID, found, w.Limit)
			return messagesJSON(s.views, found.Messages)
		},
		fragment: func() (template.HTML, error) {
			return s.historyFragment(c, room, found, w.After > 0)
		},
		page: func() (view, error) {
			page, err := s.pageIn(c, room.Title, room.ID)
			if err != nil {
				return view{}, err
			}
			header, err := s.roomHeader(c, room)
			if err != nil {
				return view{}, err
			}
			log, err := s.historyLog(c, room, found, w.After > 0)
			return view{"messages/index", views.HistoryPage{Page: page, Header: header, Log: log}}, err
		},
	})
}

// linkHistory tells programs the addresses of the pages before and after a page of history. The
// number of its messages does not tell whether there are: a page is bounded in bytes, too.
func (s *server) linkHistory(c *gin.Context, room uuid.UUID, page *db.MessagePage, limit int) {
	if len(page.Messages) == 0 {
		return
	}
	path, tail := "<"+s.address(roomPath(room))+"/messages?", "&limit="+itoa(int64(limit))
	var links []string
	if page.Older {
		links = append(links, path+"before="+itoa(page.Messages[0].Position)+tail+`>; rel="prev"`)
	}
	if page.Newer {
		links = append(links, path+"after="+itoa(lastPosition(page.Messages))+tail+`>; rel="next"`)
	}
	if len(links) > 0 {
		c.Header("Link", strings.Join(links, ", "))
	}
}

func moreThanOne(set ...bool) bool {
	n := 0
	for _, is := range set {
		if is {
			n++
		}
	}
	return n > 1
}

// messageInPath returns the message in the address, and its room.
func (s *server) messageInPath(c *gin.Context) (*db.RoomView, *db.Message, error) {
	id, err := roomID(c)
	if err != nil {
		return nil, nil, err
	}
	position, err := pathNumber(c, "position")
	if err != nil {
		return nil, nil, err
	}
	ctx, user := c.Request.Context(), viewer(c)
	room, err := s.store.Room(ctx, user, id)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.store.Message(ctx, user, id, position)
	return room, m, err
}

// showMessage answers with one message. Its page, the permalink, is the room around it.
func (s *server) showMessage(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	a, err := s.roomPage(c, room, roomStart{around: m.Position, mark: true}, views.Composer{})
	if err != nil {
		return err
	}
	a.json = func() any { return messageJSON(s.views, m) }
	a.fragment = func() (template.HTML, error) { return s.views.Message(s.locale(c), m), nil }
	return s.respond(c, a)
}

// messagePage returns the page of a message alone, with the actions that the viewer may take.
func (s *server) messagePage(c *gin.Context, room *db.RoomView, m *db.Message, edit views.EditForm) answer {
	return answer{
		json: func() any { return messageJSON(s.views, m) },
		page: func() (view, error) {
			page, err := s.pageIn(c, room.Title, room.ID)
			if err != nil {
				return view{}, err
			}
			header, err := s.roomHeader(c, room)
			if err != nil {
				return view{}, err
			}
			data := views.MessagePage{
				Page: page, Header: header, Message: s.views.Message(s.locale(c), m),
				Actions: s.actions(c, room, m), Edit: edit, Context: contextPath(room.ID, m.Position),
			}
			data.ReadsShown, data.Unread, err = s.unreadBy(c, m)
			return view{"messages/show", data}, err
		},
	}
}

// unreadBy returns who has not read a message yet, of those whose reading is shown; false where
// none is.
func (s *server) unreadBy(c *gin.Context, m *db.Message) (shown bool, unread []views.Person, err error) {
	ctx := c.Request.Context()
	marks, err := s.store.MemberMarks(ctx, m.RoomID)
	if err != nil || len(marks) == 0 || m.DeletedAt != nil {
		return false, nil, err
	}
	found, err := s.store.People(ctx, db.Unread(marks, m))
	return true, people(found, viewer(c)), err
}

func editForm(m *db.Message) views.EditForm {
	return views.EditForm{RoomID: m.RoomID.String(), Position: m.Position, Body: m.Body}
}

// actions returns what the viewer may do with a message. It decides what is shown; the store
// decides again when an action is taken.
func (s *server) actions(c *gin.Context, room *db.RoomView, m *db.Message) views.Actions {
	own := m.AuthorID == viewer(c).ID
	return views.Actions{
		RoomID: m.RoomID.String(), Position: m.Position, Permalink: s.origin(c) + contextPath(m.RoomID, m.Position),
		Context: contextPath(m.RoomID, m.Position), MayEdit: m.DeletedAt == nil && own && room.ArchivedAt == nil,
		MayDelete: m.DeletedAt == nil && (own || room.ModeratedBy(viewer(c))), MayReact: mayReact(room, m), MayReply: mayReply(room, m),
		MayPin: mayReply(room, m), Pinned: m.PinnedAt != nil,
	}
}

// newEdit answers htmx with the form that edits a message as a fragment, and others with the page
// of that message, which has all that may be done with it.
func (s *server) newEdit(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	a := s.messagePage(c, room, m, editForm(m))
	a.json = nil
	a.fragment = func() (template.HTML, error) {
		if !s.actions(c, room, m).MayEdit {
			return "", forbidden(nil)
		}
		return s.partial(c, "messages/_edit", editForm(m))
	}
	return s.respond(c, a)
}
