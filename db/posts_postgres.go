package db

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
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
	rows, err := messagesText(columns, w.messages)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "SELECT messages_write(?, ?, ?, ?)"+andCommit, rows, len(columns), jsonText(w.rooms), jsonText(w.marks))
	return err
}

// messagesText is a list of messages as messages_write takes it: objects of all columns. Each value
// is encoded by itself; with a map for each message a post in a large batch takes 66 allocations
// instead of 29.
func messagesText(columns []*schema.Field, messages []*Message) (string, error) {
	var b bytes.Buffer
	values := json.NewEncoder(&b)
	b.WriteByte('[')
	for i, m := range messages {
		if i > 0 {
			b.WriteByte(',')
		}
		for k, value := range storedValues(columns, m) {
			b.WriteByte("{,"[min(k, 1)])
			b.WriteString(`"` + columns[k].Name + `":`)
			if err := values.Encode(value); err != nil {
				return "", fmt.Errorf("message column %s: %w", columns[k].Name, err)
			}
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.String(), nil
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
