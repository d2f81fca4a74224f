package db

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// LastSeen is when a user was last online. It has a table of its own, because users are cached
// everywhere and this changes often.
type LastSeen struct {
	bun.BaseModel `bun:"table:last_seen,alias:seen"`

	UserID int64 `bun:",pk"`
	At     time.Time
}

// MarkSeen stores when some users were last online. No cached result depends on it.
func (s *Store) MarkSeen(ctx context.Context, users []int64, at time.Time) error {
	if len(users) == 0 {
		return nil
	}
	rows := make([]*LastSeen, len(users))
	for i, id := range users {
		rows[i] = &LastSeen{UserID: id, At: at.UTC().Truncate(time.Microsecond)}
	}
	return s.change(ctx, func(ctx context.Context, c *change) error {
		_, err := c.NewInsert().Model(&rows).On("CONFLICT (user_id) DO UPDATE").Set("at = excluded.at").Exec(ctx)
		return err
	})
}

// LastSeen returns when a user was last online; the zero time when that is not known. A page that
// shows it is not cached.
func (s *Store) LastSeen(ctx context.Context, viewer *User, id int64) (time.Time, error) {
	seen := new(LastSeen)
	err := translate(s.read.NewSelect().Model(seen).Where("user_id = ?", id).Scan(ctx))
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	return seen.At, err
}

// MemberCounts returns how many active members rooms have; unknown rooms are left out.
func (s *Store) MemberCounts(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int, error) {
	counts := make(map[uuid.UUID]int, len(rooms))
	if len(rooms) == 0 {
		return counts, nil
	}
	var rows []struct {
		ID      uuid.UUID
		Members int
	}
	err := s.read.NewSelect().TableExpr("rooms").Column("id", "members").Where("id IN (?)", bun.List(rooms)).Scan(ctx, &rows)
	for _, row := range rows {
		counts[row.ID] = row.Members
	}
	return counts, translate(err)
}
