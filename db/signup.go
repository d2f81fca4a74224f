package db

import "context"

// SignUp makes an account. The first user of all becomes the administrator and gets a first open
// room and an unlimited invitation link, whatever the registration policy is. Everybody else needs
// a valid invitation, unless n.Open.
//
// Errors: ErrForbidden without an invitation where one is needed; ErrNotFound for one that does not
// work any more; *InvalidError{"name": TakenName} when the name is taken.
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
		if others {
			result, err = s.signUpOther(ctx, c, n)
		} else {
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
		if result.Room, err = insertRoom(ctx, c, newRoom(c, u.ID, n.FirstRoomTitle, KindOpen), u.ID); err != nil {
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
	if n.Invite == "" {
		u, err := insertUser(ctx, c, n, RoleMember)
		return &SignedUp{User: u}, err
	}
	return s.signUpInvited(ctx, c, n)
}

// signUpInvited makes an account by an invitation. It locks the room before the link, in the order
// of AcceptInvite.
func (s *Store) signUpInvited(ctx context.Context, c *change, n NewUser) (*SignedUp, error) {
	link, err := invite(ctx, c, n.Invite, c.at)
	if err != nil {
		return nil, err
	}
	var room *Room
	if link.RoomID != nil {
		if room, err = s.lockRoom(ctx, c, *link.RoomID); err != nil {
			return nil, err
		}
	}
	if err := useInvite(ctx, c, n.Invite); err != nil {
		return nil, err
	}
	u, err := insertUser(ctx, c, n, RoleMember)
	if err == nil && room != nil {
		_, err = addMember(ctx, c, room, u.ID)
	}
	return &SignedUp{User: u, Room: room}, err
}

// insertUser stores an account. Errors: *InvalidError when the name is taken.
func insertUser(ctx context.Context, c *change, n NewUser, role Role) (*User, error) {
	u := &User{
		Name: n.Name, NameKey: foldName(n.Name), DisplayName: valueOr(n.DisplayName, n.Name),
		Language: n.Language, TimeZone: n.TimeZone, Role: role, PasswordHash: n.PasswordHash,
		Epoch: 1, Version: 1, CreatedAt: c.at,
	}
	res, err := c.NewInsert().Model(u).Value("display_key", "?", foldName(u.DisplayName)).
		On("CONFLICT (name_key) DO NOTHING").Returning("id").Exec(ctx)
	fresh, err := affected(res, err)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, &InvalidError{Fields: map[string]string{"name": TakenName}}
	}
	c.invalidate(tag{kind: tagAnyUser})
	return u, nil
}
