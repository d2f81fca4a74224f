package handlers

import (
	"errors"
	"net/http"
	"strings"
	"weak"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

const maxTitle = 80

func roomPath(id uuid.UUID) string { return "/rooms/" + id.String() }

func userPath(id int64) string { return "/users/" + itoa(id) }

func (s *server) listRooms(c *gin.Context) error {
	if wantsJSON(c) {
		rooms, err := s.store.RoomsOf(c.Request.Context(), viewer(c))
		if err != nil {
			return err
		}
		return s.present(c, answer{json: roomsJSON(rooms)})
	}
	a, err := s.roomsPage(c, views.RoomForm{Kind: string(db.KindOpen)})
	if err != nil {
		return err
	}
	return s.present(c, a)
}

func (s *server) roomsPage(c *gin.Context, create views.RoomForm) (answer, error) {
	page, err := s.page(c, s.text(c, "rooms.title"))
	return answer{page: "rooms/index", data: views.RoomsPage{Page: page, Create: create}}, err
}

func (s *server) createRoom(c *gin.Context) error {
	in, err := input(c)
	if err != nil {
		return err
	}
	bad := &invalid{}
	title := bad.line(in, "title", 1, maxTitle)
	kind := bad.choice(in, "kind", string(db.KindOpen), string(db.KindOpen), string(db.KindPrivate))
	if err := bad.orNil(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.roomsPage(c, views.RoomForm{Title: shown(in.Get("title")), Kind: shown(in.Get("kind")), Errors: e})
		})
	}
	if after, ok := s.limits.allow(limitCreations, s.limitKey(c)); !ok {
		return tooMany(after)
	}
	room, err := s.store.CreateRoom(c.Request.Context(), viewer(c), title, db.Kind(kind))
	if err != nil {
		return err
	}
	return s.wrote(c, written{to: roomPath(room.ID), created: true, json: roomJSON(room)})
}

// showRoom joins an open room on the first visit. A page fetched ahead of being wanted is no visit.
func (s *server) showRoom(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	bad := &invalid{}
	around := bad.query(c, "around", 0, 1, anyNumber)
	if err := bad.orNil(); err != nil {
		return err
	}
	room, err := s.visit(c, id)
	if err != nil {
		return err
	}
	a, err := s.roomPage(c, room, around, views.Composer{})
	if err != nil {
		return err
	}
	return s.present(c, a)
}

// visit enters a room. What is asked for ahead of being wanted enters only where the viewer is already.
func (s *server) visit(c *gin.Context, id uuid.UUID) (*db.RoomView, error) {
	ctx, user := c.Request.Context(), viewer(c)
	if !prefetched(c) {
		return s.store.Visit(ctx, user, id)
	}
	room, err := s.store.Room(ctx, user, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil, &problem{status: http.StatusConflict, code: "conflict", text: "error.prefetch"}
	}
	return room, err
}

// prefetched tells requests that a browser sends before anybody has asked for the page
// (Sec-Purpose: Fetch Metadata; the other two: older browsers).
func prefetched(c *gin.Context) bool {
	for _, header := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.HasPrefix(c.GetHeader(header), "prefetch") {
			return true
		}
	}
	return headOnly(c) || c.GetHeader(headerPreloaded) == "true"
}

// roomPage shows the newest messages, or those around a position, with a composer.
func (s *server) roomPage(c *gin.Context, room *db.RoomView, around int64, composer views.Composer) (answer, error) {
	window := db.Window{Around: around, Limit: messagesPage}
	messages, err := s.store.Messages(c.Request.Context(), viewer(c), room.ID, window)
	if err != nil {
		return answer{}, err
	}
	if wantsJSON(c) {
		shape := roomPageShape{Room: roomJSON(room), Messages: messagesJSON(s.views, messages.Messages), Revision: messages.Revision}
		return answer{json: shape}, nil
	}
	surroundings, err := s.surroundings(c, room.ID)
	if err != nil {
		return answer{}, err
	}
	a := answer{page: "rooms/show", gaps: views.Gaps{Nonce: nonce(c), Key: requestID(c), Log: s.stretch(c, room, messages), Rooms: surroundings.entries}}
	if composer.Body == "" && composer.Key == "" && composer.Errors == nil {
		a.kept = roomPageKey{surroundings.key, weak.Make(room), weak.Make(messages), around}
	}
	a.fill = func(gaps views.Gaps) any {
		page := s.pageWith(c, room.Title, surroundings)
		surroundings.fill(&page, gaps)
		if composer.Key == "" {
			composer.Key = gaps.Key
		}
		return s.roomPageData(c, page, room, messages, gaps.Log, composer, around)
	}
	return a, nil
}

// roomPageKey names everything that a room's page is made of.
type roomPageKey struct {
	around   surroundingsKey
	room     weak.Pointer[db.RoomView]
	messages weak.Pointer[db.MessagePage]
	mark     int64
}

func (s *server) roomPageData(c *gin.Context, page views.Page, room *db.RoomView, messages *db.MessagePage, log views.Stretch,
	composer views.Composer, mark int64) views.RoomPage {
	path := roomPath(room.ID)
	after := "?after=" + itoa(messages.Revision)
	if !messages.Newer { // else new messages do not belong at the end of this page
		page.Stream = path + "/stream" + after
	}
	composer.RoomID, composer.Read = room.ID.String(), lastPosition(messages.Messages)
	return views.RoomPage{
		Page: page, Header: s.roomHeader(room), Log: messageLog(room.ID, messages, log), Live: path + "/live" + after,
		Composer: composer, Curl: "curl -NH 'Authorization: Bearer TOKEN' '" + s.origin(c) + path + "/stream?as=text'",
		LastPosition: room.LastPosition, ReadPosition: room.ReadPosition, Unread: unreadText(room.Unread), Mark: mark,
	}
}

func (s *server) roomHeader(room *db.RoomView) views.RoomHeader {
	h := views.RoomHeader{ID: room.ID.String(), Title: room.Title, Kind: room.Kind, Members: room.Members}
	if room.Other != nil {
		h.Photo = views.PhotoPath(room.Other)
	}
	return h
}

func (s *server) renameRoom(c *gin.Context) error {
	id, in, err := roomInput(c)
	if err != nil {
		return err
	}
	bad := &invalid{}
	title := bad.line(in, "title", 1, maxTitle)
	if err := bad.orNil(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.membersPage(c, views.RoomForm{Title: shown(in.Get("title")), Errors: e}, nil)
		})
	}
	room, err := s.store.RenameRoom(c.Request.Context(), viewer(c), id, title)
	if err != nil {
		return err
	}
	return s.wrote(c, written{to: roomPath(id), json: roomJSON(room)})
}

func (s *server) joinRoom(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	room, err := s.store.Visit(c.Request.Context(), viewer(c), id)
	if err != nil {
		return err
	}
	return s.wrote(c, written{to: roomPath(id), json: roomJSON(room)})
}

func (s *server) leaveRoom(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	if err := s.store.LeaveRoom(c.Request.Context(), viewer(c), id); err != nil {
		return err
	}
	if err := s.flash(c, flashNotice, "room.left"); err != nil {
		return err
	}
	return s.wrote(c, written{to: "/"})
}

func (s *server) markRead(c *gin.Context) error {
	id, in, err := roomInput(c)
	if err != nil {
		return err
	}
	bad := &invalid{}
	position := bad.number(in, "position", -1, 0, anyNumber)
	if position < 0 {
		bad.refuse("position", "error.required")
	}
	if err := bad.orNil(); err != nil {
		return err
	}
	room, err := s.store.MarkRead(c.Request.Context(), viewer(c), id, position)
	if err != nil {
		return err
	}
	return s.wrote(c, written{to: roomPath(id), json: roomJSON(room)})
}
