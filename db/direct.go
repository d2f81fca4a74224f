package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// DirectRoom returns the one-to-one room of the viewer and another user, or of the viewer alone,
// and makes it where there is none. The same pair gets the same room, whoever asks first and
// however many ask at once. Errors: ErrNotFound for an unknown user, and for a deactivated one
// without a room.
func (s *Store) DirectRoom(ctx context.Context, viewer *User, userID int64) (*RoomView, error) {
	key := directKey(viewer.ID, userID)
	view, err := directView(ctx, s.read, viewer, key)
	if !errors.Is(err, ErrNotFound) {
		return view, err
	}
	other, err := person(ctx, s.read, userID)
	if err != nil {
		return nil, err
	}
	if other.DeactivatedAt != nil {
		return nil, ErrNotFound
	}
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		if err := openDirect(ctx, c, viewer.ID, userID, key); err != nil {
			return err
		}
		view, err = directView(ctx, c, viewer, key)
		return err
	})
	return view, err
}

// directKey returns the unique key of the room of two users, the same for either order.
func directKey(a, b int64) string { return fmt.Sprintf("%d:%d", min(a, b), max(a, b)) }

// openDirect makes the room of two users unless it exists. Of two calls at once the second waits
// for the first and finds its room.
func openDirect(ctx context.Context, c *change, a, b int64, key string) error {
	r := newRoom(c, a, "", KindDirect)
	r.DirectKey = &key
	fresh, err := affected(c.NewInsert().Model(r).On("CONFLICT (direct_key) DO NOTHING").Exec(ctx))
	if err != nil || !fresh {
		return err
	}
	people := []int64{a, b}
	if a == b {
		people = people[:1]
	}
	return addFirstMembers(ctx, c, r, people)
}

// directView reads the room with a key as the viewer sees it. Errors: ErrNotFound.
func directView(ctx context.Context, db bun.IDB, viewer *User, key string) (*RoomView, error) {
	r := new(Room)
	if err := db.NewSelect().Model(r).Where("direct_key = ?", key).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return roomView(ctx, db, viewer.ID, r.ID)
}
