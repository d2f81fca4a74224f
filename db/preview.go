package db

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// RoomPreview is an open room as it looks from outside.
type RoomPreview struct {
	Room
	Members  int        // active ones
	People   []*User    // those who came first
	Messages []*Message // the newest texts, oldest first
}

// What a preview shows at most.
const (
	previewPeople   = 8
	previewMessages = 20
)

// Preview returns an open room to a user who is not in it. Errors: ErrNotFound for any other room,
// one that the viewer is in among them; ErrBanned.
func (s *Store) Preview(ctx context.Context, viewer *User, id uuid.UUID) (*RoomPreview, error) {
	err := s.CheckMember(ctx, viewer, id)
	if err == nil {
		return nil, ErrNotFound
	}
	if !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	r, err := s.enterable(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	p := &RoomPreview{Room: *r, People: []*User{}, Messages: []*Message{}}
	err = s.snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model((*Room)(nil)).ColumnExpr("r.members").Where("r.id = ?", id).Scan(ctx, &p.Members); err != nil {
			return err
		}
		err := tx.NewSelect().Model(&p.People).Apply(withoutPassword).
			Join("JOIN users_on_room AS m ON m.user_id = u.id").Where("m.room_id = ?", id).
			Where("u.deactivated_at IS NULL").OrderExpr("m.joined_at, m.user_id").Limit(previewPeople).Scan(ctx)
		if err != nil {
			return err
		}
		err = tx.NewSelect().Model(&p.Messages).Relation("Author", withoutPassword).
			Where("msg.room_id = ?", id).Where("msg.kind = ?", MessageText).Where("msg.deleted_at IS NULL").
			OrderExpr("msg.position DESC").Limit(previewMessages).Scan(ctx)
		if err != nil {
			return err
		}
		return readReferences(ctx, tx, p.Messages...)
	})
	slices.Reverse(p.Messages)
	return p, err
}

// BannedFrom returns the room that the viewer was put out of. Errors: ErrNotFound for a room that
// the viewer may enter, or never was in.
func (s *Store) BannedFrom(ctx context.Context, viewer *User, id uuid.UUID) (*Room, error) {
	r := new(Room)
	err := s.read.NewSelect().Model(r).Join("JOIN room_bans AS b ON b.room_id = r.id").
		Where("r.id = ?", id).Where("b.user_id = ?", viewer.ID).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return r, nil
}
