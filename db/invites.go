package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// MaxInvites is how many links that work one person may have into one room, or to the service.
const MaxInvites = 50

// ErrTooManyInvites is the conflict with MaxInvites.
var ErrTooManyInvites = fmt.Errorf("%w: too many links that work", ErrConflict)

// Invite is an invitation link: to the service, or into a room.
type Invite struct {
	bun.BaseModel `bun:"table:invites,alias:i"`

	Code      string `bun:",pk"` // random, in the address
	RoomID    *uuid.UUID
	Room      *Room `bun:"rel:belongs-to,join:room_id=id"`
	CreatedBy int64
	Creator   *User `bun:"rel:belongs-to,join:created_by=id"`
	CreatedAt time.Time
	ExpiresAt *time.Time
	MaxUses   *int64
	Uses      int64
	RevokedAt *time.Time
}

// NewInvite is what a new invitation allows. The zero value is a link to the service without
// bounds.
type NewInvite struct {
	RoomID    *uuid.UUID
	ExpiresIn time.Duration // 0: never
	MaxUses   int64         // 0: any number
}

// CreateInvite makes a link. Errors: ErrForbidden for a link to the service by anybody but an
// administrator, and for one into a direct room; ErrNotFound for a room that the viewer is not in;
// ErrTooManyInvites.
func (s *Store) CreateInvite(ctx context.Context, viewer *User, n NewInvite) (*Invite, error) {
	if n.RoomID == nil && viewer.Role != RoleAdministrator {
		return nil, ErrForbidden
	}
	var invite *Invite
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		var room *Room
		if n.RoomID != nil {
			view, err := roomView(ctx, c, viewer.ID, *n.RoomID)
			if err != nil {
				return err
			}
			if view.Kind == KindDirect {
				return ErrForbidden
			}
			room = &view.Room
		}
		if err := boundInvites(ctx, c, viewer, n.RoomID); err != nil {
			return err
		}
		var err error
		if invite, err = insertInvite(ctx, c, viewer, n); err != nil {
			return err
		}
		invite.Room = room
		return nil
	})
	return invite, err
}

// boundInvites returns ErrTooManyInvites where the viewer has as many links that work into a room,
// or to the service, as one may have.
func boundInvites(ctx context.Context, c *change, viewer *User, room *uuid.UUID) error {
	q := c.NewSelect().Model((*Invite)(nil)).Where(worksSQL, c.at).Where("i.created_by = ?", viewer.ID)
	if room == nil {
		q.Where("i.room_id IS NULL")
	} else {
		q.Where("i.room_id = ?", *room)
	}
	n, err := q.Count(ctx)
	if err == nil && n >= MaxInvites {
		err = ErrTooManyInvites
	}
	return err
}

// InviteList chooses a page of links. The zero value is the first page of all.
type InviteList struct {
	Room  uuid.UUID // uuid.Nil: those into all rooms, and to the service
	After string    // the code of the last link on the page before
	Limit int       // the greatest number of links; 0: 50
}

// Invites lists the links that work and that the viewer may revoke, newest first: the viewer's own,
// those into rooms that it moderates, and for administrators those to the service and into open
// rooms. Whoever knows the code of a link can follow it, so nobody is shown others' links into
// private rooms.
func (s *Store) Invites(ctx context.Context, viewer *User, list InviteList) ([]*Invite, error) {
	invites := []*Invite{}
	q := s.read.NewSelect().Model(&invites).Relation("Room").Relation("Creator", withoutPassword).
		Where(worksSQL, s.time()).OrderExpr("i.created_at DESC, i.code").Limit(int64(cmp.Or(list.Limit, defaultLimit)))
	if list.Room != uuid.Nil {
		q.Where("i.room_id = ?", list.Room)
	}
	if list.After != "" {
		q.Where("EXISTS (SELECT 1 FROM invites AS a WHERE a.code = ? AND (i.created_at < a.created_at OR i.created_at = a.created_at AND i.code > a.code))", list.After)
	}
	others := "FALSE"
	if viewer.Role == RoleAdministrator {
		others = "i.room_id IS NULL OR EXISTS (SELECT 1 FROM rooms AS o WHERE o.id = i.room_id AND o.kind = 'open')"
	}
	q.Where("(i.created_by = ? OR EXISTS ("+moderatedSQL+") OR "+others+")", viewer.ID, viewer.ID, viewer.ID)
	return invites, translate(q.Scan(ctx))
}

// Invite returns a link that works, with its room and creator, to anybody who knows the code.
// Errors: ErrNotFound when it is unknown, expired, used up or revoked, or its creator is
// deactivated or no longer in the room.
func (s *Store) Invite(ctx context.Context, code string) (*Invite, error) {
	return invite(ctx, s.read, code, s.time())
}

// InvitedRoom returns the room that a link leads to when the viewer is in it, even when the link no
// longer works: somebody who came in by its last use may follow it again. Errors: ErrNotFound.
func (s *Store) InvitedRoom(ctx context.Context, viewer *User, code string) (*Room, error) {
	r := new(Room)
	err := s.read.NewSelect().Model(r).
		Join("JOIN invites AS i ON i.room_id = r.id").Where("i.code = ?", code).
		Join("JOIN users_on_room AS m ON m.room_id = r.id").Where("m.user_id = ?", viewer.ID).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return r, nil
}

// AcceptInvite makes the viewer a member of the room that a link leads to, and counts one use of
// the link. A member stays one and uses nothing up. The room is nil for a link to the service.
// Errors: ErrNotFound.
func (s *Store) AcceptInvite(ctx context.Context, viewer *User, code string) (*Room, error) {
	room, err := s.InvitedRoom(ctx, viewer, code)
	if !errors.Is(err, ErrNotFound) {
		return room, err
	}
	i, err := s.Invite(ctx, code)
	if err != nil || i.RoomID == nil {
		return nil, err
	}
	err = s.change(ctx, func(ctx context.Context, c *change) (err error) {
		if room, err = s.lockRoom(ctx, c, *i.RoomID); err != nil {
			return err
		}
		joined, err := join(ctx, c, room, viewer)
		if err == nil && joined {
			err = useInvite(ctx, c, code)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return room, nil
}

// RevokeInvite ends a link. Errors: ErrNotFound, also for the link of somebody else, unless it
// leads into a room that the viewer moderates, or the viewer is an administrator.
func (s *Store) RevokeInvite(ctx context.Context, viewer *User, code string) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		q := c.NewUpdate().Model((*Invite)(nil)).Set("revoked_at = ?", c.at).
			Where("i.code = ?", code).Where("i.revoked_at IS NULL")
		if viewer.Role != RoleAdministrator {
			q.Where("(i.created_by = ? OR EXISTS ("+moderatedSQL+"))", viewer.ID, viewer.ID, viewer.ID)
		}
		return mustAffect(q.Exec(ctx))
	})
}

// moderatedSQL finds the room of a link where a user, both arguments, made that room and is in it.
const moderatedSQL = `SELECT 1 FROM rooms AS o JOIN users_on_room AS w ON w.room_id = o.id AND w.user_id = ?
	WHERE o.id = i.room_id AND o.created_by = ?`

// worksSQL is true for a link that works at a time, its argument. A link into a room works as long
// as its creator is a member: nobody who was removed from a private room returns through a link
// made before.
const worksSQL = `i.revoked_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > ?) AND (i.max_uses IS NULL OR i.uses < i.max_uses)
	AND EXISTS (SELECT 1 FROM users AS c WHERE c.id = i.created_by AND c.deactivated_at IS NULL)
	AND (i.room_id IS NULL OR EXISTS (SELECT 1 FROM users_on_room AS w WHERE w.room_id = i.room_id AND w.user_id = i.created_by))`

// invite reads a link that works at a time, with its room and creator. Errors: ErrNotFound.
func invite(ctx context.Context, db bun.IDB, code string, at time.Time) (*Invite, error) {
	i := new(Invite)
	err := db.NewSelect().Model(i).Relation("Room").Relation("Creator", withoutPassword).
		Where("i.code = ?", code).Where(worksSQL, at).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return i, nil
}

// insertInvite stores a new link.
func insertInvite(ctx context.Context, c *change, creator *User, n NewInvite) (*Invite, error) {
	i := &Invite{Code: newCode(), RoomID: n.RoomID, CreatedBy: creator.ID, Creator: creator, CreatedAt: c.at}
	if n.ExpiresIn > 0 {
		expires := c.at.Add(n.ExpiresIn).Truncate(time.Microsecond)
		i.ExpiresAt = &expires
	}
	if n.MaxUses > 0 {
		i.MaxUses = &n.MaxUses
	}
	_, err := c.NewInsert().Model(i).Exec(ctx)
	return i, err
}

// useInvite counts one use of a link that works. The statement locks the row, so that no use is
// counted for two. Errors: ErrNotFound.
func useInvite(ctx context.Context, c *change, code string) error {
	return mustAffect(c.NewUpdate().Model((*Invite)(nil)).Set("uses = uses + 1").
		Where("i.code = ?", code).Where(worksSQL, c.at).Exec(ctx))
}
