package db

import (
	"context"

	"github.com/google/uuid"
)

// UnreadStretch is what a member has not read of a room.
type UnreadStretch struct {
	First int64 // position of the first unread message; 0: everything is read
	Count int   // at most StretchBound
}

// StretchBound is where UnreadStretch stops counting.
const StretchBound = 10_000

// stretchSQL reads a stretch along the primary key.
const stretchSQL = `SELECT coalesce(min(position), 0) AS first, count(*) AS count FROM (SELECT position FROM messages
	WHERE room_id = ? AND position > ? AND author_id <> ? AND deleted_at IS NULL AND kind = 'text' ORDER BY position LIMIT ?) AS counted`

// UnreadStretch returns what the viewer has not read of a room that the viewer is in.
func (s *Store) UnreadStretch(ctx context.Context, viewer *User, room *RoomView) (UnreadStretch, error) {
	if room.Unread == 0 {
		return UnreadStretch{}, nil
	}
	key := stretchKey{viewer.ID, room.ID, room.ReadPosition}
	return cached(ctx, s, key, func(ctx context.Context, r *Reads) (u UnreadStretch, err error) {
		r.dependsOn(ownRoomTag(viewer.ID, room.ID), readMarkTag(viewer.ID, room.ID))
		err = s.read.NewRaw(stretchSQL, room.ID, room.ReadPosition, viewer.ID, StretchBound).Scan(ctx, &u.First, &u.Count)
		return u, translate(err)
	})
}

// stretchKey names what a user who has read up to a position has not read of a room.
type stretchKey struct {
	viewer int64
	room   uuid.UUID
	read   int64
}

// MarkUnread moves the viewer's read mark back before a position, never forward, and returns the
// room as it is then. Errors: ErrNotFound.
func (s *Store) MarkUnread(ctx context.Context, viewer *User, room uuid.UUID, position int64) (view *RoomView, err error) {
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		moved, err := affected(c.NewUpdate().Model((*UsersOnRoom)(nil)).Set("read_position = ?", position-1).
			Where("m.room_id = ?", room).Where("m.user_id = ?", viewer.ID).Where("m.read_position >= ?", position).Exec(ctx))
		if err != nil {
			return err
		}
		if moved {
			c.invalidate(readMarkTag(viewer.ID, room))
			c.tell(Notice{Read: &ReadMark{viewer.ID, room}})
		}
		view, err = roomView(ctx, c, viewer.ID, room)
		return err
	})
	return view, err
}
