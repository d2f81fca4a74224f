package db

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// FindMembers returns the active members of a room whose name or display name holds query (all when
// it is empty), at most limit: first those whose names begin with it, each part by display name.
// What a query finds, nameQuery tells. Errors: ErrNotFound when the viewer is no member.
func (s *Store) FindMembers(ctx context.Context, viewer *User, room uuid.UUID, query string, limit int) ([]*User, error) {
	q, users := newNameQuery(query), []*User{}
	err := s.snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		member, err := isMember(ctx, tx, room, viewer.ID)
		if err != nil {
			return err
		}
		if !member {
			return ErrNotFound
		}
		var names []personNames
		err = tx.NewSelect().TableExpr("users AS u").ColumnExpr("u.id, u.name_key, u.display_key").
			Join("JOIN users_on_room AS m ON m.user_id = u.id").Where("m.room_id = ?", room).
			Where("u.deactivated_at IS NULL").OrderExpr("u.display_key, u.id").Scan(ctx, &names)
		if err != nil {
			return err
		}
		ids := q.firstOf(names, limit)
		if len(ids) == 0 {
			return nil
		}
		err = tx.NewSelect().Model(&users).Apply(withoutPassword).Where("u.id IN (?)", bun.List(ids)).Scan(ctx)
		slices.SortFunc(users, func(a, b *User) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
		return err
	})
	return users, err
}

// firstOf returns the ids of the first people whom the query finds: those whose names begin with it
// before all others.
func (q nameQuery) firstOf(names []personNames, limit int) []int64 {
	var begin, hold []int64
	for _, n := range names {
		switch {
		case strings.HasPrefix(nameLetters(n.DisplayKey), q.text), strings.HasPrefix(nameLetters(n.NameKey), q.text):
			begin = append(begin, n.ID)
		case q.matches(n.DisplayKey), q.matches(n.NameKey):
			hold = append(hold, n.ID)
		}
	}
	found := append(begin, hold...)
	return found[:min(limit, len(found))]
}
