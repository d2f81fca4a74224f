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

	RoomID   uuid.UUID `bun:",pk,type:uuid" json:"-"` // on the bus: that of the notice
	Position int64     `bun:",pk" json:"p"`           // 1, 2, 3 …: its place in the room, dense, never used twice
	Revision int64     `json:"-"`                     // of its last change; on the bus: that of the notice
	AuthorID int64     `json:"a"`
	Author   *User     `bun:"rel:belongs-to,join:author_id=id" json:"u,omitempty"` // always filled by this package
	// Subject is whom the message names beside its author: who deleted it, who was added or put
	// out; nil where that is nobody. This package fills it as it fills Author.
	Subject  *User      `bun:"-" json:"s,omitempty"`
	Body     string     `json:"b,omitzero"` // as written; empty once deleted
	PostedAt time.Time  `json:"at"`
	EditedAt *time.Time `json:"e,omitempty"`
	// DeletedAt is set for a deleted message, which keeps its place.
	DeletedAt *time.Time `json:"d,omitempty"`
	// DeletedBy and DeletedByName are who deleted it, under the display name of that time, where
	// that was not its author. Deleter is the present name.
	DeletedBy     *int64 `json:"db,omitempty"`
	DeletedByName string `json:"dn,omitzero"`
	// Key is the client's idempotency key, unique for author and room; nil without one.
	Key *string `json:"k,omitempty"`
	// Continues is true when the message before is by the same author and less than GroupWithin
	// older, so that pages show one header for both. It is decided when the message is posted.
	Continues bool `json:"c,omitzero"`
	// PreviousAt is when the message before was posted, so that everybody knows whether a new day
	// begins; nil for the first message of a room.
	PreviousAt *time.Time `json:"pr,omitempty"`
	// Mentions is whom it mentions; nil where that was not resolved when it was posted.
	Mentions *UserIDs `json:"me,omitempty"`
	// MentionSpans is which parts of Body mention them; empty where that was not kept when it was
	// posted.
	MentionSpans MentionSpans `json:"ms,omitzero"`
	// Reactions is who reacted with what; empty once deleted.
	Reactions Reactions `json:"rx,omitzero"`
	// ReplyTo is the position of the message that it answers; nil where it answers none, and once
	// deleted. Quoted is that message; this package fills it as it fills Author.
	ReplyTo *int64 `json:"rt,omitempty"`
	Quoted  *Quote `bun:"-" json:"q,omitempty"`
	// Files is its files; empty once deleted.
	Files FileList `json:"fi,omitzero"`
	// ForwardedFrom is under which name somebody wrote it in another room; empty where it was not
	// forwarded, and once deleted.
	ForwardedFrom string `json:"fw,omitzero"`
	// PinnedAt is set for a message that the room keeps at hand.
	PinnedAt *time.Time `json:"pi,omitempty"`
	// Kind says what Body is.
	Kind MessageKind `bun:",nullzero,default:'text'" json:"ki,omitzero"`
	// TextPosition is, of an event, the position of the newest text before it, which lists of rooms
	// show as the newest line; 0: there is none. It is nil for a text.
	TextPosition *int64 `json:"tp,omitempty"`
}

// MessageKind says what a message is.
type MessageKind string

const (
	MessageText  MessageKind = "text"  // written by its author
	MessageEvent MessageKind = "event" // tells what its author did to the room, see Event
)

// newMessage returns a post as the message that follows previous; nil: it is the first of the room.
// The caller sets Position and Revision.
func newMessage(p *post, author *User, at time.Time, previous *Message) *Message {
	m := &Message{RoomID: p.room, AuthorID: author.ID, Author: author, Kind: MessageText, Body: p.Body, PostedAt: at,
		ForwardedFrom: p.ForwardedFrom}
	if p.Key != "" {
		m.Key = &p.Key
	}
	if p.ReplyTo != 0 {
		m.ReplyTo = &p.ReplyTo
	}
	if previous != nil {
		m.PreviousAt = &previous.PostedAt
		m.Continues = previous.AuthorID == author.ID && at.Sub(previous.PostedAt).Abs() < GroupWithin
	}
	return m
}

// clockSlack is how far the clocks of processes may differ.
const clockSlack = 5 * time.Minute

// notBefore returns the time of a message that follows one of a time: within a room time does not
// go back, unless the message before is from a future that a wrong clock has made.
func notBefore(previous, now time.Time) time.Time {
	if previous.After(now) && previous.Sub(now) <= clockSlack {
		return previous
	}
	return now
}

// GroupWithin is the time within which messages of one author share a header.
const GroupWithin = 5 * time.Minute

// Window chooses a page of history by position. At most one of Before, After, Around and First is
// set; with none it is the newest page. Limit is the greatest number of messages; 0: 50. A page has
// fewer where their bodies have more than PageBytes together: those that are left out are the ones
// farthest from where the page begins, which its Older and Newer tell.
type Window struct {
	Before, After, Around int64
	First                 bool // the page begins with the first message of the room
	Limit                 int
}

// PageBytes bounds the bodies of the messages on a page of history together, in bytes. It has room
// for six of the longest.
const PageBytes = 256 << 10

// MessagePage is a page of history, oldest message first.
type MessagePage struct {
	Messages []*Message
	// Older and Newer report whether there are more messages on that side.
	Older, Newer bool
	// Revision is the room's revision the page is at least as new as: a stream opened after it
	// misses nothing.
	Revision int64
}

// defaultLimit is the size of a page whose limit is not given.
const defaultLimit = 50

// EditMessage replaces the body of a message and returns it. Its author alone may do that. The same
// body changes nothing. Errors: ErrNotFound, ErrForbidden; ErrConflict when it is deleted;
// ErrArchived.
func (s *Store) EditMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64, body string) (*Message, error) {
	return s.reviseMessage(ctx, viewer, room, position, func(c *change, r *Room, m *Message) (bool, error) {
		if m.AuthorID != viewer.ID {
			return false, ErrForbidden
		}
		if r.ArchivedAt != nil {
			return false, ErrArchived
		}
		if m.DeletedAt != nil {
			return false, ErrConflict
		}
		if m.Body == body {
			return false, nil
		}
		calls, err := readCalls(ctx, c, []uuid.UUID{room}, []string{body})
		if err != nil {
			return false, err
		}
		m.Body, m.EditedAt = body, &c.at
		m.mention(calls)
		return true, nil
	})
}

// DeleteMessage removes the body of a message and returns it. Position and author stay, and the
// key, so that a late retry of the post posts nothing. Its author may do that, and who moderates
// the room, whose name stays with it. Deleting twice is no error. Errors: ErrNotFound,
// ErrForbidden.
func (s *Store) DeleteMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64) (*Message, error) {
	return s.reviseMessage(ctx, viewer, room, position, func(c *change, r *Room, m *Message) (bool, error) {
		if m.AuthorID != viewer.ID && !r.ModeratedBy(viewer) {
			return false, ErrForbidden
		}
		if m.DeletedAt != nil {
			return false, nil
		}
		m.Body, m.DeletedAt, m.Mentions, m.MentionSpans = "", &c.at, new(UserIDs), ""
		if err := deleteFiles(ctx, c, m); err != nil {
			return false, err
		}
		m.Reactions, m.ReplyTo, m.Quoted, m.Files, m.PinnedAt, m.ForwardedFrom = "", nil, nil, "", nil, ""
		if m.AuthorID != viewer.ID {
			m.DeletedBy, m.DeletedByName = &viewer.ID, viewer.DisplayName
		}
		if err := deleteReactions(ctx, c, m); err != nil {
			return false, err
		}
		return true, readSubjects(ctx, c, m)
	})
}

// reviseMessage changes a message of a room that the viewer is in under the room's next revision.
// revise decides whether the viewer may, and reports whether it changed anything. Nobody may change
// an event. Errors: ErrNotFound, ErrForbidden, those of revise.
func (s *Store) reviseMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64,
	revise func(*change, *Room, *Message) (bool, error)) (*Message, error) {
	var m *Message
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if m, err = message(ctx, c, room, position); err != nil {
			return err
		}
		if m.Kind == MessageEvent {
			return ErrForbidden
		}
		changed, err := revise(c, r, m)
		if err != nil || !changed {
			return err
		}
		if err := storeRevision(ctx, c, r, m); err != nil {
			return err
		}
		if err := reviseActivities(ctx, c, m); err != nil {
			return err
		}
		if err := reviseAnswers(ctx, c, r, m); err != nil || m.PinnedAt == nil && r.Pins == 0 {
			return err
		}
		return countPins(ctx, c, r)
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// storeRevision stores a changed message of a locked room, whose revision it raises.
func storeRevision(ctx context.Context, c *change, r *Room, m *Message) error {
	r.Revision++
	m.Revision = r.Revision
	_, err := c.NewUpdate().Model(m).Column("revision", "body", "edited_at", "deleted_at", "deleted_by", "deleted_by_name", "mentions", "mention_spans", "reactions", "reply_to", "files", "pinned_at", "forwarded_from").WherePK().Exec(ctx)
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

// message reads one message with its author; narrow adds conditions. Errors: ErrNotFound.
func message(ctx context.Context, db bun.IDB, room uuid.UUID, position int64,
	narrow ...func(*bun.SelectQuery) *bun.SelectQuery) (*Message, error) {
	m := new(Message)
	err := db.NewSelect().Model(m).Relation("Author", withoutPassword).
		Where("msg.room_id = ?", room).Where("msg.position = ?", position).Apply(narrow...).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return m, readReferences(ctx, db, m)
}
