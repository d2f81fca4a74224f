package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// roomRow is a RoomView as one query reads it.
type roomRow struct {
	Room         `bun:",extend"`
	UserID       int64    `bun:",scanonly"`
	ReadPosition int64    `bun:",scanonly"`
	Favourite    bool     `bun:",scanonly"`
	Counts       int      `bun:",scanonly"` // of unreadSQL
	Members      int      `bun:",scanonly"`
	Newest       *Message `bun:"rel:has-one,join:id=room_id,join:last_position=position"` // read by newestTextSQL
	OtherID      int64    `bun:",scanonly"`
	Other        *User    `bun:"rel:belongs-to,join:other_id=id"`
}

// readSQL is how far a member has read. Who has read every text has read the events after it.
const readSQL = `CASE WHEN latest.text_position <= m.read_position THEN r.last_position ELSE m.read_position END`

// unreadRowsSQL reads unread texts along the primary key and stops at its argument.
const unreadRowsSQL = `(SELECT x.mentions FROM messages AS x WHERE x.room_id = m.room_id AND x.position > ` + readSQL + `
	AND x.author_id <> m.user_id AND x.deleted_at IS NULL AND x.kind = 'text' ORDER BY x.position LIMIT ?) AS counted`

// unreadSQL counts these, and those of them that mention the member, in one pass: the first number
// times mentionsBase plus the second. Subqueries of their own would read and plan the same twice.
const unreadSQL = `(SELECT count(*) * ? + count(CASE WHEN counted.mentions LIKE '% ' || m.user_id || ' %' OR counted.mentions LIKE '% 0 %' THEN 1 END)
	FROM ` + unreadRowsSQL + `) AS counts`

// mentionsBase is greater than any number of mentions that unreadSQL counts.
const mentionsBase = UnreadBound + 1

// otherSQL joins the other person of a direct room, or the viewer in a room with itself.
const otherSQL = `LEFT JOIN users AS other ON other.id = CASE WHEN r.kind = 'direct' THEN coalesce((SELECT o.user_id
	FROM users_on_room AS o WHERE o.room_id = r.id AND o.user_id <> m.user_id LIMIT 1), m.user_id) END`

// newestTextSQL joins the newest text, with its author: the newest message, or the text that an
// event names.
const newestTextSQL = `LEFT JOIN messages AS latest ON latest.room_id = r.id AND latest.position = r.last_position
LEFT JOIN messages AS newest ON newest.room_id = r.id AND newest.position = coalesce(latest.text_position, r.last_position)
LEFT JOIN users AS newest_author ON newest_author.id = newest.author_id`

// selectRooms selects memberships into rows.
func selectRooms(db bun.IDB, rows *[]*roomRow) *bun.SelectQuery {
	return db.NewSelect().Model(rows).
		ColumnExpr("?TableColumns, r.members, m.user_id, m.favourite, "+readSQL+" AS read_position").
		ColumnExpr(unreadSQL, mentionsBase, UnreadBound).
		ColumnExpr("?otherColumns, ?newestColumns, ?newestAuthorColumns").
		Join("JOIN users_on_room AS m ON m.room_id = r.id").Join(otherSQL).Join(newestTextSQL)
}

// roomViews reads the rooms of a user that narrow chooses, in one query.
func roomViews(ctx context.Context, db bun.IDB, userID int64, narrow func(*bun.SelectQuery) *bun.SelectQuery) ([]*RoomView, error) {
	rows, err := roomRows(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return narrow(q.Where("m.user_id = ?", userID))
	})
	return viewsOf(rows), err
}

// viewsOf returns the views of rows.
func viewsOf(rows []*roomRow) []*RoomView {
	views := make([]*RoomView, len(rows))
	for i, row := range rows {
		views[i] = row.view()
	}
	return views
}

// roomRows reads the memberships that narrow chooses, in one query.
func roomRows(ctx context.Context, db bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) (rows []*roomRow, err error) {
	if err := selectRooms(db, &rows).Apply(narrow).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return rows, readNewestSubjects(ctx, db, rows)
}

// readNewestSubjects fills the subjects of the newest messages of rooms.
func readNewestSubjects(ctx context.Context, db bun.IDB, rows []*roomRow) error {
	var deleted []*Message
	for _, row := range rows {
		if row.Newest != nil && row.Newest.DeletedBy != nil {
			deleted = append(deleted, row.Newest)
		}
	}
	return readSubjects(ctx, db, deleted...)
}

// RoomOfMembers returns a room as some of its members see it, by their ids; who is not in it is
// left out. All views are of one state of the database. It does not check who reads.
func (s *Store) RoomOfMembers(ctx context.Context, room uuid.UUID, members []int64) (map[int64]*RoomView, error) {
	rows, err := roomRows(ctx, s.read, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("m.room_id = ?", room).Where("m.user_id IN (?)", bun.List(members))
	})
	views := make(map[int64]*RoomView, len(rows))
	for _, row := range rows {
		views[row.UserID] = row.view()
	}
	return views, err
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
		Favourite: row.Favourite, ReadPosition: row.ReadPosition,
		Unread: row.Counts / mentionsBase, Mentions: row.Counts % mentionsBase,
		Newest: row.Newest, Members: row.Members,
	}
	if v.Other != nil {
		v.Title = v.Other.DisplayName
	}
	return v
}
