package db

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

// SignUp makes an account. The first user of all becomes the administrator and gets a first open
// room and an unlimited invitation link, whatever the registration policy is. Everybody else needs
// a valid invitation, unless n.Open, and joins the first room, and the one that the invitation
// leads to.
//
// Errors: ErrForbidden without an invitation where one is needed, or with n.NotFirst for the first
// user; ErrNotFound for one that does not work any more; *InvalidError{"name": TakenName} when the
// name is taken.
func (s *Store) SignUp(ctx context.Context, n NewUser) (*SignedUp, error) {
	var result *SignedUp
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		if err := s.dialect.lockSignUp(ctx, c.Tx); err != nil {
			return err
		}
		others, err := hasUsers(ctx, c)
		if err != nil {
			return err
		}
		switch {
		case others:
			result, err = s.signUpOther(ctx, c, n)
		case n.NotFirst:
			err = ErrForbidden
		default:
			result, err = s.signUpFirst(ctx, c, n)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (s *Store) signUpFirst(ctx context.Context, c *change, n NewUser) (*SignedUp, error) {
	u, err := insertUser(ctx, c, n, RoleAdministrator)
	if err != nil {
		return nil, err
	}
	result := &SignedUp{User: u}
	if n.FirstRoomTitle != "" {
		first := newRoom(c, u.ID, n.FirstRoomTitle, KindOpen)
		first.Everybody = true
		if result.Room, err = insertRoom(ctx, c, first, u.ID); err != nil {
			return nil, err
		}
	}
	result.Invite, err = insertInvite(ctx, c, u, NewInvite{})
	return result, err
}

func (s *Store) signUpOther(ctx context.Context, c *change, n NewUser) (*SignedUp, error) {
	if n.Closed || !n.Open && n.Invite == "" {
		return nil, ErrForbidden
	}
	var room *uuid.UUID
	if n.Invite != "" {
		link, err := invite(ctx, c, n.Invite, c.at)
		if err != nil {
			return nil, err
		}
		room = link.RoomID
	}
	rooms, err := s.lockRoomsToJoin(ctx, c, room)
	if err != nil {
		return nil, err
	}
	if n.Invite != "" {
		if err := useInvite(ctx, c, n.Invite); err != nil {
			return nil, err
		}
	}
	u, err := insertUser(ctx, c, n, RoleMember)
	if err != nil {
		return nil, err
	}
	result := &SignedUp{User: u}
	for _, r := range rooms {
		if _, err := join(ctx, c, r, u); err != nil {
			return nil, err
		}
		if result.Room == nil || room != nil && r.ID == *room {
			result.Room = r
		}
	}
	return result, nil
}

// lockRoomsToJoin locks the rooms that somebody who signs up joins: the one of the invitation, if
// any, and the first room, as long as it is open. They are locked before the invitation, in the
// order of their ids, as everywhere.
func (s *Store) lockRoomsToJoin(ctx context.Context, c *change, invited *uuid.UUID) ([]*Room, error) {
	var ids []uuid.UUID
	err := c.NewSelect().Model((*Room)(nil)).Column("id").
		Where("everybody").Where("kind = ?", KindOpen).Where("archived_at IS NULL").Scan(ctx, &ids)
	if err != nil {
		return nil, err
	}
	if invited != nil && !slices.Contains(ids, *invited) {
		ids = append(ids, *invited)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	rooms := make([]*Room, len(ids))
	for i, id := range ids {
		if rooms[i], err = s.lockRoom(ctx, c, id); err != nil {
			return nil, err
		}
	}
	return rooms, nil
}

// madeNames is how many names are tried for an account whose name is made.
const madeNames = 1000

// insertUser stores an account. Errors: *InvalidError when the name is taken.
func insertUser(ctx context.Context, c *change, n NewUser, role Role) (*User, error) {
	tries := 1
	if n.MakeUnique {
		tries = madeNames
	}
	base := n.Name
	for i := range tries {
		if n.MakeUnique {
			n.Name = numbered(base, i)
		}
		u, err := tryUser(ctx, c, n, role)
		if u != nil || err != nil {
			return u, err
		}
	}
	return nil, &InvalidError{Fields: map[string]string{"name": TakenName}}
}

// numbered returns the name to be tried after i others: "지민", "지민2", "지민3". A name has two
// characters at least and 32 at most.
func numbered(base string, i int) string {
	letters := []rune(base)
	switch {
	case len(letters) == 0:
		letters, i = []rune("user"), i+1
	case len(letters) == 1 || i > 0:
		i++
	}
	if i == 0 {
		return base
	}
	number := strconv.Itoa(i)
	return string(letters[:min(len(letters), 32-len(number))]) + number
}

// tryUser stores an account; nil when the name is taken.
func tryUser(ctx context.Context, c *change, n NewUser, role Role) (*User, error) {
	u := &User{
		Name: n.Name, NameKey: foldName(n.Name), DisplayName: valueOr(n.DisplayName, n.Name),
		Language: n.Language, TimeZone: n.TimeZone, Role: role, PasswordHash: n.PasswordHash,
		Epoch: firstEpoch(), Version: 1, RoomOrder: OrderByActivity, CreatedAt: c.at,
	}
	res, err := c.NewInsert().Model(u).Value("display_key", "?", foldName(u.DisplayName)).
		On("CONFLICT (name_key) DO NOTHING").Returning("id").Exec(ctx)
	fresh, err := affected(res, err)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, nil
	}
	c.invalidate(tag{kind: tagAnyUser})
	return u, nil
}
