package db

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// sqliteRoomView reads one room of a user by a statement that is prepared once for each connection:
// to prepare it takes SQLite as long as to execute it.
type sqliteRoomView struct {
	db   *bun.DB
	slow *slowLog
	text string
	stmt *sql.Stmt
}

// newSQLiteRoomView prepares the statement for the connections that read.
func newSQLiteRoomView(ctx context.Context, db *bun.DB, slow *slowLog) (*sqliteRoomView, error) {
	v := &sqliteRoomView{db: db, slow: slow}
	v.text = selectRooms(db, new([]*roomRow)).
		Where("m.user_id = ?", bun.Safe("?1")).Where("m.room_id = ?", bun.Safe("?2")).String()
	var err error
	v.stmt, err = db.DB.PrepareContext(ctx, v.text)
	return v, err
}

// read returns the room, or none when the user is not in it.
func (v *sqliteRoomView) read(ctx context.Context, user int64, room uuid.UUID) ([]*RoomView, error) {
	defer v.slow.since(time.Now(), v.text)
	found, err := v.stmt.QueryContext(ctx, user, room.String())
	if err != nil {
		return nil, translate(err)
	}
	var rows []*roomRow
	if err := v.db.ScanRows(ctx, found, &rows); err != nil {
		return nil, translate(err)
	}
	return viewsOf(rows), readNewestSubjects(ctx, v.db, rows)
}
