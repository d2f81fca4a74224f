package db

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// postSQL is the statements of the posting path, in the dialect of one database. Their text is the same for one post and for hundreds, so
// that it is read and planned once: that takes a database longer than executing it. bun's builder would make a new text each time.
type postSQL interface {
	// read keeps everybody else from changing the rooms of posts until the end of the transaction, and returns those of the authors
	// who may write there. One may come several times.
	read(context.Context, *change, []*post) ([]*memberRow, error)
	// keyed returns the messages that were posted with keys before.
	keyed(context.Context, *change, []postKey) ([]*Message, error)
	// write is the last that happens in the transaction.
	write(context.Context, *change, postWrites) error
}

// memberRow is a member of a room as one query reads it, beside the room's present state.
type memberRow struct {
	RoomID       uuid.UUID
	ReadPosition int64
	LastPosition int64
	Revision     int64
	NewestAuthor *int64
	NewestAt     *time.Time
	Known        int64
	Author       *User `bun:"rel:belongs-to,join:author_id=id"`
	AuthorID     int64
}

// postWrites is what some posts change.
type postWrites struct {
	messages []*Message
	rooms    []roomState
	marks    []readMark
}

// roomState is where a room stands after some posts.
type roomState struct {
	ID           uuid.UUID `json:"id"`
	LastPosition int64     `json:"last_position"`
	Revision     int64     `json:"revision"`
	ActiveAt     string    `json:"active_at"`
}

// readMark is how far somebody has read in a room.
type readMark struct {
	place
	ReadPosition int64 `json:"read_position"`
}

// keyedSQL reads what was posted with keys. The missing part is the list.
const keyedSQL = `SELECT ` + messageColumns + `, ` + authorColumns + `
FROM %s AS k
JOIN messages AS msg ON msg.author_id = k.user_id AND msg."key" = k."key" AND msg.room_id = k.room_id
JOIN users AS author ON author.id = msg.author_id`

// stored is a time as SQLite keeps it; PostgreSQL reads it as well.
func stored(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999-07:00") }

// storedOr is stored, or nothing.
func storedOr(t *time.Time) *string {
	if t == nil {
		return nil
	}
	text := stored(*t)
	return &text
}
