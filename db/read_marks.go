package db

import (
	"context"

	"github.com/google/uuid"
)

// MaxCountedReaders is how many members a room has at most where everybody sees who has read what.
const MaxCountedReaders = 50

// MemberMark is how far a member of a room has read.
type MemberMark struct {
	UserID   int64 `bun:"user_id"`
	Position int64 `bun:"read_position"`
}

// MemberMarks returns how far the members of a room have read, by id, without those who hide it or
// are deactivated; nil where the room has more than MaxCountedReaders members, or hides it. It does
// not check who reads.
func (s *Store) MemberMarks(ctx context.Context, room uuid.UUID) ([]MemberMark, error) {
	var marks []MemberMark
	err := s.read.NewSelect().TableExpr("users_on_room AS m").Column("m.user_id", "m.read_position").
		Join("JOIN rooms AS r ON r.id = m.room_id AND NOT r.hides_reads AND r.members <= ?", MaxCountedReaders).
		Join("JOIN users AS u ON u.id = m.user_id AND NOT u.hides_reads AND u.deactivated_at IS NULL").
		Where("m.room_id = ?", room).Order("m.user_id").Scan(ctx, &marks)
	return marks, translate(err)
}

// Unread returns the ids of those who have not read a message of the room, its author apart.
func Unread(marks []MemberMark, m *Message) (ids []int64) {
	for _, mark := range marks {
		if mark.Position < m.Position && mark.UserID != m.AuthorID {
			ids = append(ids, mark.UserID)
		}
	}
	return ids
}

// tellMarks tells the rooms of somebody that what is known of its read marks has changed.
func tellMarks(ctx context.Context, c *change, user int64) error {
	var rooms []uuid.UUID
	err := c.NewSelect().Model((*UsersOnRoom)(nil)).Column("room_id").Where("m.user_id = ?", user).Scan(ctx, &rooms)
	for _, room := range rooms {
		c.tell(Notice{Read: &ReadMark{UserID: user, Room: room}})
	}
	return err
}
