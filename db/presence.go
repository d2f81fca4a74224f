package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Memberships lists who is in which room, with RoomID and UserID alone, among some rooms and some
// users. An empty list stands for all; with two empty lists the answer is empty.
func (s *Store) Memberships(ctx context.Context, rooms []uuid.UUID, users []int64) ([]*UsersOnRoom, error) {
	members := []*UsersOnRoom{}
	if len(users)+len(rooms) == 0 {
		return members, nil
	}
	q := s.read.NewSelect().Model(&members).Column("room_id", "user_id")
	if len(users) > 0 {
		q.Where("user_id IN (?)", bun.List(users))
	}
	if len(rooms) > 0 {
		q.Where("room_id IN (?)", bun.List(rooms))
	}
	return members, translate(q.Scan(ctx))
}

// People returns those of some users who are active, by id.
func (s *Store) People(ctx context.Context, ids []int64) ([]*User, error) {
	users := []*User{}
	if len(ids) == 0 {
		return users, nil
	}
	q := s.read.NewSelect().Model(&users).Apply(withoutPassword).Where("u.id IN (?)", bun.List(ids)).
		Where("u.deactivated_at IS NULL").OrderExpr("u.id")
	return users, translate(q.Scan(ctx))
}
