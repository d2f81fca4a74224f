package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// pageSQL reads a page of history, and the room through the viewer's membership, in one query and
// so in the same state of the database. No row: the viewer is no member. One row without a message:
// the page is empty. %s chooses the page.
const pageSQL = `SELECT head.revision AS head, head.last_position AS last, ?messageColumns, ?authorColumns
FROM (SELECT r.revision, r.last_position FROM rooms AS r JOIN users_on_room AS m ON m.room_id = r.id WHERE r.id = ? AND m.user_id = ?) AS head
LEFT JOIN (SELECT * FROM messages WHERE room_id = ? AND %s LIMIT ?) AS msg ON TRUE
LEFT JOIN users AS author ON author.id = msg.author_id
ORDER BY msg.position`

// These are pageSQL for each Window. Positions are dense, so that the middle of a page is
// arithmetic. A page around a position near the newest message begins earlier, so that it is full.
var (
	newestSQL = fmt.Sprintf(pageSQL, "TRUE ORDER BY position DESC")
	beforeSQL = fmt.Sprintf(pageSQL, "position < ? ORDER BY position DESC")
	afterSQL  = fmt.Sprintf(pageSQL, "position > ? ORDER BY position")
	aroundSQL = fmt.Sprintf(pageSQL, `position > (SELECT CASE WHEN last_position - ? < ? THEN last_position - ? ELSE ? END FROM rooms WHERE id = ?)
	ORDER BY position`)
)

type pageRow struct {
	Message `bun:",extend"`
	Head    int64 `bun:",scanonly"`
	Last    int64 `bun:",scanonly"`
}

// Messages returns a page of history. Errors: ErrNotFound when the viewer is no member.
func (s *Store) Messages(ctx context.Context, viewer *User, room uuid.UUID, w Window) (*MessagePage, error) {
	if w.Limit < 1 {
		w.Limit = defaultLimit
	}
	if _, ok := s.cache.versions.now(ctx); !ok {
		return s.readMessages(ctx, viewer.ID, room, w)
	}
	// Everybody in the room gets the same messages: who may have them is a question of its own.
	if _, err := s.Room(ctx, viewer, room); err != nil {
		return nil, err
	}
	return cached(ctx, s, messagesKey{room, w}, func(ctx context.Context, r *Reads) (*MessagePage, error) {
		page, err := s.readMessages(ctx, viewer.ID, room, w)
		if err == nil {
			r.dependsOnMessages(room, page.Messages)
		}
		return page, err
	})
}

// messagesKey names a stretch of a room's history.
type messagesKey struct {
	room   uuid.UUID
	window Window
}

func (s *Store) readMessages(ctx context.Context, viewer int64, room uuid.UUID, w Window) (*MessagePage, error) {
	var rows []*pageRow
	if err := w.query(s.read, viewer, room).Scan(ctx, &rows); err != nil {
		return nil, translate(err)
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	page := w.page(rows)
	return page, readReferences(ctx, s.read, page.Messages...)
}

func (w Window) query(db bun.IDB, viewer int64, room uuid.UUID) *bun.RawQuery {
	switch {
	case w.Before > 0:
		return db.NewRaw(beforeSQL, room, viewer, room, w.Before, w.Limit)
	case w.After > 0, w.First:
		return db.NewRaw(afterSQL, room, viewer, room, w.After, w.Limit)
	case w.Around > 0:
		start := w.Around - int64(w.Limit)/2 - 1
		return db.NewRaw(aroundSQL, room, viewer, room, w.Limit, start, w.Limit, start, room, w.Limit)
	}
	return db.NewRaw(newestSQL, room, viewer, room, w.Limit)
}

func (w Window) page(rows []*pageRow) *MessagePage {
	p := &MessagePage{Messages: []*Message{}, Revision: rows[0].Head}
	last := rows[0].Last
	for _, row := range rows {
		if row.Position > 0 {
			p.Messages = append(p.Messages, &row.Message)
		}
	}
	p.Messages = w.trim(p.Messages)
	if len(p.Messages) == 0 {
		p.Older = w.After > 0 && last > 0
		p.Newer = w.Before > 0 && last > 0
		return p
	}
	p.Older = p.Messages[0].Position > 1
	p.Newer = p.Messages[len(p.Messages)-1].Position < last
	return p
}

// trim returns the messages of a page that have at most PageBytes together: those next to the one
// with which the page begins, which is there however long it is.
func (w Window) trim(messages []*Message) []*Message {
	size := 0
	for _, m := range messages {
		size += len(m.Body)
	}
	if size <= PageBytes {
		return messages
	}
	begins := len(messages) - 1
	switch {
	case w.After > 0, w.First:
		begins = 0
	case w.Around > 0:
		begins = int(min(max(w.Around-messages[0].Position, 0), int64(begins)))
	}
	from, to, left := begins, begins+1, PageBytes-len(messages[begins].Body)
	for grown := true; grown; {
		grown = false
		if from > 0 && len(messages[from-1].Body) <= left {
			from, left, grown = from-1, left-len(messages[from-1].Body), true
		}
		if to < len(messages) && len(messages[to].Body) <= left {
			to, left, grown = to+1, left-len(messages[to].Body), true
		}
	}
	return slices.Clone(messages[from:to]) // the others are not kept
}

// PositionAt returns the position of the first message of a room that was posted at a time or after
// it; 0 where there is none. Within a room times never go back, so it is found by halving. Errors:
// ErrNotFound when the viewer is no member.
func (s *Store) PositionAt(ctx context.Context, viewer *User, room uuid.UUID, at time.Time) (int64, error) {
	view, err := s.Room(ctx, viewer, room)
	if err != nil {
		return 0, err
	}
	low, high := int64(1), view.LastPosition+1 // it is one of these, the last meaning none
	for low < high {
		middle := low + (high-low)/2
		var posted time.Time
		err := s.read.NewSelect().Model((*Message)(nil)).Column("posted_at").
			Where("room_id = ?", room).Where("position = ?", middle).Scan(ctx, &posted)
		if err != nil {
			return 0, translate(err)
		}
		if posted.Before(at) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low > view.LastPosition {
		return 0, nil
	}
	return low, nil
}
