package handlers

import (
	"html/template"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live"
	"sarangbang/live/presence"
	"sarangbang/views"
)

// presenter renders events of the hub, with the templates of pages and the shapes of answers to
// programs.
type presenter struct {
	views *views.Renderer
	log   *slog.Logger
	now   func() time.Time
	zones zoneCache
}

// NewPresenter returns the presenter of a hub.
func NewPresenter(r *views.Renderer, log *slog.Logger, now func() time.Time) live.Presenter {
	return &presenter{views: r, log: log, now: now}
}

// Message renders the current state of a message.
func (p *presenter) Message(a live.Audience, m *db.Message) live.Event {
	l := p.zones.locale(a.Language, a.Zone)
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

// Room renders the current title of a room and its pins. A direct room has no title of its own: its
// members see different ones, so that programs get no event of it, and pages the pins alone.
func (p *presenter) Room(a live.Audience, r *db.Room) live.Event {
	pins := ""
	if a.Format == live.HTML {
		pins = p.render(live.EventRoom, "rooms/_pins", a.Language, views.Pins{RoomID: r.ID.String(), Count: r.Pins})
	}
	switch {
	case a.Format == live.HTML && r.Kind == db.KindDirect:
		return live.Event{Data: replacement("#pins", "outerHTML", pins)}
	case r.Kind == db.KindDirect:
	case a.Format == live.JSON:
		return p.json(live.EventRoom, plainRoomJSON(r))
	case a.Format == live.HTML:
		title := template.HTMLEscapeString(r.Title)
		header := replacement("#room-header h1 a", "innerHTML", title)
		archived := ""
		if r.ArchivedAt != nil {
			archived = views.Text(a.Language, "room.archived_text")
		}
		header = append(header, replacement("#pins", "outerHTML", pins)...)
		header = append(header, replacement("#archived", "innerHTML", template.HTMLEscapeString(archived))...)
		return live.Event{Data: append(header, replacement("#room-"+r.ID.String()+" .title", "innerHTML", title)...)}
	}
	return live.Event{}
}

// Entry renders the entry of a room in the lists of its members, with holes for the counts.
func (p *presenter) Entry(a live.Audience, room *db.RoomView, hole string) live.Event {
	entry, err := p.views.EntryAround(p.zones.locale(a.Language, a.Zone), room, hole, p.now())
	if err != nil {
		p.log.Error("event", "name", live.EventUnread, "err", err)
		return live.Event{}
	}
	return live.Event{Data: replacement("#room-"+room.ID.String(), "outerHTML", entry)}
}

// Counts returns what goes into the holes of an entry.
func (p *presenter) Counts(a live.Audience, unread, mentions int) []string {
	return views.Counts(a.Language, unread, mentions)
}

// Rooms renders the list of a user's rooms.
func (p *presenter) Rooms(a live.Audience, viewer *db.User, rooms []*db.RoomView, left []uuid.UUID, current uuid.UUID) live.Event {
	if a.Format == live.JSON {
		news := make([]any, 0, len(rooms)+len(left))
		for _, r := range rooms {
			news = append(news, roomJSON(r))
		}
		for _, id := range left {
			news = append(news, goneShape{id, true})
		}
		return p.json(live.EventUnread, news)
	}
	entries := p.views.RoomList(p.zones.locale(a.Language, a.Zone), rooms, viewer.RoomOrder, current, p.now())
	list := p.render(live.EventUnread, "rooms/_rooms", a.Language, entries)
	if list == "" {
		return live.Event{}
	}
	return live.Event{Data: replacement("#my-rooms", "outerMorph", list)}
}

// render returns the HTML of an event. It logs an error and returns an empty string.
func (p *presenter) render(event, name, language string, data any) string {
	var b strings.Builder
	if err := p.views.Render(&b, name, language, data); err != nil {
		p.log.Error("event", "name", event, "err", err)
		return ""
	}
	return b.String()
}

// Partners renders in which direct rooms the other is online: their ids, from which the page's
// script marks the entries of the list.
func (p *presenter) Partners(_ live.Audience, rooms []uuid.UUID) live.Event {
	ids := make([]string, len(rooms))
	for i, id := range rooms {
		ids[i] = id.String()
	}
	return live.Event{Data: replacement("#partners", "innerHTML", strings.Join(ids, " "))}
}

// everybody is the viewer of events that are the same bytes for all readers.
var everybody = &db.User{}

// Online renders which members of a room are online.
func (p *presenter) Online(a live.Audience, o presence.Online) live.Event {
	if a.Format == live.JSON {
		return p.json(live.EventOnline, onlineShape{Count: o.Count, Members: o.Members, People: usersJSON(p.views, o.People)})
	}
	count := p.render(live.EventOnline, "rooms/_online-count", a.Language, views.People{Count: o.Count, Members: o.Members})
	list := p.render(live.EventOnline, "rooms/_online", a.Language, people(o.People, everybody))
	shown := replacement("#online", "innerHTML", count)
	return live.Event{Data: append(shown, replacement("#online-people", "innerMorph", list)...)}
}

// Typing renders who is typing in a room.
func (p *presenter) Typing(a live.Audience, typing []*db.User) live.Event {
	if a.Format == live.JSON {
		return p.json(live.EventTyping, typingShape{People: usersJSON(p.views, typing)})
	}
	list := p.render(live.EventTyping, "rooms/_typing", a.Language, people(typing, everybody))
	return live.Event{Data: replacement("#typing", "innerHTML", list)}
}

// Marks renders how far the members of a room have read: for pages as text, "3:17 5:12", from which
// the page's script counts.
func (p *presenter) Marks(a live.Audience, marks []db.MemberMark) live.Event {
	if a.Format == live.JSON {
		shapes := make([]markShape, 0, len(marks))
		for _, m := range marks {
			shapes = append(shapes, markShape{m.UserID, m.Position})
		}
		return p.json(live.EventReads, shapes)
	}
	words := make([]string, len(marks))
	for i, m := range marks {
		words[i] = itoa(m.UserID) + ":" + itoa(m.Position)
	}
	return live.Event{Data: replacement("#marks", "innerHTML", strings.Join(words, " "))}
}

// json returns an event with a shape as JSON. It logs an error and returns an empty event.
func (p *presenter) json(name string, shape any) live.Event {
	b, err := encodeJSON(shape)
	if err != nil {
		p.log.Error("event", "name", name, "err", err)
		return live.Event{}
	}
	return live.Event{Name: name, Data: b}
}
