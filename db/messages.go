package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Message is one thing said. (RoomID, Position) is its key. The json tags are for package bus.
type Message struct {
	bun.BaseModel `bun:"table:messages,alias:msg"`

	RoomID   uuid.UUID  `bun:",pk,type:uuid" json:"-"` // on the bus: that of the notice
	Position int64      `bun:",pk" json:"p"`           // 1, 2, 3 …: its place in the room, dense, never used twice
	Revision int64      `json:"-"`                     // of its last change; on the bus: that of the notice
	AuthorID int64      `json:"a"`
	Author   *User      `bun:"rel:belongs-to,join:author_id=id" json:"u,omitempty"` // always filled by this package
	Body     string     `json:"b,omitzero"`                                         // as written; empty once deleted
	PostedAt time.Time  `json:"at"`
	EditedAt *time.Time `json:"e,omitempty"`
	// DeletedAt makes it a tombstone.
	DeletedAt *time.Time `json:"d,omitempty"`
	// Key is the client's idempotency key, unique for author and room; nil without one.
	Key *string `json:"k,omitempty"`
	// Continues is true when the message before it is by the same author and less than GroupWithin old:
	// pages show no second header then. Decided once, when it is posted.
	Continues bool `json:"c,omitzero"`
	// PreviousAt is when the message before it was posted, so that every audience knows whether a new day begins; nil for the first.
	PreviousAt *time.Time `json:"pr,omitempty"`
	// Kind says what Body is.
	Kind MessageKind `bun:",nullzero,default:'text'" json:"ki,omitzero"`
}

// MessageKind says what a message is.
type MessageKind string

const (
	MessageText  MessageKind = "text"  // written by its author
	MessageEvent MessageKind = "event" // tells what its author did to the room
)

// newMessage is a post as a message that follows another one; nil: it is the first of the room.
// Position and Revision are left to the caller.
func newMessage(p *post, author *User, at time.Time, previous *Message) *Message {
	m := &Message{RoomID: p.room, AuthorID: author.ID, Author: author, Kind: MessageText, Body: p.body, PostedAt: at}
	if p.key != "" {
		m.Key = &p.key
	}
	if previous != nil {
		m.PreviousAt = &previous.PostedAt
		m.Continues = previous.AuthorID == author.ID && at.Sub(previous.PostedAt) < GroupWithin
	}
	return m
}

// GroupWithin is how close in time messages of one author share a header.
const GroupWithin = 5 * time.Minute

// Window names a stretch of history by position. Of Before, After and Around at most one is set; with none it is the newest.
type Window struct {
	Before, After, Around int64
	Limit                 int
}

// MessagePage is a stretch of history, oldest first.
type MessagePage struct {
	Messages []*Message
	// Older and Newer tell whether there is more on that side.
	Older, Newer bool
	// Revision is the room's revision the page is at least as new as: a stream opened after it misses nothing.
	Revision int64
}

// defaultLimit is the size of a page whose limit is not given.
const defaultLimit = 50

// EditMessage replaces the body; the author may, and administrators who are members. Editing to the same text changes nothing.
// Errors: ErrNotFound, ErrForbidden, ErrConflict when it is deleted.
func (s *Store) EditMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64, body string) (*Message, error) {
	return s.reviseMessage(ctx, viewer, room, position, func(c *change, m *Message) (bool, error) {
		if m.DeletedAt != nil {
			return false, ErrConflict
		}
		if m.Body == body {
			return false, nil
		}
		m.Body, m.EditedAt = body, &c.at
		return true, nil
	})
}

// DeleteMessage leaves a tombstone: the body is gone; place and author stay, and the key, so that a late retry of the post posts nothing.
// Deleting twice is no error.
// Errors: ErrNotFound, ErrForbidden.
func (s *Store) DeleteMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64) (*Message, error) {
	return s.reviseMessage(ctx, viewer, room, position, func(c *change, m *Message) (bool, error) {
		if m.DeletedAt != nil {
			return false, nil
		}
		m.Body, m.DeletedAt = "", &c.at
		return true, nil
	})
}

// reviseMessage changes a message of which the viewer is the author, or as an administrator, under the room's next revision.
// revise tells whether anything changed.
func (s *Store) reviseMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64,
	revise func(*change, *Message) (bool, error)) (*Message, error) {
	var m *Message
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if m, err = message(ctx, c, room, position); err != nil {
			return err
		}
		if m.AuthorID != viewer.ID && viewer.Role != RoleAdministrator {
			return ErrForbidden
		}
		changed, err := revise(c, m)
		if err != nil || !changed {
			return err
		}
		return storeRevision(ctx, c, r, m)
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// storeRevision stores a changed message of a locked room.
func storeRevision(ctx context.Context, c *change, r *Room, m *Message) error {
	r.Revision++
	m.Revision = r.Revision
	_, err := c.NewUpdate().Model(m).Column("revision", "body", "edited_at", "deleted_at").WherePK().Exec(ctx)
	if err != nil {
		return err
	}
	if _, err := c.NewUpdate().Model(r).Column("revision").WherePK().Exec(ctx); err != nil {
		return err
	}
	c.tell(Notice{Room: r.ID, Revision: m.Revision, Message: m})
	return nil
}

// Message returns one message. Errors: ErrNotFound.
func (s *Store) Message(ctx context.Context, viewer *User, room uuid.UUID, position int64) (*Message, error) {
	return message(ctx, s.read, room, position, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("EXISTS (SELECT 1 FROM users_on_room AS m WHERE m.room_id = msg.room_id AND m.user_id = ?)", viewer.ID)
	})
}

// message reads one message with its author. Errors: ErrNotFound.
func message(ctx context.Context, db bun.IDB, room uuid.UUID, position int64,
	narrow ...func(*bun.SelectQuery) *bun.SelectQuery) (*Message, error) {
	m := new(Message)
	err := db.NewSelect().Model(m).Relation("Author", withoutPassword).
		Where("msg.room_id = ?", room).Where("msg.position = ?", position).Apply(narrow...).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return m, nil
}
