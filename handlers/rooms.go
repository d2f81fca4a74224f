package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/views"
)

const maxTitle = 80

func roomPath(id uuid.UUID) string { return "/rooms/" + id.String() }

func userPath(id int64) string { return "/users/" + itoa(id) }

// showRoom answers with the page of a room. The first visit of an open room joins it.
func (s *server) showRoom(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	start, day, err := s.readRoomStart(c)
	if err != nil {
		return err
	}
	query := readQuery(c)
	answers := query.number("reply_to", 0, 1, noMaximum)
	if err := query.err(); err != nil {
		return err
	}
	room, err := s.visit(c, id)
	if errors.Is(err, errPreview) {
		s.redirect(c, http.StatusSeeOther, previewPath(id))
		return nil
	}
	if err != nil {
		return err
	}
	if !day.IsZero() {
		if start, err = s.startOfDay(c, room, day); err != nil {
			return err
		}
	}
	answered, err := s.answered(c, room, answers)
	if err != nil {
		return err
	}
	a, err := s.roomPage(c, room, start, views.Composer{Answered: answered, Focus: start.newest || answers > 0})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

// errPreview: a link leads to a room that the viewer is not in.
var errPreview = errors.New("a link to a room from outside")

// visit returns a room and joins it where that is open to the viewer. A prefetched page joins
// nothing: the error for a room that the viewer is not in is *problem with 409. Nor does a link in
// the house: the error is errPreview.
func (s *server) visit(c *gin.Context, id uuid.UUID) (*db.RoomView, error) {
	ctx, user := c.Request.Context(), viewer(c)
	if !prefetched(c) && !s.followsLink(c) {
		return s.store.Visit(ctx, user, id)
	}
	room, err := s.store.Room(ctx, user, id)
	if errors.Is(err, db.ErrNotFound) {
		if !prefetched(c) {
			return nil, errPreview
		}
		return nil, &problem{status: http.StatusConflict, code: "conflict", text: "error.prefetch"}
	}
	return room, err
}

// prefetched reports whether a browser or htmx sends the request before anybody has asked for the
// page: Sec-Purpose (Fetch Metadata), Purpose and X-Moz (older browsers), HX-Preloaded, and HEAD.
func prefetched(c *gin.Context) bool {
	for _, header := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.HasPrefix(c.GetHeader(header), "prefetch") {
			return true
		}
	}
	return headOnly(c) || c.GetHeader(headerPreloaded) == "true"
}

// roomPage returns a room with the messages from a start on, and with a composer.
func (s *server) roomPage(c *gin.Context, room *db.RoomView, start roomStart, composer views.Composer) (answer, error) {
	ctx, user := c.Request.Context(), viewer(c)
	unread, err := s.store.UnreadStretch(ctx, user, room)
	if err != nil {
		return answer{}, err
	}
	messages, err := s.startMessages(c, room, start, unread)
	if err != nil {
		return answer{}, err
	}
	return answer{
		json: func() any {
			return roomPageShape{Room: roomJSON(room), Messages: messagesJSON(s.views, messages.Messages), Revision: messages.Revision}
		},
		page: func() (view, error) {
			page, err := s.pageIn(c, room.Title, room.ID)
			if err != nil {
				return view{}, err
			}
			data, err := s.roomPageData(c, room, messages, unread, start, composer)
			if err != nil {
				return view{}, err
			}
			data.Page = page
			data.Stream = roomPath(room.ID) + "/stream?after=" + itoa(messages.Revision)
			if data.Header, err = s.roomHeader(c, room); err != nil {
				return view{}, err
			}
			data.Header.Live = true
			if room.Everybody && room.Members == 1 && !messages.Newer && viewer(c).Role == db.RoleAdministrator {
				data.Welcome, err = s.firstInvite(c)
			}
			return view{"rooms/show", data}, err
		},
	}, nil
}

func (s *server) roomPageData(c *gin.Context, room *db.RoomView, messages *db.MessagePage, unread db.UnreadStretch,
	start roomStart, composer views.Composer) (views.RoomPage, error) {
	path := roomPath(room.ID)
	above := unread.First > 0 && !holds(messages.Messages, unread.First)
	composer.RoomID, composer.Limit, composer.MaxFile = room.ID.String(), maxMessage, s.files.MaxFile
	if !above { // else what is between was not seen
		composer.Read = lastPosition(messages.Messages)
	}
	if composer.Key == "" && !wantsMain(c) { // scripts make keys of their own
		composer.Key = composerKey(c)
	}
	inserts, err := s.inserts(c, room, messages.Messages, unread, start)
	return views.RoomPage{
		Log: s.messageLog(c, room, messages, inserts...), Composer: composer,
		Live:         path + "/live?after=" + itoa(messages.Revision),
		LastPosition: room.LastPosition, ReadPosition: room.ReadPosition,
		Unread: unread.Count, Mentions: room.Mentions, FirstUnread: unread.First, UnreadAbove: above,
		Moderates: room.ModeratedBy(viewer(c)),
	}, err
}

// roomHeader returns the title line of a room. That of a direct room tells whether the other person
// is online, or since when it is not, so its page is not cached.
func (s *server) roomHeader(c *gin.Context, room *db.RoomView) (views.RoomHeader, error) {
	h := views.RoomHeader{
		ID: room.ID.String(), Title: room.Title, Kind: room.Kind, Members: room.Members, Favourite: room.Favourite, Archived: room.ArchivedAt != nil,
		Pins: room.Pins,
	}
	if room.Other == nil {
		return h, nil
	}
	if h.Photo = views.PhotoPath(room.Other); room.Other.ID == viewer(c).ID {
		return h, nil
	}
	h.Other, h.OtherOnline, h.OtherDeactivated = room.Other.ID, s.hub.IsOnline(room.Other.ID), room.Other.DeactivatedAt != nil
	seen, err := s.store.LastSeen(c.Request.Context(), viewer(c), room.Other.ID)
	if err == nil && !seen.IsZero() {
		h.OtherSeen = views.At(s.locale(c), seen, s.now())
	}
	return h, err
}

func (s *server) renameRoom(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	form := readForm(c)
	title := form.label("title", 1, maxTitle)
	if err := form.err(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.settingsPage(c, id, roomForms{rename: views.RoomForm{Title: form.redisplay("title"), Errors: e}})
		})
	}
	room, err := s.store.RenameRoom(c.Request.Context(), viewer(c), id, title)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: roomPath(id), json: roomJSON(room)})
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
	return s.respondSaved(c, saved{to: roomPath(id), json: roomJSON(room)})
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
	return s.respondSaved(c, saved{to: "/"})
}

func (s *server) markRead(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	form := readForm(c)
	position := form.requiredNumber("position", 0)
	if err := form.err(); err != nil {
		return err
	}
	room, err := s.store.MarkRead(c.Request.Context(), viewer(c), id, position)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: roomPath(id), json: roomJSON(room)})
}

func (s *server) markUnread(c *gin.Context) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	form := readForm(c)
	position := form.requiredNumber("position", 1)
	if err := form.err(); err != nil {
		return err
	}
	room, err := s.store.MarkUnread(c.Request.Context(), viewer(c), id, position)
	if err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/", json: roomJSON(room)})
}
