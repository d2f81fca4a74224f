package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// Users lists people whose name or display name holds query (all when it is empty) by display name,
// after the one with the id after (0: from the start), at most limit. Only administrators see
// deactivated people. What a query finds, nameQuery tells.
func (s *Store) Users(ctx context.Context, viewer *User, query string, after int64, limit int) ([]*User, error) {
	q := newNameQuery(query)
	key := usersKey{viewer.Role == RoleAdministrator, q.text, after, limit}
	return cached(ctx, s, key, func(ctx context.Context, r *Reads) ([]*User, error) {
		r.dependsOn(tag{kind: tagAnyUser})
		users := []*User{}
		narrow := key.narrow
		if q.text != "" {
			names, err := s.names(ctx)
			if err != nil {
				return nil, err
			}
			ids := key.find(names, q)
			if len(ids) == 0 {
				return users, nil
			}
			narrow = func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Apply(withoutPassword).Where("u.id IN (?)", bun.List(ids)).OrderExpr("u.display_key, u.id")
			}
		}
		err := s.read.NewSelect().Model(&users).Apply(narrow).Scan(ctx)
		r.bytes = len(users) * userBytes
		return users, translate(err)
	})
}

// usersKey names a list of people.
type usersKey struct {
	deactivated bool // those as well
	query       string
	after       int64
	limit       int
}

// narrow selects the people of a list without a query.
func (key usersKey) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	q.Apply(withoutPassword).OrderExpr("u.display_key, u.id").Limit(int64(key.limit))
	if !key.deactivated {
		q.Where("u.deactivated_at IS NULL")
	}
	if key.after != 0 {
		q.Where("(u.display_key, u.id) > (SELECT display_key, id FROM users WHERE id = ?)", key.after)
	}
	return q
}

// find returns the ids of the people of a list with a query.
func (key usersKey) find(names []personNames, q nameQuery) []int64 {
	from := 0
	if key.after != 0 {
		from = 1 + slices.IndexFunc(names, func(n personNames) bool { return n.ID == key.after })
	}
	var ids []int64
	for _, n := range names[from:] {
		if len(ids) == key.limit {
			break
		}
		if (key.deactivated || n.Active) && (q.matches(n.DisplayKey) || q.matches(n.NameKey)) {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// personNames is what people are found by.
type personNames struct {
	ID                  int64
	NameKey, DisplayKey string
	Active              bool
}

// personNamesBytes is about what one takes in memory.
const personNamesBytes = 120

// names lists the names of all people, in the order of their display names. Databases cannot look
// for consonants inside of names. All names are read again after a change of somebody; a search of
// them that was not made before takes 8 ms with 10,000 people (BenchmarkUsers).
func (s *Store) names(ctx context.Context) ([]personNames, error) {
	return cached(ctx, s, namesKey{}, func(ctx context.Context, r *Reads) ([]personNames, error) {
		r.dependsOn(tag{kind: tagAnyUser})
		var names []personNames
		err := s.read.NewSelect().Model((*User)(nil)).ColumnExpr("u.id, u.name_key, u.display_key, u.deactivated_at IS NULL AS active").
			OrderExpr("u.display_key, u.id").Scan(ctx, &names)
		r.bytes = len(names) * personNamesBytes
		return names, translate(err)
	})
}

type namesKey struct{}

// FindRooms returns those of some rooms whose title, or the name of the other person, holds query
// (all when it is empty), in the same order.
func FindRooms(rooms []*RoomView, query string) []*RoomView {
	q := newNameQuery(query)
	if q.text == "" {
		return rooms
	}
	found := []*RoomView{}
	for _, r := range rooms {
		if q.matches(foldName(r.Title)) || r.Other != nil && q.matches(r.Other.NameKey) {
			found = append(found, r)
		}
	}
	return found
}
