package handlers

import (
	"html/template"
	"time"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

// unreadContext is how many messages a page shows before the first unread one.
const unreadContext = 5

// roomStart is where the page of a room begins. The zero value is the first unread message, or the
// newest page where everything is read.
type roomStart struct {
	newest bool
	around int64 // a position; 0: none
	mark   bool  // around was asked for, and is marked
}

// readRoomStart returns where the query of the address wants the page of a room to begin: at most
// one of at=newest, around and date may be given. The date is a day in the visitor's time zone.
func (s *server) readRoomStart(c *gin.Context) (start roomStart, day time.Time, err error) {
	query := readQuery(c)
	start.newest = query.choice("at", "", "newest") != ""
	start.around = query.number("around", 0, 1, noMaximum)
	start.mark = start.around > 0
	if date := query.value("date"); date != "" {
		if day, err = time.ParseInLocation(time.DateOnly, date, s.locale(c).Zone); err != nil {
			query.addError("date", "error.choice")
		}
	}
	if moreThanOne(start.newest, start.mark, !day.IsZero()) {
		query.addError("", "error.window")
	}
	return start, day, query.err()
}

// startOfDay returns where the messages of a day begin: the newest page where there are none since.
func (s *server) startOfDay(c *gin.Context, room *db.RoomView, day time.Time) (roomStart, error) {
	position, err := s.store.PositionAt(c.Request.Context(), viewer(c), room.ID, day)
	return roomStart{newest: position == 0, around: position}, err
}

// window returns the messages that a page shows which begins at start: those from the first unread
// one on, with context messages before it. A page that reaches the end is full all the same.
func (start roomStart) window(room *db.RoomView, unread db.UnreadStretch, context int64) db.Window {
	first := unread.First - context
	switch {
	case start.around > 0:
		return db.Window{Around: start.around, Limit: messagesPage}
	case start.newest || unread.First == 0 || first > room.LastPosition-messagesPage:
		return db.Window{Limit: messagesPage}
	}
	return fromUnread(unread, context)
}

// fromUnread returns the messages from the first unread one on, with context messages before it.
func fromUnread(unread db.UnreadStretch, context int64) db.Window {
	if first := unread.First - context; first > 1 {
		return db.Window{After: first - 1, Limit: messagesPage + int(context)}
	}
	return db.Window{First: true, Limit: int(unread.First) + messagesPage - 1}
}

// startMessages returns the messages of a page that begins at start. A page that is full would
// leave out the first unread message where those after it are long: then the page ends earlier.
func (s *server) startMessages(c *gin.Context, room *db.RoomView, start roomStart, unread db.UnreadStretch) (*db.MessagePage, error) {
	context := int64(unreadContext)
	if wantsJSON(c) {
		context = 0
	}
	ctx, user := c.Request.Context(), viewer(c)
	page, err := s.store.Messages(ctx, user, room.ID, start.window(room, unread, context))
	if err != nil || start != (roomStart{}) || unread.First == 0 || holds(page.Messages, unread.First) {
		return page, err
	}
	return s.store.Messages(ctx, user, room.ID, fromUnread(unread, context))
}

// inserts returns what stands between the messages of a room's page: the line before the first
// unread one, and the place where the page begins.
func (s *server) inserts(c *gin.Context, room *db.RoomView, messages []*db.Message, unread db.UnreadStretch, start roomStart,
) (inserts []views.Insert, err error) {
	add := func(index int, name string, data any) {
		html, e := s.partial(c, name, data)
		if e != nil {
			err = e
		}
		inserts = append(inserts, views.Insert{Index: index, HTML: html})
	}
	for i, m := range messages {
		if m.Position == unread.First {
			begins := !start.newest && start.around == 0
			add(i, "messages/_unread", views.UnreadLine{RoomID: room.ID.String(), LastPosition: room.LastPosition, Start: begins})
		}
		if m.Position == start.around {
			add(i, "messages/_start", views.Start{Mark: start.mark})
			if start.mark && m.Kind == db.MessageText && m.DeletedAt == nil {
				add(i+1, "messages/_to-actions", s.actions(c, room, m))
			}
		}
	}
	return inserts, err
}

// holds reports whether a message is on a page.
func holds(messages []*db.Message, position int64) bool {
	return len(messages) > 0 && messages[0].Position <= position && position <= lastPosition(messages)
}

// messageLog returns a page of history as the viewer sees it, with links to older and newer
// messages.
func (s *server) messageLog(c *gin.Context, room *db.RoomView, page *db.MessagePage, inserts ...views.Insert) views.Log {
	log := views.Log{RoomID: room.ID.String()}
	log.HTML = s.views.Messages(s.locale(c), page.Messages, inserts...)
	path := roomPath(room.ID) + "/messages?"
	if page.Older {
		log.Older = path + "before=" + itoa(page.Messages[0].Position)
	}
	if page.Newer {
		log.Newer = path + "after=" + itoa(lastPosition(page.Messages))
	}
	return log
}

// historyLog is messageLog with the line before the first unread message. Those that follow others
// on a page have no line: it stands there already.
func (s *server) historyLog(c *gin.Context, room *db.RoomView, page *db.MessagePage, after bool) (views.Log, error) {
	var inserts []views.Insert
	if !after {
		unread, err := s.store.UnreadStretch(c.Request.Context(), viewer(c), room)
		if err != nil {
			return views.Log{}, err
		}
		if inserts, err = s.inserts(c, room, page.Messages, unread, roomStart{newest: true}); err != nil {
			return views.Log{}, err
		}
	}
	log := s.messageLog(c, room, page, inserts...)
	log.After = after
	return log, nil
}

// historyFragment returns messages for a page that has others already.
func (s *server) historyFragment(c *gin.Context, room *db.RoomView, page *db.MessagePage, after bool) (template.HTML, error) {
	log, err := s.historyLog(c, room, page, after)
	if err != nil {
		return "", err
	}
	return s.partial(c, "messages/_messages", log)
}
