package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/uptrace/bun"
)

// UpdateProfile changes what a user says about itself and returns the new state.
func (s *Store) UpdateProfile(ctx context.Context, viewer *User, p Profile) (*User, error) {
	return s.updateUser(ctx, viewer.ID, func(ctx context.Context, c *change, q *bun.UpdateQuery) error {
		q.Set("display_name = ?, display_key = ?", p.DisplayName, fold(p.DisplayName)).
			Set("bio = ?, language = ?, time_zone = ?", p.Bio, p.Language, p.TimeZone).
			Set("version = version + 1")
		return nil
	})
}

// ChangePassword stores a new hash, raises the epoch and so ends every session of the user;
// the caller issues a new cookie for its own. It returns the new state.
func (s *Store) ChangePassword(ctx context.Context, viewer *User, hash string) (*User, error) {
	var u *User
	err := s.change(ctx, func(ctx context.Context, c *change) (err error) {
		q := c.NewUpdate().Model((*User)(nil)).Set("password_hash = ?, epoch = epoch + 1", hash)
		if u, err = updated(ctx, c, q, viewer.ID); err != nil {
			return err
		}
		c.tell(Notice{Ended: []Right{{UserID: u.ID, Epoch: u.Epoch}}})
		return nil
	})
	return u, err
}

// SetPhoto replaces the user's photo; photo.Version is made from its content.
func (s *Store) SetPhoto(ctx context.Context, viewer *User, mediaType string, content []byte) (*User, error) {
	photo := &Photo{UserID: viewer.ID, Version: photoVersion(content), Type: mediaType, Content: content}
	return s.updateUser(ctx, viewer.ID, func(ctx context.Context, c *change, q *bun.UpdateQuery) error {
		q.Set("photo_version = ?, version = version + 1", photo.Version)
		_, err := c.NewInsert().Model(photo).On("CONFLICT (user_id) DO UPDATE").
			Set("version = EXCLUDED.version, type = EXCLUDED.type, content = EXCLUDED.content").Exec(ctx)
		return err
	})
}

// photoVersion is short, because it stands in addresses, and long enough that no two photos share it.
func photoVersion(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// RemovePhoto goes back to the generated one.
func (s *Store) RemovePhoto(ctx context.Context, viewer *User) (*User, error) {
	return s.updateUser(ctx, viewer.ID, func(ctx context.Context, c *change, q *bun.UpdateQuery) error {
		q.Set("photo_version = '', version = version + 1")
		_, err := c.NewDelete().Model((*Photo)(nil)).Where("user_id = ?", viewer.ID).Exec(ctx)
		return err
	})
}

// Photo returns a user's uploaded photo. Errors: ErrNotFound when there is none.
func (s *Store) Photo(ctx context.Context, viewer *User, id int64) (*Photo, error) {
	photo := new(Photo)
	if err := s.read.NewSelect().Model(photo).Where("user_id = ?", id).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return photo, nil
}

// SetActive deactivates a user, which ends its sessions, tokens and streams, or lets it in again. Administrators only.
// Errors: ErrForbidden, also for oneself; ErrNotFound.
func (s *Store) SetActive(ctx context.Context, viewer *User, id int64, active bool) (*User, error) {
	if viewer.Role != RoleAdministrator || viewer.ID == id {
		return nil, ErrForbidden
	}
	var u *User
	err := s.change(ctx, func(ctx context.Context, c *change) (err error) {
		q := c.NewUpdate().Model((*User)(nil)).Set("version = version + 1")
		if active {
			q.Set("deactivated_at = NULL")
		} else {
			q.Set("deactivated_at = coalesce(deactivated_at, ?)", c.at).Set("epoch = epoch + 1")
			c.tell(Notice{Ended: []Right{{UserID: id}}})
		}
		c.touch(everything) // rooms count their active members
		u, err = updated(ctx, c, q, id)
		return err
	})
	return u, err
}

// updateUser changes what others see of a user. fill adds to the update and may do more in its transaction.
func (s *Store) updateUser(ctx context.Context, id int64,
	fill func(context.Context, *change, *bun.UpdateQuery) error) (*User, error) {
	var u *User
	err := s.change(ctx, func(ctx context.Context, c *change) (err error) {
		q := c.NewUpdate().Model((*User)(nil))
		if err := fill(ctx, c, q); err != nil {
			return err
		}
		if u, err = updated(ctx, c, q, id); err != nil {
			return err
		}
		people, err := directPartners(ctx, c, id)
		if err != nil {
			return err
		}
		c.tell(Notice{Users: append(people, id)})
		return nil
	})
	return u, err
}

// updated runs an update of one user and reads its new state.
func updated(ctx context.Context, c *change, q *bun.UpdateQuery, id int64) (*User, error) {
	c.touch(aboutUser(id), anyUser)
	u := new(User)
	res, err := q.Where("id = ?", id).Returning("?Columns").Exec(ctx, u)
	if err := needed(res, err); err != nil {
		return nil, err
	}
	return u, nil
}

// directPartners are the people in whose lists of rooms a user's name stands as the title of a direct room.
func directPartners(ctx context.Context, db bun.IDB, id int64) ([]int64, error) {
	var ids []int64
	err := db.NewSelect().TableExpr("users_on_room AS m").
		Join("JOIN rooms AS r ON r.id = m.room_id AND r.kind = ?", KindDirect).
		Join("JOIN users_on_room AS other ON other.room_id = m.room_id AND other.user_id <> m.user_id").
		Where("m.user_id = ?", id).Column("other.user_id").Scan(ctx, &ids)
	return ids, err
}
