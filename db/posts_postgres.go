package db

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"
)

// postgresPosts calls functions that take lists as JSON, see the migration that creates them: a
// batch is two calls, however many rooms and authors are in it. Prepared statements would belong to
// a connection, and a pooler may give every transaction another one; the functions keep their plans
// with the connection.
type postgresPosts struct{}

const postgresKeys = `(SELECT * FROM json_to_recordset(?) AS k (room_id UUID, user_id BIGINT, "key" TEXT))`

func (postgresPosts) readMembers(ctx context.Context, tx bun.Tx, posts []*post) (rows []*memberRow, err error) {
	known := map[memberKey]bool{}
	var members []memberKey
	for _, p := range posts {
		if !known[p.member()] {
			known[p.member()] = true
			members = append(members, p.member())
		}
	}
	err = tx.NewRaw("SELECT * FROM posts_read(?, ?)", jsonText(members), jsonText(keysOfPosts(posts))).Scan(ctx, &rows)
	return rows, err
}

func (postgresPosts) readKeyed(ctx context.Context, tx bun.Tx, keys []postKey) (found []*Message, err error) {
	err = tx.NewRaw(fmt.Sprintf(keyedSQL, postgresKeys), jsonText(keys)).Scan(ctx, &found)
	return found, err
}

func (postgresPosts) writePosts(ctx context.Context, tx bun.Tx, w postWrites) error {
	columns := fields[Message](tx)
	rows := make([]map[string]any, len(w.messages))
	for i, m := range w.messages {
		rows[i] = make(map[string]any, len(columns))
		for k, value := range storedValues(columns, m) {
			rows[i][columns[k].Name] = value
		}
	}
	_, err := tx.ExecContext(ctx, "SELECT messages_write(?, ?, ?, ?)", jsonText(rows), len(columns), jsonText(w.rooms), jsonText(w.marks))
	return err
}

// jsonText is a list as the functions take it. Its elements are types of this package and values of
// columns, all of which have a JSON form.
func jsonText(list any) string {
	b, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return string(b)
}
