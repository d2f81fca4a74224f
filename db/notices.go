package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Notice says what a commit changed. Fields that do not apply are zero: a notice may have a room
// with its new state, users, ended rights, or several of them. The json tags are for package bus.
type Notice struct {
	// Room and Revision name a change of a room; exactly one of Message and Changed is its new
	// state.
	Room     uuid.UUID `json:"r,omitzero"`
	Revision int64     `json:"v,omitzero"`
	Message  *Message  `json:"m,omitempty"`
	Changed  *Room     `json:"c,omitempty"`
	// Users are those whose list of rooms has other rooms than before.
	Users []int64 `json:"u,omitempty"`
	// Read is a read mark that moved; nil: none did.
	Read *ReadMark `json:"rm,omitempty"`
	// Ended are rights that ended: their streams must end too.
	Ended []Right `json:"e,omitempty"`
}

// ReadMark names how far a user has read in a room. It says that the mark moved and not where to:
// marks of one user may be published out of order.
type ReadMark struct {
	UserID int64     `json:"u"`
	Room   uuid.UUID `json:"r"`
}

// Right is what entitles a stream to be open. Zero fields match everything: {UserID: 3} is all of
// user 3's, {UserID: 3, Room: r} its streams of that room, {Session: s} those of one browser,
// {Token: 5} those of one token. {UserID: 3, Epoch: 8} is every session of user 3 older than epoch
// 8; tokens have no epoch and stay.
type Right struct {
	UserID  int64     `json:"u,omitzero"`
	Room    uuid.UUID `json:"r,omitzero"`
	Session string    `json:"s,omitzero"`
	Token   int64     `json:"t,omitzero"`
	Epoch   int64     `json:"e,omitzero"`
}

// OnCommit sets the function that gets the notices of every commit: after it is durable and before
// the method that wrote returns, once for a commit, those of one room in the order of their
// revisions. f must not block, and must not change the notices, which others read. OnCommit has to
// be called before the first write.
func (s *Store) OnCommit(f func([]Notice)) { s.committed = f }

// RoomChanges is what changed in a room after a revision: present states, each message once, in the
// order of their revisions.
type RoomChanges struct {
	// Revision is how far this goes; with More, call again after it.
	Revision int64
	Messages []*Message
	// Room is the room's present state when the room itself changed; nil otherwise. It comes in the
	// order of Room.RoomRevision.
	Room *Room
	More bool
	// Head is the room's newest revision at the time of reading.
	Head int64
}

// Changes reads what changed in a room after a revision, at most limit messages. It does not check
// who reads, which the live hub does when a stream opens. Errors: ErrNotFound.
func (s *Store) Changes(ctx context.Context, room uuid.UUID, after int64, limit int) (*RoomChanges, error) {
	var rows []*changeRow
	err := s.read.NewRaw(changesSQL, room, room, after, limit+1).Scan(ctx, &rows)
	if err != nil {
		return nil, translate(err)
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	r := rows[0].Room
	result := &RoomChanges{Revision: r.Revision, Head: r.Revision, Messages: []*Message{}}
	for i, row := range rows {
		switch {
		case row.Message.Position == 0: // nothing but the room
		case i == limit:
			result.More = true
			result.Revision = rows[i-1].Message.Revision
		default:
			result.Messages = append(result.Messages, &row.Message)
		}
	}
	if after < r.RoomRevision && r.RoomRevision <= result.Revision {
		result.Room = r
	}
	return result, readReferences(ctx, s.read, result.Messages...)
}

// changeRow is a changed message beside its room. Its Position is 0 when no message changed.
type changeRow struct {
	Message `bun:",extend"`
	Room    *Room `bun:"rel:belongs-to,join:room_id=id"`
}

// changesSQL reads a room and its changed messages in the same state of the database.
const changesSQL = `SELECT ?messageColumns, ?authorColumns, ?roomColumns
FROM (SELECT * FROM rooms WHERE id = ?) AS r
LEFT JOIN (SELECT * FROM messages WHERE room_id = ? AND revision > ? ORDER BY revision LIMIT ?) AS msg ON TRUE
LEFT JOIN users AS author ON author.id = msg.author_id
ORDER BY msg.revision`

// Head returns a room's newest revision. Errors: ErrNotFound.
func (s *Store) Head(ctx context.Context, room uuid.UUID) (int64, error) {
	var head int64
	err := s.read.NewSelect().Model((*Room)(nil)).Column("revision").Where("id = ?", room).Scan(ctx, &head)
	return head, translate(err)
}

// MembershipsOf lists the memberships of some users in rooms that are not archived, in no order.
func (s *Store) MembershipsOf(ctx context.Context, users []int64) ([]*UsersOnRoom, error) {
	memberships := []*UsersOnRoom{}
	err := s.read.NewSelect().Model(&memberships).Where("user_id IN (?)", bun.List(users)).Where(notArchived).Scan(ctx)
	return memberships, translate(err)
}

// RoomIDsOf lists all rooms that a user is in, archived ones excepted, in no order.
func (s *Store) RoomIDsOf(ctx context.Context, userID int64) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	err := s.read.NewSelect().Model((*UsersOnRoom)(nil)).Column("room_id").Where("user_id = ?", userID).
		Where(notArchived).Scan(ctx, &ids)
	return ids, translate(err)
}

// notArchived chooses the memberships in rooms that are not archived.
const notArchived = "EXISTS (SELECT 1 FROM rooms AS r WHERE r.id = m.room_id AND r.archived_at IS NULL)"
