package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// The statements of the posting path. They take lists as JSON, so that their text is the same for one post and for hundreds:
// SQLite, which spends more time on reading a statement than on executing it, gets each of them once. bun's builder is not used
// here, since it would put together, and SQLite would read, a new text each time; what they return is scanned by bun.
//
// PostgreSQL gets them as text with the values in it, like everything else from this program: prepared statements belong to a
// connection, and poolers between may give every transaction another one. There the round trips count: what is written is one
// statement.

// postSQL is the statements in the dialect of one database.
type postSQL struct {
	lock, members, keyed *statement
	store                []*statement // all together take the messages, the rooms and the read marks
}

// statement is one of them; prepared is nil for PostgreSQL.
type statement struct {
	text     string
	prepared *sql.Stmt
}

// column is a field of the objects in a list, with its type in PostgreSQL.
type column struct{ name, kind string }

var (
	placeColumns = []column{{"room_id", "uuid"}, {"user_id", "bigint"}}
	keyColumns   = append(placeColumns[:2:2], column{"key", "text"})
	freshColumns = []column{
		{"room_id", "uuid"}, {"position", "bigint"}, {"revision", "bigint"}, {"author_id", "bigint"}, {"body", "text"},
		{"posted_at", "timestamptz"}, {"key", "text"}, {"continues", "boolean"}, {"previous_at", "timestamptz"},
	}
	roomStateColumns = []column{{"id", "uuid"}, {"last_position", "bigint"}, {"revision", "bigint"}, {"active_at", "timestamptz"}}
	markColumns      = append(placeColumns[:2:2], column{"read_position", "bigint"})
)

// postMembersSQL reads the members among places with their rooms' newest message, and how many of the keys are known.
const postMembersSQL = `SELECT (SELECT count(*) FROM %s JOIN messages AS msg
	ON msg.room_id = k.room_id AND msg.author_id = k.user_id AND msg."key" = k."key") AS known,
	m.room_id, m.user_id AS author_id, m.read_position, r.last_position, r.revision,
	newest.author_id AS newest_author, newest.posted_at AS newest_at, ` + authorColumns + `
FROM %s
JOIN rooms AS r ON r.id = p.room_id
JOIN users_on_room AS m ON m.room_id = p.room_id AND m.user_id = p.user_id
JOIN users AS author ON author.id = p.user_id AND author.deactivated_at IS NULL
LEFT JOIN messages AS newest ON newest.room_id = r.id AND newest.position = r.last_position`

// postKeyedSQL reads what was posted with keys.
const postKeyedSQL = `SELECT ` + messageColumns + `, ` + authorColumns + `
FROM %s
JOIN messages AS msg ON msg.room_id = k.room_id AND msg.author_id = k.user_id AND msg."key" = k."key"
JOIN users AS author ON author.id = msg.author_id`

const (
	postInsertSQL = `INSERT INTO messages (room_id, position, revision, author_id, body, posted_at, "key", continues, previous_at)
SELECT room_id, position, revision, author_id, body, posted_at, "key", continues, previous_at FROM %s`

	postRoomsSQL = `UPDATE rooms SET last_position = s.last_position, revision = s.revision, active_at = s.active_at
FROM %s WHERE rooms.id = s.id`

	postMarksSQL = `UPDATE users_on_room SET read_position = s.read_position
FROM %s WHERE users_on_room.room_id = s.room_id AND users_on_room.user_id = s.user_id AND users_on_room.read_position < s.read_position`
)

func postgresPostSQL() *postSQL {
	list := func(alias string, columns []column) string {
		var typed []string
		for _, c := range columns {
			typed = append(typed, fmt.Sprintf("%q %s", c.name, c.kind))
		}
		return "json_to_recordset(?) AS " + alias + " (" + strings.Join(typed, ", ") + ")"
	}
	q := newPostSQL(list)
	q.lock = &statement{text: "SELECT r.id FROM rooms AS r WHERE r.id IN (SELECT json_array_elements_text(?)::uuid) ORDER BY r.id FOR UPDATE OF r"}
	all := "WITH posted AS (" + q.store[0].text + "), counted AS (" + q.store[1].text + ") " + q.store[2].text
	q.store = []*statement{{text: all}}
	return q
}

// sqlitePostSQL prepares the statements on the connection that writes.
func sqlitePostSQL(ctx context.Context, db *bun.DB) (*postSQL, error) {
	list := func(alias string, columns []column) string {
		var taken []string
		for _, c := range columns {
			taken = append(taken, fmt.Sprintf("value->>'%s' AS %q", c.name, c.name))
		}
		return "(SELECT " + strings.Join(taken, ", ") + " FROM json_each(?)) AS " + alias
	}
	q := newPostSQL(list)
	for _, st := range append(q.store[:3:3], q.members, q.keyed) {
		var err error
		if st.prepared, err = db.DB.PrepareContext(ctx, st.text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// newPostSQL makes the statements with a dialect's way of reading a list.
func newPostSQL(list func(alias string, columns []column) string) *postSQL {
	keys := list("k", keyColumns)
	return &postSQL{
		members: &statement{text: fmt.Sprintf(postMembersSQL, keys, list("p", placeColumns))},
		keyed:   &statement{text: fmt.Sprintf(postKeyedSQL, keys)},
		store: []*statement{
			{text: fmt.Sprintf(postInsertSQL, list("s", freshColumns))},
			{text: fmt.Sprintf(postRoomsSQL, list("s", roomStateColumns))},
			{text: fmt.Sprintf(postMarksSQL, list("s", markColumns))},
		},
	}
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

// storePosts writes messages, the state of their rooms, and read marks.
func (q *postSQL) storePosts(ctx context.Context, c *change, lists ...any) error {
	if len(q.store) == 1 {
		return q.store[0].exec(ctx, c, lists...)
	}
	for i, st := range q.store {
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
