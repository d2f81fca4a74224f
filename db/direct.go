package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// DirectRoom opens, or finds, the one-to-one room of the viewer and another user (or of the viewer alone):
// the same pair always gets the same room, whoever asks first and also at once. Errors: ErrNotFound for no such user,
// and for one who is deactivated unless there is a room already.
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

// directKey is the same whoever of the two asks.
func directKey(a, b int64) string { return fmt.Sprintf("%d:%d", min(a, b), max(a, b)) }

// openDirect makes the room unless there is one; of two who do so at once the second waits for the first and finds its room.
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
	return furnish(ctx, c, r, people)
}

func directView(ctx context.Context, db bun.IDB, viewer *User, key string) (*RoomView, error) {
	r := new(Room)
	if err := db.NewSelect().Model(r).Where("direct_key = ?", key).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return roomView(ctx, db, viewer.ID, r.ID)
}
