package db

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// RoomsBound is how many of a user's rooms are listed at most.
const RoomsBound = 200

// RoomsOf lists the rooms the viewer is in, most recently active first, at most RoomsBound.
func (s *Store) RoomsOf(ctx context.Context, viewer *User) ([]*RoomView, error) {
	return recall(ctx, s, roomsQuestion(viewer.ID), basis{viewer: viewer.ID, part: ownRooms}, func() ([]*RoomView, topics, int, error) {
		views, err := s.readRooms(ctx, viewer.ID)
		about, bytes := roomViewTopics(viewer.ID, views...)
		return views, append(about, aboutPlaces(viewer.ID)), bytes, err
	})
}

// roomsQuestion asks for the rooms of the user with this id.
type roomsQuestion int64

// readRooms puts a list together of what is remembered of each room, because a message in one of them leaves the others as they are.
// Where nothing is remembered room by room, and of very many rooms, one query finds those most recently active.
func (s *Store) readRooms(ctx context.Context, viewer int64) ([]*RoomView, error) {
	if s.topics != nil {
		ids, err := s.placesOf(ctx, viewer)
		if err != nil || len(ids) <= RoomsBound {
			views, err := s.readEach(ctx, viewer, ids)
			slices.SortFunc(views, mostRecent)
			return views, err
		}
	}
	return roomViews(ctx, s.read, viewer, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.OrderExpr("r.active_at DESC, r.id").Limit(RoomsBound)
	})
}

// mostRecent orders rooms as the query does.
func mostRecent(a, b *RoomView) int {
	if order := b.ActiveAt.Compare(a.ActiveAt); order != 0 {
		return order
	}
	return slices.Compare(a.ID[:], b.ID[:])
}

// placesOf lists the rooms that a user is in.
func (s *Store) placesOf(ctx context.Context, user int64) ([]uuid.UUID, error) {
	return recall(ctx, s, placesQuestion(user), basis{}, func() ([]uuid.UUID, topics, int, error) {
		ids, err := s.RoomIDsOf(ctx, user)
		return ids, topics{aboutPlaces(user)}, len(ids) * len(uuid.Nil), err
	})
}

// placesQuestion asks which rooms the user with this id is in.
type placesQuestion int64

// readEach returns rooms of a user: each from memory, where it is there, and all others by one query. Rooms that the user is not in are
// left out.
func (s *Store) readEach(ctx context.Context, viewer int64, ids []uuid.UUID) ([]*RoomView, error) {
	now, ok := s.stamp(ctx, basis{})
	views := make([]*RoomView, 0, len(ids))
	var missing []uuid.UUID
	for _, id := range ids {
		if k := s.memory.find(listedQuestion{viewer, id}); ok && k != nil && s.holds(k, now) {
			views = append(views, k.value.(*RoomView))
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return views, nil
	}
	read, err := roomViews(ctx, s.read, viewer, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("m.room_id IN (?)", bun.In(missing))
	})
	for _, view := range read {
		about, bytes := roomViewTopics(viewer, view)
		s.memory.keep(listedQuestion{viewer, view.ID}, &kept{value: view, stamp: now, about: append(about, everything), bytes: bytes})
	}
	return append(views, read...), err
}

// listedQuestion asks for a room as it is in a user's list.
type listedQuestion struct {
	viewer int64
	room   uuid.UUID
}

// Room returns a room the viewer is a member of. Errors: ErrNotFound.
func (s *Store) Room(ctx context.Context, viewer *User, id uuid.UUID) (*RoomView, error) {
	question := roomQuestion{viewer.ID, id}
	return recall(ctx, s, question, basis{viewer: viewer.ID, part: ownRooms}, func() (*RoomView, topics, int, error) {
		view, err := s.readRoom(ctx, viewer.ID, id)
		if err != nil {
			return nil, nil, 0, err
		}
		about, bytes := roomViewTopics(viewer.ID, view)
		return view, about, bytes, nil
	})
}

// roomQuestion asks for a room as a user sees it.
type roomQuestion struct {
	viewer int64
	room   uuid.UUID
}

// readRoom takes the room as it is in the list where that may be remembered.
func (s *Store) readRoom(ctx context.Context, viewer int64, id uuid.UUID) (*RoomView, error) {
	if s.topics == nil {
		return roomView(ctx, s.read, viewer, id)
	}
	listed, err := s.readEach(ctx, viewer, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	if len(listed) == 0 {
		return nil, ErrNotFound
	}
	return listed[0], nil
}
