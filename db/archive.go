package db

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// usersInNotice is how many users one notice names, so that it fits into a packet of every bus.
const usersInNotice = 300

// ArchiveRoom archives a room, or restores it, and adds an event that says so. Who moderates the
// room may do that; what is so already changes nothing. Errors: ErrNotFound, ErrForbidden.
func (s *Store) ArchiveRoom(ctx context.Context, viewer *User, id uuid.UUID, archive bool) (*RoomView, error) {
	var view *RoomView
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, id)
		if err != nil {
			return err
		}
		if !r.ModeratedBy(viewer) {
			return ErrForbidden
		}
		if archive != (r.ArchivedAt != nil) {
			event := Event{Type: EventRestored}
			if r.ArchivedAt = nil; archive {
				r.ArchivedAt, r.DirectKey, event.Type = &c.at, nil, EventArchived
			}
			err = storeArchived(ctx, c, r, viewer, event)
		}
		if err == nil {
			view, err = roomView(ctx, c, viewer.ID, id)
		}
		return err
	})
	return view, err
}

// archiveEmpty archives a locked private room whose last member has left: nobody could find it any
// more.
func archiveEmpty(ctx context.Context, c *change, r *Room, left *User) error {
	if r.Kind != KindPrivate || r.ArchivedAt != nil {
		return nil
	}
	some, err := c.NewSelect().Model((*UsersOnRoom)(nil)).Where("room_id = ?", r.ID).Exists(ctx)
	if err != nil || some {
		return err
	}
	r.ArchivedAt = &c.at
	return storeArchived(ctx, c, r, left, Event{Type: EventArchived})
}

// storeArchived stores whether a locked room is archived, with the event that tells it, and
// publishes it to its members, whose lists of rooms change by it.
func storeArchived(ctx context.Context, c *change, r *Room, author *User, event Event) error {
	var members []int64
	err := c.NewSelect().Model((*UsersOnRoom)(nil)).Column("user_id").Where("room_id = ?", r.ID).Scan(ctx, &members)
	if err != nil {
		return err
	}
	if err := changeRoom(ctx, c, r, Notice{}); err != nil {
		return err
	}
	if err := addEvent(ctx, c, r, author, event); err != nil {
		return err
	}
	for users := range slices.Chunk(members, usersInNotice) {
		c.tell(Notice{Users: users})
	}
	return nil
}

// ArchivedRooms lists the archived rooms that the viewer is in, most recently active first.
func (s *Store) ArchivedRooms(ctx context.Context, viewer *User) ([]*RoomView, error) {
	return cached(ctx, s, archivedRoomsKey(viewer.ID), func(ctx context.Context, r *Reads) ([]*RoomView, error) {
		views, err := roomViews(ctx, s.read, viewer.ID, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("r.archived_at IS NOT NULL").OrderExpr("r.active_at DESC, r.id")
		})
		r.dependsOn(membershipsTag(viewer.ID))
		r.dependsOnRooms(viewer.ID, views...)
		return views, err
	})
}

// archivedRoomsKey names the archived rooms of the user with this id.
type archivedRoomsKey int64

// whyNotPosted returns why a post found nobody who may write: ErrArchived in an archived room that
// the viewer is in, else ErrNotFound.
func (s *Store) whyNotPosted(ctx context.Context, viewer *User, room uuid.UUID) error {
	view, err := roomView(ctx, s.read, viewer.ID, room)
	switch {
	case err == nil && view.ArchivedAt != nil:
		return ErrArchived
	case err == nil, errors.Is(err, ErrNotFound):
		return ErrNotFound
	}
	return translate(err)
}
