package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// The statements of the posting path. They take lists as JSON, so that their text is the same for one post and for hundreds and is
// read and planned once: that takes SQLite and PostgreSQL longer than executing it does. bun's builder would make a new text each
// time, so it is not used here; what comes back is scanned by bun.
//
// SQLite has them prepared on its one connection that writes. In PostgreSQL they are functions, see the migration that creates them:
// prepared statements belong to a connection, and a pooler may give every transaction another one.

// postSQL is the statements in the dialect of one database.
type postSQL struct {
	// read takes places and keys. In PostgreSQL it locks the rooms first; in SQLite transactions that write follow one another anyway.
	read *statement
	// keyed takes keys.
	keyed *statement
	// write takes the messages, the states of their rooms and the read marks, one for each statement where there are several.
	write []*statement
}

// statement is one of them; prepared is nil in PostgreSQL.
type statement struct {
	text     string
	prepared *sql.Stmt
}

// keyedSQL reads what was posted with keys. The missing part is the list.
const keyedSQL = `SELECT ` + messageColumns + `, ` + authorColumns + `
FROM %s AS k
JOIN messages AS msg ON msg.author_id = k.user_id AND msg."key" = k."key" AND msg.room_id = k.room_id
JOIN users AS author ON author.id = msg.author_id`

func postgresPostSQL() *postSQL {
	keys := `(SELECT * FROM json_to_recordset(?) AS k (room_id UUID, user_id BIGINT, "key" TEXT))`
	return &postSQL{
		read:  &statement{text: "SELECT * FROM posting_read(?, ?)"},
		keyed: &statement{text: fmt.Sprintf(keyedSQL, keys)},
		write: []*statement{{text: "SELECT posting_write(?, ?, ?)"}},
	}
}

const (
	sqliteKeys = `(SELECT value->>'room_id' AS room_id, value->>'user_id' AS user_id, value->>'key' AS "key" FROM json_each(?))`

	sqliteReadSQL = `WITH p AS (SELECT value->>'room_id' AS room_id, value->>'user_id' AS user_id FROM json_each(?)), k AS ` + sqliteKeys + `
SELECT m.room_id, m.user_id AS author_id, m.read_position, r.last_position, r.revision,
	newest.author_id AS newest_author, newest.posted_at AS newest_at,
	(SELECT count(*) FROM k JOIN messages AS msg ON msg.room_id = k.room_id AND msg.author_id = k.user_id AND msg."key" = k."key") AS known,
	` + authorColumns + `
FROM p
JOIN rooms AS r ON r.id = p.room_id
JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
JOIN users AS author ON author.id = p.user_id AND author.deactivated_at IS NULL
LEFT JOIN messages AS newest ON newest.room_id = r.id AND newest.position = r.last_position`

	sqliteInsertSQL = `INSERT INTO messages (room_id, position, revision, author_id, body, posted_at, "key", continues, previous_at)
SELECT value->>'room_id', value->>'position', value->>'revision', value->>'author_id', value->>'body', value->>'posted_at', value->>'key',
	value->>'continues', value->>'previous_at' FROM json_each(?)`

	sqliteStatesSQL = `UPDATE rooms SET last_position = s.value->>'last_position', revision = s.value->>'revision',
	active_at = s.value->>'active_at' FROM json_each(?) AS s WHERE rooms.id = s.value->>'id'`

	sqliteMarksSQL = `UPDATE users_on_room AS m SET read_position = s.value->>'read_position' FROM json_each(?) AS s
WHERE m.room_id = s.value->>'room_id' AND m.user_id = s.value->>'user_id' AND m.read_position < s.value->>'read_position'`
)

// sqlitePostSQL prepares the statements on the connection that writes.
func sqlitePostSQL(ctx context.Context, db *bun.DB) (*postSQL, error) {
	q := &postSQL{
		read:  &statement{text: sqliteReadSQL},
		keyed: &statement{text: fmt.Sprintf(keyedSQL, sqliteKeys)},
		write: []*statement{{text: sqliteInsertSQL}, {text: sqliteStatesSQL}, {text: sqliteMarksSQL}},
	}
	for _, st := range append(q.write[:3:3], q.read, q.keyed) {
		var err error
		if st.prepared, err = db.DB.PrepareContext(ctx, st.text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (st *statement) exec(ctx context.Context, c *change, args ...any) error {
	var err error
	if st.prepared != nil {
		_, err = c.Tx.StmtContext(ctx, st.prepared).ExecContext(ctx, args...)
	} else {
		_, err = c.ExecContext(ctx, st.text, args...)
	}
	return err
}

// scan reads all rows into dest, a list of models.
func (st *statement) scan(ctx context.Context, c *change, dest any, args ...any) error {
	if st.prepared == nil {
		return c.NewRaw(st.text, args...).Scan(ctx, dest)
	}
	rows, err := c.Tx.StmtContext(ctx, st.prepared).QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return c.db.ScanRows(ctx, rows, dest)
}

// store writes lists of messages, states of rooms and read marks.
func (q *postSQL) store(ctx context.Context, c *change, lists ...any) error {
	if len(q.write) == 1 {
		return q.write[0].exec(ctx, c, lists...)
	}
	for i, st := range q.write {
		if err := st.exec(ctx, c, lists[i]); err != nil {
			return err
		}
	}
	return nil
}

// jsonText is a list as the statements take it.
func jsonText(list any) string {
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // only types of this package, all of which have a JSON form
	}
	return string(b)
}

// stored is a time as SQLite keeps it; PostgreSQL reads it as well.
func stored(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999-07:00") }
