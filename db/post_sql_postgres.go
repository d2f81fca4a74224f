package db

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// postgresPosts calls functions that take lists as JSON, see the migration that creates them: a batch is two round trips, however many
// rooms and authors are in it. Prepared statements belong to a connection, and a pooler may give every transaction another one.
type postgresPosts struct{}

var postgresKeyedSQL = fmt.Sprintf(keyedSQL, `(SELECT * FROM json_to_recordset(?) AS k (room_id UUID, user_id BIGINT, "key" TEXT))`)

func (postgresPosts) read(ctx context.Context, c *change, posts []*post) (rows []*memberRow, err error) {
	known := map[place]bool{}
	var places []place
	for _, p := range posts {
		if !known[p.place()] {
			known[p.place()] = true
			places = append(places, p.place())
		}
	}
	err = c.NewRaw("SELECT * FROM posting_read(?, ?)", jsonText(places), jsonText(keysOfPosts(posts))).Scan(ctx, &rows)
	return rows, err
}

func (postgresPosts) keyed(ctx context.Context, c *change, keys []postKey) (found []*Message, err error) {
	err = c.NewRaw(postgresKeyedSQL, jsonText(keys)).Scan(ctx, &found)
	return found, err
}

func (postgresPosts) write(ctx context.Context, c *change, w postWrites) error {
	_, err := c.ExecContext(ctx, "SELECT posting_write(?, ?, ?)", jsonText(messageRows(w.messages)), jsonText(w.rooms), jsonText(w.marks))
	return err
}

// messageRow is a message in the list that is written.
type messageRow struct {
	RoomID     uuid.UUID `json:"room_id"`
	Position   int64     `json:"position"`
	Revision   int64     `json:"revision"`
	AuthorID   int64     `json:"author_id"`
	Body       string    `json:"body"`
	PostedAt   string    `json:"posted_at"`
	Key        *string   `json:"key"`
	Continues  bool      `json:"continues"`
	PreviousAt *string   `json:"previous_at"`
}

func messageRows(messages []*Message) []messageRow {
	rows := make([]messageRow, len(messages))
	for i, m := range messages {
		rows[i] = messageRow{
			RoomID: m.RoomID, Position: m.Position, Revision: m.Revision, AuthorID: m.AuthorID, Body: m.Body,
			PostedAt: stored(m.PostedAt), Key: m.Key, Continues: m.Continues, PreviousAt: storedOr(m.PreviousAt),
		}
	}
	return rows
}

// jsonText is a list as the functions take it.
func jsonText(list any) string {
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // only types of this package, all of which have a JSON form
	}
	return string(b)
}
