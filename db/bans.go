package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// roomBan keeps somebody who was put out of a room from coming back by itself.
type roomBan struct {
	bun.BaseModel `bun:"table:room_bans,alias:b"`

	RoomID    uuid.UUID `bun:",pk,type:uuid"`
	UserID    int64     `bun:",pk"`
	BannedBy  int64
	CreatedAt time.Time
}

// ban keeps a user out of a locked room. Who is banned stays so.
func ban(ctx context.Context, c *change, room uuid.UUID, userID, by int64) error {
	b := &roomBan{RoomID: room, UserID: userID, BannedBy: by, CreatedAt: c.at}
	_, err := c.NewInsert().Model(b).On("CONFLICT (room_id, user_id) DO NOTHING").Exec(ctx)
	return err
}

// unban lets a user into a locked room again.
func unban(ctx context.Context, c *change, room uuid.UUID, userID int64) error {
	_, err := c.NewDelete().Model((*roomBan)(nil)).Where("room_id = ?", room).Where("user_id = ?", userID).Exec(ctx)
	return err
}

// isBanned reports whether a user was put out of a room.
func isBanned(ctx context.Context, db bun.IDB, room uuid.UUID, userID int64) (bool, error) {
	return db.NewSelect().Model((*roomBan)(nil)).Where("b.room_id = ?", room).Where("b.user_id = ?", userID).Exists(ctx)
}
