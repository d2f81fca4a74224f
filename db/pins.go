package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// MaxPins is how many messages a room may have pinned.
const MaxPins = 50

// ErrTooManyPins is the conflict with a room that has MaxPins pinned messages.
var ErrTooManyPins = fmt.Errorf("%w: too many pinned messages", ErrConflict)

// PinMessage keeps a message of a room at hand for everybody in it, or not any more, and returns
// it. Every member may do that; what is so already changes nothing. Errors: ErrNotFound,
// ErrForbidden for an event, ErrArchived, ErrConflict for a deleted message, ErrTooManyPins.
func (s *Store) PinMessage(ctx context.Context, viewer *User, room uuid.UUID, position int64, pinned bool) (*Message, error) {
	return s.reviseMessage(ctx, viewer, room, position, func(c *change, r *Room, m *Message) (bool, error) {
		switch {
		case (m.PinnedAt != nil) == pinned:
			return false, nil
		case r.ArchivedAt != nil:
			return false, ErrArchived
		case m.DeletedAt != nil:
			return false, ErrConflict
		case pinned && r.Pins >= MaxPins:
			return false, ErrTooManyPins
		}
		m.PinnedAt = nil
		if pinned {
			m.PinnedAt = &c.at
		}
		return true, nil
	})
}

// countPins counts the pinned messages of a locked room anew, after one of them has changed, and
// tells its readers where the number differs.
func countPins(ctx context.Context, c *change, r *Room) error {
	pins, err := c.NewSelect().Model((*Message)(nil)).Where("msg.room_id = ? AND msg.pinned_at IS NOT NULL", r.ID).Count(ctx)
	if err != nil || pins == r.Pins {
		return err
	}
	r.Pins = pins
	return changeRoom(ctx, c, r, Notice{})
}

// PinnedMessages lists the pinned messages of a room that the viewer is in, the last pinned first.
// Errors: ErrNotFound.
func (s *Store) PinnedMessages(ctx context.Context, viewer *User, room uuid.UUID) ([]*Message, error) {
	if err := s.CheckMember(ctx, viewer, room); err != nil {
		return nil, err
	}
	messages := []*Message{}
	err := s.read.NewSelect().Model(&messages).Relation("Author", withoutPassword).
		Where("msg.room_id = ?", room).Where("msg.pinned_at IS NOT NULL").
		OrderExpr("msg.pinned_at DESC, msg.position DESC").Limit(MaxPins).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return messages, readReferences(ctx, s.read, messages...)
}
