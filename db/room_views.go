package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// roomRow is a RoomView as one query reads it.
type roomRow struct {
	Room         `bun:",extend"`
	ReadPosition int64    `bun:",scanonly"`
	Unread       int      `bun:",scanonly"`
	Members      int      `bun:",scanonly"`
	Newest       *Message `bun:"rel:has-one,join:id=room_id,join:last_position=position"`
	OtherID      int64    `bun:",scanonly"`
	Other        *User    `bun:"rel:belongs-to,join:other_id=id"`
}

// unreadSQL counts on the primary key and stops at the bound.
const unreadSQL = `(SELECT count(*) FROM (SELECT 1 FROM messages AS x WHERE x.room_id = m.room_id AND x.position > m.read_position
	AND x.author_id <> m.user_id AND x.deleted_at IS NULL ORDER BY x.position LIMIT ?) AS counted) AS unread`

// otherSQL is the other person of a direct room, or the viewer in a room with itself.
const otherSQL = `LEFT JOIN users AS other ON other.id = CASE WHEN r.kind = 'direct' THEN coalesce((SELECT o.user_id
	FROM users_on_room AS o WHERE o.room_id = r.id AND o.user_id <> m.user_id LIMIT 1), m.user_id) END`

// otherColumns are the columns of a user without its password, under the names that fill roomRow.Other.
const otherColumns = `other.id AS other__id, other.name AS other__name, other.name_key AS other__name_key,
	other.display_name AS other__display_name, other.bio AS other__bio, other.language AS other__language,
	other.time_zone AS other__time_zone, other.role AS other__role, other.epoch AS other__epoch, other.version AS other__version,
	other.photo_version AS other__photo_version, other.created_at AS other__created_at, other.deactivated_at AS other__deactivated_at`

// roomViews reads rooms of a user, as narrow chooses, in one query.
func roomViews(ctx context.Context, db bun.IDB, userID int64, narrow func(*bun.SelectQuery) *bun.SelectQuery) ([]*RoomView, error) {
	var rows []*roomRow
	err := db.NewSelect().Model(&rows).Apply(roomColumns).ColumnExpr("r.members").ColumnExpr("m.read_position").
		ColumnExpr(unreadSQL, UnreadBound).ColumnExpr(otherColumns).
		Relation("Newest").Relation("Newest.Author", withoutPassword).
		Join("JOIN users_on_room AS m ON m.room_id = r.id").Join(otherSQL).
		Where("m.user_id = ?", userID).Apply(narrow).Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	views := make([]*RoomView, len(rows))
	for i, row := range rows {
		views[i] = row.view()
	}
	return views, nil
}

// roomColumns names the room's own columns, because naming any other column leaves them out.
func roomColumns(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Column("r.id", "r.title", "r.kind", "r.direct_key", "r.created_by", "r.created_at",
		"r.last_position", "r.revision", "r.room_revision", "r.active_at")
}

// roomView reads one room of a user. Errors: ErrNotFound.
func roomView(ctx context.Context, db bun.IDB, userID int64, id uuid.UUID) (*RoomView, error) {
	views, err := roomViews(ctx, db, userID, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("m.room_id = ?", id)
	})
	if err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, ErrNotFound
	}
	return views[0], nil
}

func (row *roomRow) view() *RoomView {
	v := &RoomView{
		Room: row.Room, Title: row.Title, Other: row.Other,
		ReadPosition: row.ReadPosition, Unread: row.Unread, Newest: row.Newest, Members: row.Members,
	}
	if v.Other != nil {
		v.Title = v.Other.DisplayName
	}
	return v
}
