package db

import (
	"time"

	"github.com/google/uuid"
)

// memberKey names a membership: where an author writes.
type memberKey struct {
	RoomID uuid.UUID `json:"room_id"`
	UserID int64     `json:"user_id"`
}

// postKey is an idempotency key with what it is unique for.
type postKey struct {
	memberKey
	Key string `json:"key"`
}

// memberRow is an active member of a room, beside the present state of the room.
type memberRow struct {
	RoomID        uuid.UUID
	AuthorID      int64
	AuthorVersion int64
	ReadPosition  int64
	LastPosition  int64
	Revision      int64
	NewestAuthor  *int64     // of the newest message; 0 where that is an event; nil in an empty room
	NewestAt      *time.Time // of the newest message; nil in an empty room
	Known         int64      // how many of all keys asked for were used before
}

// postWrites is what some posts change.
type postWrites struct {
	messages []*Message
	rooms    []roomCounters
	marks    []readMark
}

// roomCounters is where a room stands after some posts.
type roomCounters struct {
	ID           uuid.UUID `json:"id"`
	LastPosition int64     `json:"last_position"`
	Revision     int64     `json:"revision"`
	ActiveAt     string    `json:"active_at"`
}

// readMark is how far somebody has read in a room.
type readMark struct {
	memberKey
	ReadPosition int64 `json:"read_position"`
}

// keyedSQL reads what was posted with keys. %s is a subquery of room_id, user_id and key.
const keyedSQL = `SELECT ?messageColumns, ?authorColumns
FROM %s AS k
JOIN messages AS msg ON msg.author_id = k.user_id AND msg."key" = k."key" AND msg.room_id = k.room_id
JOIN users AS author ON author.id = msg.author_id`
