package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// sqlitePosts has its statements prepared on the one connection that writes. Values are bound:
// taking lists apart, as JSON, costs SQLite more than all the rest.
type sqlitePosts struct {
	db      *bun.DB
	slow    *slowLog
	columns []*schema.Field // of messages, as insert takes them

	read                                  [len(readSizes)]*sql.Stmt // each for as many posts as readSizes says
	keyed, insert, roomCounters, readMark *sql.Stmt
}

// readSizes are the numbers of posts for which the reading statement is prepared. Posts take the
// smallest that holds them; what is left of it is filled with empty rows, which find nothing.
var readSizes = [...]int{1, 8, 64, commitBatch}

const (
	sqliteReadSQL = `WITH p (room_id, user_id, "key") AS MATERIALIZED (VALUES %s)
SELECT m.room_id, m.user_id, author.version,
	CASE WHEN newest.text_position <= m.read_position THEN r.last_position ELSE m.read_position END, r.last_position, r.revision,
	CASE newest.kind WHEN 'text' THEN newest.author_id ELSE 0 END, newest.posted_at,
	(SELECT count(*) FROM p AS k JOIN messages AS msg ON msg.room_id = k.room_id AND msg.author_id = k.user_id AND msg."key" = k."key")
FROM p
CROSS JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
CROSS JOIN rooms AS r ON r.id = m.room_id AND r.archived_at IS NULL
CROSS JOIN users AS author ON author.id = m.user_id AND author.deactivated_at IS NULL
LEFT JOIN messages AS newest ON newest.room_id = r.id AND newest.position = r.last_position`

	sqliteKeys = `(SELECT value->>'room_id' AS room_id, value->>'user_id' AS user_id, value->>'key' AS "key" FROM json_each(?))`

	sqliteInsertSQL = `INSERT INTO messages (%s) VALUES (%s)`

	sqliteRoomSQL = `UPDATE rooms SET last_position = ?, revision = ?, active_at = ? WHERE id = ?`

	sqliteMarkSQL = `UPDATE users_on_room SET read_position = ?1 WHERE room_id = ?2 AND user_id = ?3 AND read_position < ?1`
)

// newSQLitePosts prepares the statements on the connection that writes.
func newSQLitePosts(ctx context.Context, db *bun.DB, slow *slowLog) (*sqlitePosts, error) {
	q := &sqlitePosts{db: db, slow: slow, columns: fields[Message](db)}
	names := make([]string, len(q.columns))
	for i, f := range q.columns {
		names[i] = string(f.SQLName)
	}
	type statement struct {
		to   **sql.Stmt
		text string
	}
	statements := []statement{
		{&q.keyed, db.QueryGen().FormatQuery(fmt.Sprintf(keyedSQL, sqliteKeys))},
		{&q.insert, fmt.Sprintf(sqliteInsertSQL, strings.Join(names, ", "), repeat("?", len(names)))},
		{&q.roomCounters, sqliteRoomSQL},
		{&q.readMark, sqliteMarkSQL},
	}
	for i, size := range readSizes {
		statements = append(statements, statement{&q.read[i], fmt.Sprintf(sqliteReadSQL, repeat("(?, ?, ?)", size))})
	}
	for _, s := range statements {
		var err error
		if *s.to, err = db.DB.PrepareContext(ctx, s.text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// repeat lists a text n times.
func repeat(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+", ", n), ", ") }

func (q *sqlitePosts) readMembers(ctx context.Context, tx bun.Tx, posts []*post) (members []*memberRow, err error) {
	defer q.slow.since(time.Now(), sqliteReadSQL)
	size := 0
	for readSizes[size] < len(posts) {
		size++
	}
	args := make([]any, 3*readSizes[size])
	for i, p := range posts {
		args[3*i], args[3*i+1] = p.room.String(), p.author.ID
		if p.Key != "" {
			args[3*i+2] = p.Key
		}
	}
	rows, err := tx.StmtContext(ctx, q.read[size]).QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := &memberRow{}
		err := rows.Scan(&m.RoomID, &m.AuthorID, &m.AuthorVersion, &m.ReadPosition,
			&m.LastPosition, &m.Revision, &m.NewestAuthor, &m.NewestAt, &m.Known)
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, rows.Err()
}

func (q *sqlitePosts) readKeyed(ctx context.Context, tx bun.Tx, keys []postKey) (found []*Message, err error) {
	defer q.slow.since(time.Now(), keyedSQL)
	rows, err := tx.StmtContext(ctx, q.keyed).QueryContext(ctx, jsonText(keys))
	if err != nil {
		return nil, err
	}
	return found, q.db.ScanRows(ctx, rows, &found)
}

func (q *sqlitePosts) writePosts(ctx context.Context, tx bun.Tx, w postWrites) error {
	defer q.slow.since(time.Now(), sqliteInsertSQL) // and what moves with it
	insert, counters := tx.StmtContext(ctx, q.insert), tx.StmtContext(ctx, q.roomCounters)
	mark := tx.StmtContext(ctx, q.readMark)
	for _, m := range w.messages {
		if _, err := insert.ExecContext(ctx, storedValues(q.columns, m)...); err != nil {
			return err
		}
	}
	for _, r := range w.rooms {
		if _, err := counters.ExecContext(ctx, r.LastPosition, r.Revision, r.ActiveAt, r.ID.String()); err != nil {
			return err
		}
	}
	for _, m := range w.marks {
		if _, err := mark.ExecContext(ctx, m.ReadPosition, m.RoomID.String(), m.UserID); err != nil {
			return err
		}
	}
	return nil
}
