package db

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// RoomOrder is the order of a list of rooms.
type RoomOrder string

const (
	OrderByActivity RoomOrder = "activity" // most recently active first
	OrderByUnread   RoomOrder = "unread"   // unread rooms first, of each kind most recently active first
)

// SetRoomOrder stores the order in which the viewer likes its list of rooms.
func (s *Store) SetRoomOrder(ctx context.Context, viewer *User, order RoomOrder) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		c.tell(Notice{Users: []int64{viewer.ID}})
		_, err := updated(ctx, c, c.NewUpdate().Model((*User)(nil)).Set("room_order = ?", order), viewer.ID)
		return err
	})
}

// RoomsOf lists all rooms the viewer is in but for archived ones, most recently active first.
func (s *Store) RoomsOf(ctx context.Context, viewer *User) ([]*RoomView, error) {
	return cached(ctx, s, roomsKey(viewer.ID), func(ctx context.Context, r *Reads) ([]*RoomView, error) {
		views, err := s.readRooms(ctx, viewer.ID)
		r.dependsOn(membershipsTag(viewer.ID))
		r.dependsOnRooms(viewer.ID, views...)
		return views, err
	})
}

// roomsKey names the rooms of the user with this id.
type roomsKey int64

// readRooms puts the list together from rooms that are cached one by one, where a message in one of
// them leaves the others valid; else one query reads all of them.
func (s *Store) readRooms(ctx context.Context, viewer int64) ([]*RoomView, error) {
	if s.cache.perRoom {
		ids, err := s.ownRoomIDs(ctx, viewer)
		if err != nil {
			return nil, err
		}
		views, err := s.ownRooms(ctx, viewer, ids...)
		slices.SortFunc(views, mostRecent)
		return views, err
	}
	return roomViews(ctx, s.read, viewer, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("r.archived_at IS NULL").OrderExpr("r.active_at DESC, r.id")
	})
}

// mostRecent compares rooms in the order of that query.
func mostRecent(a, b *RoomView) int {
	if order := b.ActiveAt.Compare(a.ActiveAt); order != 0 {
		return order
	}
	return slices.Compare(a.ID[:], b.ID[:])
}

// ownRoomIDs lists the ids of the rooms that a user is in.
func (s *Store) ownRoomIDs(ctx context.Context, user int64) ([]uuid.UUID, error) {
	return cached(ctx, s, ownRoomIDsKey(user), func(ctx context.Context, r *Reads) ([]uuid.UUID, error) {
		ids, err := s.RoomIDsOf(ctx, user)
		r.dependsOn(membershipsTag(user))
		r.bytes = len(ids) * len(uuid.Nil)
		return ids, err
	})
}

// ownRoomIDsKey names the list of rooms that the user with this id is in.
type ownRoomIDsKey int64

// ownRooms returns rooms that a user is in: from the cache where they are there, all others by one
// query. It leaves out rooms that the user is not in.
func (s *Store) ownRooms(ctx context.Context, viewer int64, ids ...uuid.UUID) ([]*RoomView, error) {
	outer := readsOf(ctx)
	now, known := s.cache.versions.now(ctx)
	views := make([]*RoomView, 0, len(ids))
	var missing []uuid.UUID
	for _, id := range ids {
		if found := s.cache.get(ownRoomKey{viewer, id}, now, known); found != nil {
			outer.include(found.reads)
			views = append(views, found.value.(*RoomView))
		} else if view := s.listedRoom(viewer, id, now, known); view != nil {
			outer.include(s.addOwnRoom(outer, viewer, view, now, known))
			views = append(views, view)
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return views, nil
	}
	all := outer.nested()
	read, err := s.readOwnRooms(all.in(ctx), viewer, missing)
	for _, view := range read {
		all.include(s.addOwnRoom(outer, viewer, view, now, known))
	}
	all.incomplete = all.incomplete || len(read) < len(missing) // no tag stands for what is not there
	outer.include(all)
	return append(views, read...), err
}

// listedRoom returns a room from the list of all rooms of a user, where that is cached as a whole
// and up to date; nil otherwise.
func (s *Store) listedRoom(viewer int64, id uuid.UUID, now state, known bool) *RoomView {
	if s.cache.perRoom {
		return nil
	}
	found := s.cache.get(roomsKey(viewer), now, known)
	if found == nil {
		return nil
	}
	list := found.value.([]*RoomView)
	if i := slices.IndexFunc(list, func(v *RoomView) bool { return v.ID == id }); i >= 0 {
		return list[i]
	}
	return nil
}

// addOwnRoom caches a room as one of its members sees it, and returns what that depends on.
func (s *Store) addOwnRoom(outer *Reads, viewer int64, view *RoomView, now state, known bool) *Reads {
	r := outer.nested()
	r.dependsOnRooms(viewer, view)
	s.cache.add(ownRoomKey{viewer, view.ID}, view, r, now, known)
	return r
}

// readOwnRooms reads rooms that a user is in by one query. A single one, which is what a message
// leaves to be read, has a prepared statement on SQLite.
func (s *Store) readOwnRooms(ctx context.Context, viewer int64, ids []uuid.UUID) ([]*RoomView, error) {
	if len(ids) == 1 && s.ownRoom != nil {
		return s.ownRoom.read(ctx, viewer, ids[0])
	}
	return roomViews(ctx, s.read, viewer, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("m.room_id IN (?)", bun.List(ids))
	})
}

// ownRoomKey names a room as one of its members sees it.
type ownRoomKey struct {
	viewer int64
	room   uuid.UUID
}

// Room returns a room the viewer is a member of. Errors: ErrNotFound.
func (s *Store) Room(ctx context.Context, viewer *User, id uuid.UUID) (*RoomView, error) {
	views, err := s.ownRooms(ctx, viewer.ID, id)
	if err == nil && len(views) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// ListDigest returns a digest of what a list of rooms shows that changes: revisions and counts. It
// leaves out some rooms. The script of a page computes it as well, from the entries
// on the page (static/js/rooms.js).
func ListDigest(rooms []*RoomView, except ...uuid.UUID) string {
	var sum uint32
	for _, r := range rooms {
		if !slices.Contains(except, r.ID) {
			h := fnv.New32a()
			fmt.Fprintf(h, "%s:%d:%d:%d", r.ID, r.Revision, r.Unread, r.Mentions)
			sum += h.Sum32() // in any order
		}
	}
	return strconv.FormatUint(uint64(sum), 16)
}
