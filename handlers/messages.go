package handlers

import (
	"slices"
	"weak"

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

// contextPath shows the room around a message and marks it.
func contextPath(room uuid.UUID, position int64) string {
	at := itoa(position)
	return roomPath(room) + "?around=" + at + "#m" + at
}

func lastPosition(messages []*db.Message) int64 {
	if len(messages) == 0 {
		return 0
	}
	return messages[len(messages)-1].Position
}

func (s *server) listMessages(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	bad := &invalid{}
	w := db.Window{
		Before: bad.query(c, "before", 0, 1, anyNumber),
		After:  bad.query(c, "after", 0, 0, anyNumber),
		Around: bad.query(c, "around", 0, 1, anyNumber),
		Limit:  int(bad.query(c, "limit", messagesPage, 1, maxMessagesPage)),
	}
	if moreThanOne(w.Before > 0, c.Query("after") != "", w.Around > 0) {
		bad.refuse("", "error.window")
	}
	if err := bad.orNil(); err != nil {
		return err
	}
	if w.After == 0 && c.Query("after") != "" { // from the beginning; to the store no position is no bound
		w.Before = int64(w.Limit) + 1
	}
	room, err := s.store.Room(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	found, err := s.store.Messages(c.Request.Context(), viewer(c), id, w)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return s.present(c, answer{json: messagesJSON(s.views, found.Messages)})
	}
	log := s.stretch(c, room, found)
	if isHTMX(c) {
		return s.present(c, answer{partial: "messages/_messages", data: messageLog(id, found, log)})
	}
	return s.presentHistory(c, room, found, log)
}

func (s *server) presentHistory(c *gin.Context, room *db.RoomView, found *db.MessagePage, log views.Stretch) error {
	around, err := s.surroundings(c, room.ID)
	if err != nil {
		return err
	}
	return s.present(c, answer{
		page: "messages/index", kept: historyKey{around.key, weak.Make(room), weak.Make(found)}, gaps: views.Gaps{Nonce: nonce(c), Log: log, Rooms: around.entries},
		fill: func(gaps views.Gaps) any {
			page := s.pageWith(c, room.Title, around)
			around.fill(&page, gaps)
			return views.HistoryPage{Page: page, Header: s.roomHeader(room), Log: messageLog(room.ID, found, gaps.Log)}
		},
	})
}

// historyKey names everything that a page of history is made of.
type historyKey struct {
	around   surroundingsKey
	room     weak.Pointer[db.RoomView]
	messages weak.Pointer[db.MessagePage]
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

// messageLog is a stretch of messages with the links to more.
func messageLog(room uuid.UUID, page *db.MessagePage, messages views.Stretch) views.Log {
	log := views.Log{RoomID: room.String()}
	if len(page.Messages) > 0 { // in a page that is kept something stands for the messages, but only where there are any
		log.HTML = messages.HTML()
	}
	path := roomPath(room) + "/messages?"
	if page.Older {
		log.Older = path + "before=" + itoa(page.Messages[0].Position)
	}
	if page.Newer {
		log.Newer = path + "after=" + itoa(lastPosition(page.Messages))
	}
	return log
}

// stretch renders messages as the viewer sees them.
func (s *server) stretch(c *gin.Context, room *db.RoomView, page *db.MessagePage) views.Stretch {
	return s.views.Stretch(s.locale(c), page, firstUnread(viewer(c), room, page.Messages), s.store.Remembers(c.Request.Context()))
}

// firstUnread is the index of the first message that the viewer has not read, or -1.
func firstUnread(viewer *db.User, room *db.RoomView, messages []*db.Message) int {
	if room.Unread == 0 {
		return -1
	}
	return slices.IndexFunc(messages, func(m *db.Message) bool {
		return m.Position > room.ReadPosition && m.AuthorID != viewer.ID && m.DeletedAt == nil
	})
}

// messageInPath is the message in the address, with its room.
func (s *server) messageInPath(c *gin.Context) (*db.RoomView, *db.Message, error) {
	id, err := roomID(c)
	if err != nil {
		return nil, nil, err
	}
	position, err := pathNumber(c, "position")
	if err != nil {
		return nil, nil, err
	}
	room, err := s.store.Room(c.Request.Context(), viewer(c), id)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.store.Message(c.Request.Context(), viewer(c), id, position)
	return room, m, err
}

func (s *server) showMessage(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return s.present(c, answer{json: messageJSON(s.views, m)})
	}
	if isHTMX(c) {
		return s.present(c, answer{fragment: s.views.Message(s.locale(c), m)})
	}
	a, err := s.messagePage(c, room, m, editForm(m))
	if err != nil {
		return err
	}
	return s.present(c, a)
}

func (s *server) messagePage(c *gin.Context, room *db.RoomView, m *db.Message, edit views.EditForm) (answer, error) {
	page, err := s.pageIn(c, room.Title, room.ID)
	if err != nil {
		return answer{}, err
	}
	data := views.MessagePage{
		Page: page, Header: s.roomHeader(room), Message: s.views.Message(s.locale(c), m),
		Actions: s.actions(c, m), Edit: edit, Context: contextPath(room.ID, m.Position),
	}
	return answer{page: "messages/show", data: data}, nil
}

func editForm(m *db.Message) views.EditForm {
	return views.EditForm{RoomID: m.RoomID.String(), Position: m.Position, Body: m.Body}
}

// actions is what the viewer may do with a message; the store decides again when it is done.
func (s *server) actions(c *gin.Context, m *db.Message) views.Actions {
	user := viewer(c)
	may := m.DeletedAt == nil && (m.AuthorID == user.ID || user.Role == db.RoleAdministrator)
	return views.Actions{
		RoomID: m.RoomID.String(), Position: m.Position, Permalink: s.origin(c) + contextPath(m.RoomID, m.Position),
		Context: contextPath(m.RoomID, m.Position), MayEdit: may, MayDelete: may,
	}
}

func (s *server) showActions(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	if !isHTMX(c) {
		return s.showPermalink(c, room, m)
	}
	return s.present(c, answer{partial: "messages/_actions", data: s.actions(c, m)})
}

func (s *server) newEdit(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	if !isHTMX(c) {
		return s.showPermalink(c, room, m)
	}
	if !s.actions(c, m).MayEdit {
		return forbidden(nil)
	}
	return s.present(c, answer{partial: "messages/_edit", data: editForm(m)})
}

// showPermalink is for whoever opens a fragment's address as a page.
func (s *server) showPermalink(c *gin.Context, room *db.RoomView, m *db.Message) error {
	a, err := s.messagePage(c, room, m, editForm(m))
	if err != nil {
		return err
	}
	return s.present(c, a)
}
