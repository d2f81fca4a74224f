package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/uptrace/bun"
)

// ProfileChange is what a user changes about itself in one transaction. A zero field changes
// nothing.
type ProfileChange struct {
	Profile *Profile
	// Photo replaces the photo, RemovePhoto deletes it. At most one of them is set.
	Photo       *NewPhoto
	RemovePhoto bool
	// PasswordHash replaces the password's hash. That raises the user's epoch and so ends all of
	// its sessions; the caller gives its own session a new cookie.
	PasswordHash string
	// DeleteTokens revokes the user's tokens, together with a new password.
	DeleteTokens bool
}

// NewPhoto is a normalised picture, see Photo.
type NewPhoto struct {
	Type    string // media type
	Content []byte
}

// UpdateProfile makes all of a change, or nothing of it, and returns the new state of the viewer.
// The zero change returns viewer itself.
func (s *Store) UpdateProfile(ctx context.Context, viewer *User, p ProfileChange) (*User, error) {
	if p == (ProfileChange{}) {
		return viewer, nil
	}
	var u *User
	err := s.change(ctx, func(ctx context.Context, c *change) (err error) {
		u, err = changeProfile(ctx, c, viewer.ID, p)
		if err == nil && p.Profile != nil && p.Profile.HidesReads != viewer.HidesReads {
			err = tellMarks(ctx, c, u.ID)
		}
		return err
	})
	if err == nil && p.Profile != nil && u.DisplayName != viewer.DisplayName {
		err = s.renameConversations(ctx, u.ID)
	}
	return u, err
}

// changeProfile makes a change of a user in a transaction and returns the user's new state.
func changeProfile(ctx context.Context, c *change, id int64, p ProfileChange) (*User, error) {
	q := c.NewUpdate().Model((*User)(nil))
	if err := p.apply(ctx, c, id, q); err != nil {
		return nil, err
	}
	u, err := updated(ctx, c, q, id)
	if err != nil {
		return nil, err
	}
	if p.PasswordHash != "" {
		if err := p.endOthers(ctx, c, u); err != nil {
			return nil, err
		}
	}
	if !p.visible() {
		return u, nil
	}
	people, err := directPartners(ctx, c, u.ID)
	c.tell(Notice{Users: append(people, u.ID)})
	return u, err
}

// endOthers ends what a user had before its new password: sessions, links to another password, and
// the tokens where p says so.
func (p ProfileChange) endOthers(ctx context.Context, c *change, u *User) error {
	ended := []Right{{UserID: u.ID, Epoch: u.Epoch}}
	if p.DeleteTokens {
		tokens, err := deleteTokens(ctx, c, u.ID)
		if err != nil {
			return err
		}
		ended = append(ended, tokens...)
	}
	c.tell(Notice{Ended: ended})
	return deleteRecoveries(ctx, c, u.ID)
}

// visible reports whether others see the change.
func (p ProfileChange) visible() bool { return p.Profile != nil || p.Photo != nil || p.RemovePhoto }

// apply adds the changed columns to an update of the user, and stores or deletes the photo.
func (p ProfileChange) apply(ctx context.Context, c *change, id int64, q *bun.UpdateQuery) error {
	if p.visible() {
		q.Set("version = version + 1")
	}
	if p.Profile != nil {
		q.Set("display_name = ?, display_key = ?", p.Profile.DisplayName, foldName(p.Profile.DisplayName)).
			Set("bio = ?, language = ?, time_zone = ?", p.Profile.Bio, p.Profile.Language, p.Profile.TimeZone).
			Set("hides_reads = ?", p.Profile.HidesReads)
	}
	if p.PasswordHash != "" {
		q.Set("password_hash = ?", p.PasswordHash)
		raiseEpoch(q)
	}
	switch {
	case p.Photo != nil:
		return putPhoto(ctx, c, id, p.Photo, q)
	case p.RemovePhoto:
		q.Set("photo_version = ''")
		_, err := c.NewDelete().Model((*Photo)(nil)).Where("user_id = ?", id).Exec(ctx)
		return err
	}
	return nil
}

// putPhoto stores a user's photo in place of an earlier one, and adds its version to an update of
// the user.
func putPhoto(ctx context.Context, c *change, id int64, n *NewPhoto, q *bun.UpdateQuery) error {
	photo := &Photo{UserID: id, Version: photoVersion(n.Content), Type: n.Type, Content: n.Content}
	q.Set("photo_version = ?", photo.Version)
	_, err := c.NewInsert().Model(photo).On("CONFLICT (user_id) DO UPDATE").
		Set("version = EXCLUDED.version, type = EXCLUDED.type, content = EXCLUDED.content").Exec(ctx)
	return err
}

// photoVersion returns the version of a photo: short enough for an address, and long enough to
// differ from that of any other photo.
func photoVersion(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// Photo returns the uploaded photo of a user. Errors: ErrNotFound when there is none.
func (s *Store) Photo(ctx context.Context, viewer *User, id int64) (*Photo, error) {
	photo := new(Photo)
	if err := s.read.NewSelect().Model(photo).Where("user_id = ?", id).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return photo, nil
}

// SetActive deactivates a user, which ends its sessions and streams and deletes its tokens, or
// activates it again. Errors: ErrForbidden for anybody but administrators, and for oneself;
// ErrNotFound.
func (s *Store) SetActive(ctx context.Context, viewer *User, id int64, active bool) (*User, error) {
	if viewer.Role != RoleAdministrator || viewer.ID == id {
		return nil, ErrForbidden
	}
	var u *User
	err := s.change(ctx, func(ctx context.Context, c *change) (err error) {
		if err := s.lockAdministrators(ctx, c, viewer); err != nil {
			return err
		}
		q := c.NewUpdate().Model((*User)(nil)).Set("version = version + 1")
		if active {
			q.Set("deactivated_at = NULL")
		} else {
			q.Set("deactivated_at = coalesce(deactivated_at, ?)", c.at)
			raiseEpoch(q)
			c.tell(Notice{Ended: []Right{{UserID: id}}})
			if _, err := deleteTokens(ctx, c, id); err != nil { // the right just told covers theirs
				return err
			}
			if err := deleteRecoveries(ctx, c, id); err != nil {
				return err
			}
		}
		c.invalidate(tag{kind: tagEverything}) // rooms count their active members
		u, err = updated(ctx, c, q, id)
		return err
	})
	return u, err
}

// updated executes an update of one user and returns its new state. Errors: ErrNotFound.
func updated(ctx context.Context, c *change, q *bun.UpdateQuery, id int64) (*User, error) {
	c.invalidate(userTag(id), tag{kind: tagAnyUser})
	u := new(User)
	res, err := q.Where("id = ?", id).Returning("?Columns").Exec(ctx, u)
	if err := mustAffect(res, err); err != nil {
		return nil, err
	}
	return u, nil
}

// directPartners returns the people who see a user's name as the title of a direct room.
func directPartners(ctx context.Context, db bun.IDB, id int64) ([]int64, error) {
	var ids []int64
	err := db.NewSelect().TableExpr("users_on_room AS m").
		Join("JOIN rooms AS r ON r.id = m.room_id AND r.kind = ?", KindDirect).
		Join("JOIN users_on_room AS other ON other.room_id = m.room_id AND other.user_id <> m.user_id").
		Where("m.user_id = ?", id).Column("other.user_id").Scan(ctx, &ids)
	return ids, err
}
