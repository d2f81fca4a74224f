package db

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// batch is posts that are written in one transaction, into any rooms and by any authors, with as many statements for many as
// for one.
type batch struct {
	s     *Store
	c     *change
	posts []*post

	members map[place]*postMember
	rooms   map[uuid.UUID]*postRoom
	keyed   map[postKey]*Message // posted with the posts' keys before, or in this batch
	known   bool                 // some of them were posted before
	fresh   []*Message
}

// place is where an author writes.
type place struct {
	RoomID uuid.UUID `json:"room_id"`
	UserID int64     `json:"user_id"`
}

// postKey is an idempotency key with what it is unique for.
type postKey struct {
	place
	Key string `json:"key"`
}

// postMember is somebody who may write in a room.
type postMember struct {
	author       *User
	readPosition int64
	moved        bool
}

// postRoom is a locked room. newest is nil in an empty one.
type postRoom struct {
	lastPosition, revision int64
	newest                 *Message
	moved                  bool
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

func (p *post) place() place { return place{p.room, p.author} }

// read keeps everybody else from changing the rooms, and then reads them and those of the authors who are members: before, a membership
// might have ended meanwhile. Deactivated people are none: their request came too late.
func (b *batch) read(ctx context.Context) error {
	b.members, b.rooms, b.keyed = map[place]*postMember{}, map[uuid.UUID]*postRoom{}, map[postKey]*Message{}
	var places []place
	for _, p := range b.posts {
		if _, ok := b.members[p.place()]; !ok {
			b.members[p.place()] = nil
			places = append(places, p.place())
		}
	}
	lists := []any{jsonText(places), jsonText(b.keys())}
	var rows []*memberRow
	if err := b.s.sql.read.scan(ctx, b.c, &rows, lists...); err != nil {
		return err
	}
	for _, row := range rows {
		b.known = row.Known > 0
		b.members[place{row.RoomID, row.AuthorID}] = &postMember{author: row.Author, readPosition: row.ReadPosition}
		if b.rooms[row.RoomID] == nil {
			b.rooms[row.RoomID] = row.room()
		}
	}
	return nil
}

func (row *memberRow) room() *postRoom {
	r := &postRoom{lastPosition: row.LastPosition, revision: row.Revision}
	if row.NewestAt != nil {
		r.newest = &Message{AuthorID: *row.NewestAuthor, PostedAt: *row.NewestAt}
	}
	return r
}

// keys are those of the posts that have one.
func (b *batch) keys() []postKey {
	keys := []postKey{}
	for _, p := range b.posts {
		if p.key != "" {
			keys = append(keys, postKey{p.place(), p.key})
		}
	}
	return keys
}

// readKeyed reads the messages that were posted with the posts' keys before.
func (b *batch) readKeyed(ctx context.Context) error {
	if !b.known {
		return nil
	}
	var found []*Message
	if err := b.s.sql.keyed.scan(ctx, b.c, &found, jsonText(b.keys())); err != nil {
		return err
	}
	for _, m := range found {
		b.keyed[postKey{place{m.RoomID, m.AuthorID}, *m.Key}] = m
	}
	return nil
}

// write gives a post its message: the one posted with its key before, or a new one.
func (b *batch) write(p *post) {
	member := b.members[p.place()]
	if member == nil {
		p.fail(ErrNotFound)
		return
	}
	b.markRead(member, p)
	key := postKey{p.place(), p.key}
	p.message, p.created, p.err = b.keyed[key], false, nil
	if p.message != nil {
		return
	}
	p.message, p.created = b.next(b.rooms[p.room], member, p), true
	if p.key != "" {
		b.keyed[key] = p.message
	}
}

// markRead moves an author's read mark to where it has read, which changes what it has not.
func (b *batch) markRead(member *postMember, p *post) {
	if read := min(p.read, b.rooms[p.room].lastPosition); read > member.readPosition {
		member.readPosition, member.moved = read, true
		b.c.tell(Notice{Users: []int64{p.author}})
	}
}

// next makes the message at the next position. Who has read everything has read its own message as well: no count changes by it,
// and counting stays short for somebody who only writes.
func (b *batch) next(room *postRoom, member *postMember, p *post) *Message {
	at := b.c.at
	if room.newest != nil && at.Before(room.newest.PostedAt) {
		at = room.newest.PostedAt // another process's clock is ahead: within a room time never goes back
	}
	room.lastPosition++
	room.revision++
	room.moved = true
	m := &Message{
		RoomID: p.room, Position: room.lastPosition, Revision: room.revision,
		AuthorID: p.author, Author: member.author, Body: p.body, PostedAt: at,
		Continues: continues(room.newest, p.author, at),
	}
	if p.key != "" {
		m.Key = &p.key
	}
	if room.newest != nil {
		m.PreviousAt = &room.newest.PostedAt
	}
	if member.readPosition == m.Position-1 {
		member.readPosition, member.moved = m.Position, true
	}
	room.newest = m
	b.fresh = append(b.fresh, m)
	return m
}

// store has what is new written, and with that the transaction ends.
func (b *batch) store() {
	marks := b.marks()
	if len(b.fresh) == 0 && len(marks) == 0 {
		return
	}
	for _, m := range b.fresh {
		b.c.tell(Notice{Room: m.RoomID, Revision: m.Revision, Message: m})
	}
	lists := []any{jsonText(b.messages()), jsonText(b.states()), jsonText(marks)}
	b.c.last = func(ctx context.Context) error { return b.s.sql.store(ctx, b.c, lists...) }
}

// messageRow, stateRow and markRow are what the lists to write consist of.
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

type stateRow struct {
	ID           uuid.UUID `json:"id"`
	LastPosition int64     `json:"last_position"`
	Revision     int64     `json:"revision"`
	ActiveAt     string    `json:"active_at"`
}

type markRow struct {
	place
	ReadPosition int64 `json:"read_position"`
}

func (b *batch) messages() []messageRow {
	rows := make([]messageRow, len(b.fresh))
	for i, m := range b.fresh {
		rows[i] = messageRow{
			RoomID: m.RoomID, Position: m.Position, Revision: m.Revision, AuthorID: m.AuthorID, Body: m.Body,
			PostedAt: stored(m.PostedAt), Key: m.Key, Continues: m.Continues,
		}
		if m.PreviousAt != nil {
			previous := stored(*m.PreviousAt)
			rows[i].PreviousAt = &previous
		}
	}
	return rows
}

func (b *batch) states() []stateRow {
	rows := []stateRow{}
	for id, r := range b.rooms {
		if r.moved {
			rows = append(rows, stateRow{id, r.lastPosition, r.revision, stored(r.newest.PostedAt)})
		}
	}
	return rows
}

func (b *batch) marks() []markRow {
	rows := []markRow{}
	for at, m := range b.members {
		if m != nil && m.moved {
			rows = append(rows, markRow{at, m.readPosition})
		}
	}
	return rows
}
