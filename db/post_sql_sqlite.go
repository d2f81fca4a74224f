package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// sqlitePosts has its statements prepared on the one connection that writes. Transactions that write follow one another, so that nothing
// needs to be locked. Values are bound: taking lists apart, as JSON, costs SQLite more than all the rest.
type sqlitePosts struct {
	// reads take so many posts as their index in readSizes says; what is missing is empty.
	reads                              [len(readSizes)]*sql.Stmt
	byKey, insertion, moveRoom, moveUp *sql.Stmt
}

var readSizes = [...]int{1, 8, 64, postBatch}

const (
	sqliteReadSQL = `WITH p (room_id, user_id, "key") AS MATERIALIZED (VALUES %s)
SELECT m.room_id, m.user_id, m.read_position, r.last_position, r.revision, newest.author_id, newest.posted_at, author.version,
	(SELECT count(*) FROM p AS k JOIN messages AS msg ON msg.room_id = k.room_id AND msg.author_id = k.user_id AND msg."key" = k."key")
FROM p
CROSS JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
CROSS JOIN rooms AS r ON r.id = m.room_id
CROSS JOIN users AS author ON author.id = m.user_id AND author.deactivated_at IS NULL
LEFT JOIN messages AS newest ON newest.room_id = r.id AND newest.position = r.last_position`

	sqliteKeys = `(SELECT value->>'room_id' AS room_id, value->>'user_id' AS user_id, value->>'key' AS "key" FROM json_each(?))`

	sqliteInsertSQL = `INSERT INTO messages (room_id, position, revision, author_id, body, posted_at, "key", continues, previous_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

	sqliteRoomSQL = `UPDATE rooms SET last_position = ?, revision = ?, active_at = ? WHERE id = ?`

	sqliteMarkSQL = `UPDATE users_on_room SET read_position = ?1 WHERE room_id = ?2 AND user_id = ?3 AND read_position < ?1`
)

// newSQLitePosts prepares the statements on the connection that writes.
func newSQLitePosts(ctx context.Context, db *bun.DB) (*sqlitePosts, error) {
	q := &sqlitePosts{}
	texts := map[**sql.Stmt]string{
		&q.byKey: fmt.Sprintf(keyedSQL, sqliteKeys), &q.insertion: sqliteInsertSQL, &q.moveRoom: sqliteRoomSQL, &q.moveUp: sqliteMarkSQL,
	}
	for i, size := range readSizes {
		texts[&q.reads[i]] = fmt.Sprintf(sqliteReadSQL, strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", size), ", "))
	}
	for statement, text := range texts {
		var err error
		if *statement, err = db.DB.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (q *sqlitePosts) read(ctx context.Context, c *change, posts []*post) ([]*memberRow, error) {
	i := 0
	for readSizes[i] < len(posts) {
		i++
	}
	args := make([]any, 3*readSizes[i])
	authors := make(map[int64]*User, len(posts))
	for n, p := range posts {
		args[3*n], args[3*n+1] = p.room.String(), p.author.ID
		if p.key != "" {
			args[3*n+2] = p.key
		}
		authors[p.author.ID] = p.author
	}
	rows, err := c.Tx.StmtContext(ctx, q.reads[i]).QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	members, changed, err := scanMembers(rows, authors)
	if err != nil || len(changed) == 0 {
		return members, err
	}
	return members, refresh(ctx, c, members, changed)
}

// scanMembers reads rows of sqliteReadSQL. Authors are those who posted, unless they are not any more what they were when their requests
// were let in: these are changed.
func scanMembers(rows *sql.Rows, authors map[int64]*User) (members []*memberRow, changed []int64, err error) {
	defer rows.Close()
	for rows.Next() {
		m, version := &memberRow{}, int64(0)
		err := rows.Scan(&m.RoomID, &m.AuthorID, &m.ReadPosition, &m.LastPosition, &m.Revision, &m.NewestAuthor, &m.NewestAt, &version, &m.Known)
		if err != nil {
			return nil, nil, err
		}
		if m.Author = authors[m.AuthorID]; m.Author.Version != version {
			changed = append(changed, m.AuthorID)
		}
		members = append(members, m)
	}
	return members, changed, rows.Err()
}

// refresh reads authors anew.
func refresh(ctx context.Context, c *change, members []*memberRow, changed []int64) error {
	var users []*User
	if err := c.NewSelect().Model(&users).Apply(withoutPassword).Where("u.id IN (?)", bun.In(changed)).Scan(ctx); err != nil {
		return err
	}
	for _, m := range members {
		for _, u := range users {
			if u.ID == m.AuthorID {
				m.Author = u
			}
		}
	}
	return nil
}

func (q *sqlitePosts) keyed(ctx context.Context, c *change, keys []postKey) (found []*Message, err error) {
	rows, err := c.Tx.StmtContext(ctx, q.byKey).QueryContext(ctx, jsonText(keys))
	if err != nil {
		return nil, err
	}
	return found, c.db.ScanRows(ctx, rows, &found)
}

func (q *sqlitePosts) write(ctx context.Context, c *change, w postWrites) error {
	insertion, moveRoom, moveUp := c.Tx.StmtContext(ctx, q.insertion), c.Tx.StmtContext(ctx, q.moveRoom), c.Tx.StmtContext(ctx, q.moveUp)
	for _, m := range w.messages {
		_, err := insertion.ExecContext(ctx, m.RoomID.String(), m.Position, m.Revision, m.AuthorID, m.Body,
			stored(m.PostedAt), m.Key, m.Continues, storedOr(m.PreviousAt))
		if err != nil {
			return err
		}
	}
	for _, r := range w.rooms {
		if _, err := moveRoom.ExecContext(ctx, r.LastPosition, r.Revision, r.ActiveAt, r.ID.String()); err != nil {
			return err
		}
	}
	for _, m := range w.marks {
		if _, err := moveUp.ExecContext(ctx, m.ReadPosition, m.RoomID.String(), m.UserID); err != nil {
			return err
		}
	}
	return nil
}
