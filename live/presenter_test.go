package live

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"sarangbang/db"
)

// plainPresenter renders changes as "m2 body", so that tests can read them.
type plainPresenter struct{ rendered *sync.Map }

func messageText(m *db.Message) string {
	if m.DeletedAt != nil {
		return fmt.Sprintf("m%d deleted", m.Position)
	}
	return fmt.Sprintf("m%d %s", m.Position, m.Body)
}

func roomText(r *db.Room) string { return "title " + r.Title }

// put keeps the newest state of what a text is about.
func put(shown map[string]string, text string) {
	key, value, _ := bytes.Cut([]byte(text), []byte(" "))
	shown[string(key)] = string(value)
}

func (p plainPresenter) event(a Audience, name, text string) Event {
	switch a.Format {
	case JSON:
		return Event{Name: name, Data: []byte(text)}
	case HTML:
		return Event{Data: []byte(text)}
	default:
		return Event{Data: []byte(text + "\n")}
	}
}

func (p plainPresenter) Message(a Audience, m *db.Message) Event {
	if p.rendered != nil {
		n, _ := p.rendered.LoadOrStore(a, new(int))
		*n.(*int)++
	}
	return p.event(a, EventMessage, messageText(m))
}

func (p plainPresenter) Room(a Audience, r *db.Room) Event { return p.event(a, EventRoom, roomText(r)) }

func (p plainPresenter) Rooms(a Audience, viewer *db.User, rooms []*db.RoomView, left []uuid.UUID, current uuid.UUID) Event {
	text := fmt.Sprintf("%s's rooms:", viewer.Name)
	for _, r := range rooms {
		text += fmt.Sprintf(" %s %d", r.Title, r.Unread)
		if r.ID == current {
			text += " (here)"
		}
	}
	if len(left) > 0 {
		text += fmt.Sprintf(" and %d left", len(left))
	}
	return p.event(a, EventUnread, text)
}

func (p plainPresenter) Entry(a Audience, r *db.RoomView, hole string) Event {
	return p.event(a, EventUnread, "entry "+r.Title+" "+hole+" "+hole)
}

func (p plainPresenter) Marks(Audience, []db.MemberMark) Event { return Event{} }

func (p plainPresenter) Counts(_ Audience, unread, mentions int) []string {
	return []string{fmt.Sprint(unread), fmt.Sprint(mentions)}
}
