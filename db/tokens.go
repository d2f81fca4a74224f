package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// MaxTokens is how many tokens one person may have.
const MaxTokens = 100

// ErrTooManyTokens is the conflict with MaxTokens.
var ErrTooManyTokens = fmt.Errorf("%w: too many tokens", ErrConflict)

// Token is a personal access token. Only the SHA-256 of its secret is stored.
type Token struct {
	bun.BaseModel `bun:"table:tokens,alias:t"`

	ID         int64 `bun:",pk,autoincrement"`
	UserID     int64
	Title      string
	Hash       []byte
	CreatedAt  time.Time
	LastUsedAt *time.Time // to the hour, so that reading does not write all the time
}

// CreateToken makes a token and returns it with its secret, which is not stored. Errors:
// ErrTooManyTokens.
func (s *Store) CreateToken(ctx context.Context, viewer *User, title string) (token *Token, secret string, err error) {
	secret = newSecret()
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		n, err := c.NewSelect().Model((*Token)(nil)).Where("user_id = ?", viewer.ID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= MaxTokens {
			return ErrTooManyTokens
		}
		token = &Token{UserID: viewer.ID, Title: title, Hash: hashSecret(secret), CreatedAt: c.at}
		_, err = c.NewInsert().Model(token).Returning("id").Exec(ctx)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return token, secret, nil
}

// Tokens lists the viewer's own tokens, newest first.
func (s *Store) Tokens(ctx context.Context, viewer *User) ([]*Token, error) {
	tokens, pending := []*Token{}, s.tokenUses.notStored()
	err := s.read.NewSelect().Model(&tokens).Where("user_id = ?", viewer.ID).OrderExpr("id DESC").Scan(ctx)
	for _, t := range tokens {
		if use, ok := pending[t.ID]; ok {
			t.LastUsedAt = &use.hour
		}
	}
	return tokens, translate(err)
}

// DeleteToken revokes one of the viewer's own tokens and ends its streams. Errors: ErrNotFound.
func (s *Store) DeleteToken(ctx context.Context, viewer *User, id int64) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		res, err := c.NewDelete().Model((*Token)(nil)).Where("id = ?", id).Where("user_id = ?", viewer.ID).Exec(ctx)
		if err := mustAffect(res, err); err != nil {
			return err
		}
		c.invalidate(tokensTag(viewer.ID))
		c.tell(Notice{Ended: []Right{{UserID: viewer.ID, Token: id}}})
		return nil
	})
}

// deleteTokens revokes all tokens of a user, and returns the rights that end by it.
func deleteTokens(ctx context.Context, c *change, user int64) (ended []Right, err error) {
	var ids []int64
	c.invalidate(tokensTag(user))
	_, err = c.NewDelete().Model((*Token)(nil)).Where("user_id = ?", user).Returning("id").Exec(ctx, &ids)
	for _, id := range ids {
		ended = append(ended, Right{UserID: user, Token: id})
	}
	return ended, err
}

// TokenUser returns the user of a secret, and the token. Errors: ErrNotFound.
func (s *Store) TokenUser(ctx context.Context, secret string) (*User, *Token, error) {
	hash := hashSecret(secret)
	row, err := cached(ctx, s, tokenKey(hash), func(ctx context.Context, r *Reads) (*tokenRow, error) {
		row := new(tokenRow)
		err := s.read.NewSelect().Model(row).Relation("User").
			Where("t.hash = ?", hash).Where("?.deactivated_at IS NULL", bun.Ident("user")).Scan(ctx)
		r.dependsOn(userTag(row.UserID), tokensTag(row.UserID))
		r.bytes = userBytes
		return row, translate(err)
	})
	if err != nil {
		return nil, nil, err
	}
	return row.User, s.noteUse(row.Token), nil
}

// tokenKey is the hash of a secret.
type tokenKey string

type tokenRow struct {
	Token `bun:",extend"`
	User  *User `bun:"rel:belongs-to,join:user_id=id"`
}
