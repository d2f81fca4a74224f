package handlers

import (
	"html/template"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live"
	"sarangbang/views"
)

// presenter renders what the hub sends, with the templates and shapes that pages and programs get as well.
type presenter struct {
	views *views.Renderer
	log   *slog.Logger
	now   func() time.Time
}

// NewPresenter makes the presenter of a hub.
func NewPresenter(r *views.Renderer, log *slog.Logger, now func() time.Time) live.Presenter {
	return &presenter{views: r, log: log, now: now}
}

// Message shows a message's present state.
func (p *presenter) Message(a live.Audience, m *db.Message) live.Event {
	l := localeOf(a.Language, a.Zone)
	switch a.Format {
	case live.JSON:
		return live.Event{Name: live.EventMessage, Data: messageJSON(p.views, m)}
	case live.HTML:
		return live.Event{Data: upsert(p.views.Message(l, m))}
	case live.Page:
		return live.Event{Data: []byte(p.views.LogEntry(l, m))}
	default:
		return live.Event{Data: []byte(p.views.Line(l, m))}
	}
}

// Room shows a room's present title. Direct rooms have none of their own, and nothing about them changes.
func (p *presenter) Room(a live.Audience, r *db.Room) live.Event {
	switch {
	case a.Format == live.JSON:
		return p.json(live.EventRoom, plainRoomJSON(r))
	case a.Format == live.HTML && r.Kind != db.KindDirect:
		title := template.HTMLEscapeString(r.Title)
		return live.Event{Data: append(partial("#room-header h1 a", "innerHTML", title), partial("#my-rooms [aria-current] .title", "innerHTML", title)...)}
	}
	return live.Event{}
}

// Rooms shows the list of someone's rooms.
func (p *presenter) Rooms(a live.Audience, _ *db.User, rooms []*db.RoomView, current uuid.UUID) live.Event {
	if a.Format == live.JSON {
		return p.json(live.EventUnread, roomsJSON(rooms))
	}
	var b strings.Builder
	list := roomList(localeOf(a.Language, a.Zone), rooms, current, p.now())
	if err := p.views.Render(&b, "rooms/_rooms", a.Language, list); err != nil {
		p.log.Error("event", "name", live.EventUnread, "err", err)
		return live.Event{}
	}
	return live.Event{Data: partial("#my-rooms", "outerMorph", b.String())}
}

func (p *presenter) json(name string, shape any) live.Event {
	b, err := encodeJSON(shape)
	if err != nil {
		p.log.Error("event", "name", name, "err", err)
		return live.Event{}
	}
	return live.Event{Name: name, Data: b}
}
