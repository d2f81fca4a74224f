package db

import (
	"context"
	"encoding/json"
)

// Event is what a message of kind MessageEvent tells: what its author did to the room. It is kept
// as JSON in the message's body, so that every reader is told in its own language.
type Event struct {
	Type EventType `json:"type"`
	// UserID and UserName are who was added or put out. Stored is the display name of that time;
	// Message.Event returns the present one.
	UserID   int64  `json:"user_id,omitzero"`
	UserName string `json:"user_name,omitzero"`
	Title    string `json:"title,omitzero"` // the room's new title
}

// EventType says what happened.
type EventType string

const (
	EventJoined  EventType = "joined"  // the author came in
	EventLeft    EventType = "left"    // the author left
	EventAdded   EventType = "added"   // the author added somebody
	EventRemoved EventType = "removed" // the author put somebody out
	EventRenamed EventType = "renamed" // the author changed the title

	EventArchived EventType = "archived" // the author archived the room
	EventRestored EventType = "restored" // the author restored it
)

// Event returns what a message of kind MessageEvent tells; nil for every other message.
func (m *Message) Event() *Event {
	if m.Kind != MessageEvent {
		return nil
	}
	e := new(Event)
	if json.Unmarshal([]byte(m.Body), e) != nil {
		return &Event{} // of a later version
	}
	if m.Subject != nil {
		e.UserName = m.Subject.DisplayName
	}
	return e
}

// addEvent adds an event to a locked room, at its next position and revision. It makes nothing
// unread and does not count as activity. Direct rooms have no events.
func addEvent(ctx context.Context, c *change, r *Room, author *User, e Event) error {
	if r.Kind == KindDirect {
		return nil
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	m := &Message{RoomID: r.ID, AuthorID: author.ID, Author: withoutHash(author), Kind: MessageEvent, Body: string(body), PostedAt: c.at}
	if err := readSubjects(ctx, c, m); err != nil {
		return err
	}
	if err := followNewest(ctx, c, r, m); err != nil {
		return err
	}
	r.LastPosition++
	r.Revision++
	m.Position, m.Revision = r.LastPosition, r.Revision
	if _, err := c.NewInsert().Model(m).Exec(ctx); err != nil {
		return err
	}
	c.tell(Notice{Room: r.ID, Revision: r.Revision, Message: m})
	_, err = c.NewUpdate().Model(r).Column("last_position", "revision").WherePK().Exec(ctx)
	return err
}

// followNewest gives an event what it takes from the newest message of its room: when that was
// posted, and which text is the newest.
func followNewest(ctx context.Context, c *change, r *Room, m *Message) error {
	m.TextPosition = new(int64)
	if r.LastPosition == 0 {
		return nil
	}
	var newest Message
	err := c.NewSelect().Model(&newest).Column("position", "posted_at", "text_position").
		Where("room_id = ?", r.ID).Where("position = ?", r.LastPosition).Scan(ctx)
	if err != nil {
		return err
	}
	at := newest.PostedAt.UTC()
	m.PreviousAt, m.TextPosition = &at, newest.TextPosition
	if m.TextPosition == nil {
		m.TextPosition = &newest.Position
	}
	m.PostedAt = notBefore(at, m.PostedAt)
	return nil
}
