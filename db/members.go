package db

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// UsersOnRoom is a user's membership in a room.
type UsersOnRoom struct {
	bun.BaseModel `bun:"table:users_on_room,alias:m"`

	RoomID       uuid.UUID `bun:",pk,type:uuid"`
	UserID       int64     `bun:",pk"`
	JoinedAt     time.Time
	ReadPosition int64
	// Notify is the notification level; the house knows only "all" yet.
	Notify string
}

// notifyAll is the notification level a membership begins with.
const notifyAll = "all"

// Members lists the people of a room the viewer is in, by the time they joined, after the one with id after, at most limit.
// Errors: ErrNotFound.
func (s *Store) Members(ctx context.Context, viewer *User, room uuid.UUID, after int64, limit int) ([]*User, error) {
	users := []*User{}
	err := s.snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		member, err := isMember(ctx, tx, room, viewer.ID)
		if err != nil {
			return err
		}
		if !member {
			return ErrNotFound
		}
		q := tx.NewSelect().Model(&users).Apply(withoutPassword).
			Join("JOIN users_on_room AS m ON m.user_id = u.id").Where("m.room_id = ?", room).
			Where("u.deactivated_at IS NULL").OrderExpr("m.joined_at, m.user_id").Limit(int64(limit))
		if after != 0 {
			q.Where("(m.joined_at, m.user_id) > (SELECT joined_at, user_id FROM users_on_room WHERE room_id = ? AND user_id = ?)", room, after)
		}
		return q.Scan(ctx)
	})
	return users, err
}

// LeaveRoom ends the viewer's membership and cuts its streams. A direct room cannot be left (ErrForbidden). Errors: ErrNotFound.
func (s *Store) LeaveRoom(ctx context.Context, viewer *User, room uuid.UUID) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if r.Kind == KindDirect {
			return ErrForbidden
		}
		return removeMember(ctx, c, r, viewer.ID)
	})
}

// AddMember lets a member bring a person into an open or private room; somebody already in stays as it is.
// Errors: ErrNotFound for the room; *InvalidError{"user": UnknownUser} for the person; ErrForbidden in a direct room.
func (s *Store) AddMember(ctx context.Context, viewer *User, room uuid.UUID, userID int64) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if r.Kind == KindDirect {
			return ErrForbidden
		}
		u, err := person(ctx, c, userID)
		if errors.Is(err, ErrNotFound) || err == nil && u.DeactivatedAt != nil {
			return &InvalidError{Fields: map[string]string{"user": UnknownUser}}
		}
		if err != nil {
			return err
		}
		_, err = addMember(ctx, c, r, userID)
		return err
	})
}

// RemoveMember lets a room's creator or an administrator who is a member put somebody out. Its streams of the room end.
// Errors: ErrNotFound, ErrForbidden.
func (s *Store) RemoveMember(ctx context.Context, viewer *User, room uuid.UUID, userID int64) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if r.Kind == KindDirect || r.CreatedBy != viewer.ID && viewer.Role != RoleAdministrator {
			return ErrForbidden
		}
		return removeMember(ctx, c, r, userID)
	})
}

// MarkRead moves the viewer's read mark forward to position (never back, never past the newest message)
// and returns the room as it is then. Errors: ErrNotFound.
func (s *Store) MarkRead(ctx context.Context, viewer *User, room uuid.UUID, position int64) (*RoomView, error) {
	view, err := s.Room(ctx, viewer, room)
	if err != nil || min(position, view.LastPosition) <= view.ReadPosition {
		return view, err
	}
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		moved, err := affected(c.NewUpdate().Model((*UsersOnRoom)(nil)).
			Set("read_position = (SELECT CASE WHEN r.last_position < ? THEN r.last_position ELSE ? END FROM rooms AS r WHERE r.id = m.room_id)",
				position, position).
			Where("m.room_id = ?", room).Where("m.user_id = ?", viewer.ID).Where("m.read_position < ?", position).Exec(ctx))
		if err != nil {
			return err
		}
		if moved {
			c.invalidate(readMarkTag(viewer.ID, room))
			c.tell(Notice{Users: []int64{viewer.ID}})
		}
		view, err = roomView(ctx, c, viewer.ID, room)
		return err
	})
	return view, err
}

// CheckMember asks no more than whether the viewer is in a room, which costs the same however many are. Errors: ErrNotFound.
func (s *Store) CheckMember(ctx context.Context, viewer *User, room uuid.UUID) error {
	member, err := isMember(ctx, s.read, room, viewer.ID)
	if err == nil && !member {
		return ErrNotFound
	}
	return translate(err)
}

// isMember tells whether a user is in a room.
func isMember(ctx context.Context, db bun.IDB, room uuid.UUID, userID int64) (bool, error) {
	return db.NewSelect().Model((*UsersOnRoom)(nil)).Where("m.room_id = ?", room).Where("m.user_id = ?", userID).Exists(ctx)
}

// addMember brings a user into a locked room, unless it is in already: then nothing changes and nothing is told.
func addMember(ctx context.Context, c *change, r *Room, userID int64) (joined bool, err error) {
	joined, err = insertMember(ctx, c, r, userID)
	if err != nil || !joined {
		return false, err
	}
	return true, changeRoom(ctx, c, r, Notice{Users: []int64{userID}})
}

// insertMember stores a membership that has read all there is.
func insertMember(ctx context.Context, c *change, r *Room, userID int64) (fresh bool, err error) {
	m := &UsersOnRoom{RoomID: r.ID, UserID: userID, JoinedAt: c.at, ReadPosition: r.LastPosition, Notify: notifyAll}
	return affected(c.NewInsert().Model(m).On("CONFLICT (room_id, user_id) DO NOTHING").Exec(ctx))
}

// removeMember takes a user out of a locked room. Errors: ErrNotFound when it is not in.
func removeMember(ctx context.Context, c *change, r *Room, userID int64) error {
	res, err := c.NewDelete().Model((*UsersOnRoom)(nil)).Where("room_id = ?", r.ID).Where("user_id = ?", userID).Exec(ctx)
	if err := needed(res, err); err != nil {
		return err
	}
	return changeRoom(ctx, c, r, Notice{Users: []int64{userID}, Ended: []Right{{UserID: userID, Room: r.ID}}})
}
