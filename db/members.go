package db

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// UsersOnRoom is the membership of a user in a room.
type UsersOnRoom struct {
	bun.BaseModel `bun:"table:users_on_room,alias:m"`

	RoomID       uuid.UUID `bun:",pk,type:uuid"`
	UserID       int64     `bun:",pk"`
	JoinedAt     time.Time
	ReadPosition int64
	// Notify is the notification level. Every membership has "all"; the column is there for levels
	// to come.
	Notify string
	// Favourite: the room stands on top of the user's list.
	Favourite bool
	// ActivitySeen is the revision up to which the user has seen what concerns it in the room.
	ActivitySeen int64
}

// notifyAll is the notification level of a new membership.
const notifyAll = "all"

// Members lists the active people of a room that the viewer is in, in the order in which they
// joined, after the one with the id after (0: from the start), at most limit. Errors: ErrNotFound.
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
			q.Where(`(m.joined_at, m.user_id) > (SELECT joined_at, user_id FROM users_on_room
				WHERE room_id = ? AND user_id = ?)`, room, after)
		}
		return q.Scan(ctx)
	})
	return users, err
}

// LeaveRoom ends the viewer's membership and its streams of the room. Errors: ErrNotFound;
// ErrForbidden in a direct room.
func (s *Store) LeaveRoom(ctx context.Context, viewer *User, room uuid.UUID) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if r.Kind == KindDirect {
			return ErrForbidden
		}
		if err := leave(ctx, c, r, viewer); err != nil {
			return err
		}
		return archiveEmpty(ctx, c, r, viewer)
	})
}

// AddMember lets a member add a person to an open or private room. Who is a member stays one. Who
// was put out is let in again by those who may put out. Errors: ErrNotFound for the room;
// *InvalidError{"user": UnknownUser} or {"user": BannedUser} for the person; ErrForbidden in a
// direct room; ErrArchived.
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
		return addOther(ctx, c, r, viewer, u)
	})
}

// RemoveMember ends the membership of a user and its streams of the room, and bans the user from
// it: it does not come back until somebody who may put out adds it. A room's creator may do that,
// and administrators who are members. Errors: ErrNotFound; ErrForbidden, also in a direct room.
func (s *Store) RemoveMember(ctx context.Context, viewer *User, room uuid.UUID, userID int64) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, room)
		if err != nil {
			return err
		}
		if !r.ModeratedBy(viewer) {
			return ErrForbidden
		}
		return removeOther(ctx, c, r, viewer, userID)
	})
}

// MarkRead moves the viewer's read mark forward to a position, never back and never past the newest
// message, and returns the room as it is then. Errors: ErrNotFound.
func (s *Store) MarkRead(ctx context.Context, viewer *User, room uuid.UUID, position int64) (*RoomView, error) {
	view, err := s.Room(ctx, viewer, room)
	if err != nil || min(position, view.LastPosition) <= view.ReadPosition {
		return view, err
	}
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		moved, err := affected(c.NewUpdate().Model((*UsersOnRoom)(nil)).
			Set(`read_position = (SELECT CASE WHEN r.last_position < ? THEN r.last_position ELSE ? END
				FROM rooms AS r WHERE r.id = m.room_id)`, position, position).
			Where("m.room_id = ?", room).Where("m.user_id = ?", viewer.ID).Where("m.read_position < ?", position).Exec(ctx))
		if err != nil {
			return err
		}
		if moved {
			c.tell(Notice{Read: &ReadMark{viewer.ID, room}})
		}
		view, err = roomView(ctx, c, viewer.ID, room)
		return err
	})
	return view, err
}

// SetFavourite puts a room on top of the viewer's list of rooms, or back among the others, and
// returns the room as it is then. Errors: ErrNotFound.
func (s *Store) SetFavourite(ctx context.Context, viewer *User, room uuid.UUID, favourite bool) (*RoomView, error) {
	var view *RoomView
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		changed, err := affected(c.NewUpdate().Model((*UsersOnRoom)(nil)).Set("favourite = ?", favourite).
			Where("m.room_id = ?", room).Where("m.user_id = ?", viewer.ID).Where("m.favourite <> ?", favourite).Exec(ctx))
		if err != nil {
			return err
		}
		if changed {
			c.invalidate(readMarkTag(viewer.ID, room)) // a tag of what the member alone sees of the room
			c.tell(Notice{Users: []int64{viewer.ID}})
		}
		view, err = roomView(ctx, c, viewer.ID, room)
		return err
	})
	return view, err
}

// CheckMember returns ErrNotFound unless the viewer is in a room. Its cost does not depend on the
// number of members.
func (s *Store) CheckMember(ctx context.Context, viewer *User, room uuid.UUID) error {
	member, err := isMember(ctx, s.read, room, viewer.ID)
	if err == nil && !member {
		return ErrNotFound
	}
	return translate(err)
}

// isMember reports whether a user is in a room.
func isMember(ctx context.Context, db bun.IDB, room uuid.UUID, userID int64) (bool, error) {
	return db.NewSelect().Model((*UsersOnRoom)(nil)).Where("m.room_id = ?", room).Where("m.user_id = ?", userID).Exists(ctx)
}

// join adds a user to a locked room and reports whether it joined. A member stays one: nothing
// changes and no notice is published. Errors: ErrArchived; ErrBanned.
func join(ctx context.Context, c *change, r *Room, u *User) (joined bool, err error) {
	banned, err := isBanned(ctx, c, r.ID, u.ID)
	if err != nil {
		return false, err
	}
	if banned {
		return false, ErrBanned
	}
	joined, err = addMember(ctx, c, r, u.ID)
	if err != nil || !joined {
		return false, err
	}
	return true, addEvent(ctx, c, r, u, Event{Type: EventJoined})
}

// addOther adds a person to a locked room by a member, which lifts a bar where that member may.
// Errors: ErrArchived; *InvalidError{"user": BannedUser}.
func addOther(ctx context.Context, c *change, r *Room, by, u *User) error {
	banned, err := isBanned(ctx, c, r.ID, u.ID)
	if err != nil {
		return err
	}
	if banned && !r.ModeratedBy(by) {
		return &InvalidError{Fields: map[string]string{"user": BannedUser}}
	}
	if banned {
		if err := unban(ctx, c, r.ID, u.ID); err != nil {
			return err
		}
	}
	added, err := addMember(ctx, c, r, u.ID)
	if err != nil || !added {
		return err
	}
	return addEvent(ctx, c, r, by, Event{Type: EventAdded, UserID: u.ID, UserName: u.DisplayName})
}

// removeOther puts a member out of a locked room and bans it there. Somebody who removes itself
// just leaves. Errors: ErrNotFound.
func removeOther(ctx context.Context, c *change, r *Room, by *User, userID int64) error {
	if userID == by.ID {
		return leave(ctx, c, r, by)
	}
	u, err := person(ctx, c, userID)
	if err != nil {
		return err
	}
	if err := removeMember(ctx, c, r, userID); err != nil {
		return err
	}
	if err := ban(ctx, c, r.ID, userID, by.ID); err != nil {
		return err
	}
	return addEvent(ctx, c, r, by, Event{Type: EventRemoved, UserID: u.ID, UserName: u.DisplayName})
}

// leave ends a user's own membership in a locked room. Errors: ErrNotFound.
func leave(ctx context.Context, c *change, r *Room, u *User) error {
	if err := removeMember(ctx, c, r, u.ID); err != nil {
		return err
	}
	return addEvent(ctx, c, r, u, Event{Type: EventLeft})
}

// addMember stores a membership in a locked room and reports whether it is new. The caller adds the
// event that says so, which the new member has read. Errors: ErrArchived.
func addMember(ctx context.Context, c *change, r *Room, userID int64) (added bool, err error) {
	if r.ArchivedAt != nil {
		return false, ErrArchived
	}
	added, err = insertMember(ctx, c, r, userID, r.LastPosition+1)
	if err != nil || !added {
		return false, err
	}
	if err := membersChanged(ctx, c, r); err != nil {
		return false, err
	}
	return true, changeRoom(ctx, c, r, Notice{Users: []int64{userID}})
}

// insertMember stores a membership that has read up to a position, and reports whether it is new.
func insertMember(ctx context.Context, c *change, r *Room, userID, read int64) (fresh bool, err error) {
	m := &UsersOnRoom{RoomID: r.ID, UserID: userID, JoinedAt: c.at, ReadPosition: read, Notify: notifyAll}
	return affected(c.NewInsert().Model(m).On("CONFLICT (room_id, user_id) DO NOTHING").Exec(ctx))
}

// removeMember ends a membership in a locked room. Errors: ErrNotFound.
func removeMember(ctx context.Context, c *change, r *Room, userID int64) error {
	res, err := c.NewDelete().Model((*UsersOnRoom)(nil)).Where("room_id = ?", r.ID).Where("user_id = ?", userID).Exec(ctx)
	if err := mustAffect(res, err); err != nil {
		return err
	}
	if err := membersChanged(ctx, c, r); err != nil {
		return err
	}
	return changeRoom(ctx, c, r, Notice{Users: []int64{userID}, Ended: []Right{{UserID: userID, Room: r.ID}}})
}
