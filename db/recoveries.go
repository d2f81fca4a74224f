package db

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// recoveryLife is how long a link to a new password works.
const recoveryLife = 24 * time.Hour

// Recovery is a one-time link by which a user sets a new password without the old one. Only the
// SHA-256 of its code is stored.
type Recovery struct {
	bun.BaseModel `bun:"table:recoveries,alias:rc"`

	Hash      []byte `bun:",pk"`
	UserID    int64
	CreatedBy *int64 // nil: made by the operator, on the command line
	CreatedAt time.Time
	ExpiresAt time.Time
}

// CreateRecovery makes a link for an active user and returns it with its code, which is not stored.
// Earlier links of that user end. viewer has to be an administrator, or nil for the operator. An
// administrator who asks is checked again in the transaction. Errors: ErrForbidden; ErrNotFound.
func (s *Store) CreateRecovery(ctx context.Context, viewer *User, id int64) (r *Recovery, code string, err error) {
	code = newCode() + newCode()
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		r = &Recovery{Hash: hashSecret(code), UserID: id, CreatedAt: c.at, ExpiresAt: c.at.Add(recoveryLife)}
		if viewer != nil {
			if err := s.lockAdministrators(ctx, c, viewer); err != nil {
				return err
			}
			r.CreatedBy = &viewer.ID
		}
		u, err := person(ctx, c, id)
		if err != nil {
			return err
		}
		if u.DeactivatedAt != nil {
			return ErrNotFound
		}
		if err := deleteRecoveries(ctx, c, id); err != nil {
			return err
		}
		_, err = c.NewInsert().Model(r).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return r, code, nil
}

// RecoveryUser returns the user whom a code lets set a new password. Errors: ErrNotFound for a code
// that does not work any more.
func (s *Store) RecoveryUser(ctx context.Context, code string) (*User, error) {
	u, err := s.recoveryUser(ctx, s.read, code)
	return u, translate(err)
}

func (s *Store) recoveryUser(ctx context.Context, db bun.IDB, code string) (*User, error) {
	u := new(User)
	err := db.NewSelect().Model(u).Join("JOIN recoveries AS rc ON rc.user_id = u.id").
		Where("rc.hash = ?", hashSecret(strings.ToLower(code))).Where("rc.expires_at > ?", s.time()).
		Where("u.deactivated_at IS NULL").Scan(ctx)
	return u, err
}

// Recover replaces the password's hash of the user of a code, which works no more, and ends the
// user's sessions, and its tokens where deleteTokens says so. Errors: ErrNotFound.
func (s *Store) Recover(ctx context.Context, code, passwordHash string, deleteTokens bool) (u *User, err error) {
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		found, err := s.recoveryUser(ctx, c, code)
		if err != nil {
			return translate(err)
		}
		// Of two requests with the same code one deletes the row, the other finds none.
		res, err := c.NewDelete().Model((*Recovery)(nil)).Where("hash = ?", hashSecret(strings.ToLower(code))).Exec(ctx)
		if err := mustAffect(res, err); err != nil {
			return err
		}
		p := ProfileChange{PasswordHash: passwordHash, DeleteTokens: deleteTokens}
		u, err = changeProfile(ctx, c, found.ID, p)
		return err
	})
	return u, err
}

// deleteRecoveries ends the links of a user.
func deleteRecoveries(ctx context.Context, c *change, user int64) error {
	_, err := c.NewDelete().Model((*Recovery)(nil)).Where("user_id = ?", user).Exec(ctx)
	return err
}
