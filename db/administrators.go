package db

import "context"

// lockAdministrators returns ErrForbidden unless the viewer is an active administrator at this
// moment. Nobody else changes who is one until the transaction ends.
func (s *Store) lockAdministrators(ctx context.Context, c *change, viewer *User) error {
	if err := s.dialect.lockSignUp(ctx, c.Tx); err != nil {
		return err
	}
	is, err := c.NewSelect().Model((*User)(nil)).Where("id = ?", viewer.ID).
		Where("role = ?", RoleAdministrator).Where("deactivated_at IS NULL").Exists(ctx)
	if err == nil && !is {
		return ErrForbidden
	}
	return err
}

// SetRole makes a user an administrator, or a member again. Administrators may do so, with
// themselves too, as long as an active one remains. Errors: ErrForbidden; ErrNotFound, also for a
// deactivated user; ErrLastAdministrator.
func (s *Store) SetRole(ctx context.Context, viewer *User, id int64, role Role) (*User, error) {
	var u *User
	err := s.change(ctx, func(ctx context.Context, c *change) (err error) {
		if err := s.lockAdministrators(ctx, c, viewer); err != nil {
			return err
		}
		q := c.NewUpdate().Model((*User)(nil)).Set("role = ?", role).Set("version = version + 1").
			Where("deactivated_at IS NULL")
		c.invalidate(tag{kind: tagEverything}) // pages show what an administrator may do
		if u, err = updated(ctx, c, q, id); err != nil {
			return err
		}
		return requireAdministrator(ctx, c)
	})
	return u, err
}

// requireAdministrator returns ErrLastAdministrator unless there is an active administrator.
func requireAdministrator(ctx context.Context, c *change) error {
	some, err := c.NewSelect().Model((*User)(nil)).
		Where("role = ?", RoleAdministrator).Where("deactivated_at IS NULL").Exists(ctx)
	if err == nil && !some {
		return ErrLastAdministrator
	}
	return err
}
