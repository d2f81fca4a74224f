package db

import (
	"context"

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

func (p *post) place() place { return place{p.room, p.author.ID} }

// read keeps everybody else from changing the rooms, and then reads them and those of the authors who are members: before, a membership
// might have ended meanwhile. Deactivated people are none: their request came too late.
func (b *batch) read(ctx context.Context) error {
	b.members, b.rooms, b.keyed = map[place]*postMember{}, map[uuid.UUID]*postRoom{}, map[postKey]*Message{}
	rows, err := b.s.sql.read(ctx, b.c, b.posts)
	if err != nil {
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

// keysOfPosts are the keys of those posts that have one.
func keysOfPosts(posts []*post) []postKey {
	keys := []postKey{}
	for _, p := range posts {
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
	found, err := b.s.sql.keyed(ctx, b.c, keysOfPosts(b.posts))
	if err != nil {
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
		b.c.tell(Notice{Users: []int64{p.author.ID}})
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
		AuthorID: p.author.ID, Author: member.author, Body: p.body, PostedAt: at,
		Continues: continues(room.newest, p.author.ID, at),
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
	w := postWrites{b.fresh, b.states(), b.marks()}
	if len(w.messages)+len(w.marks) == 0 {
		return
	}
	for _, m := range b.fresh {
		b.c.tell(Notice{Room: m.RoomID, Revision: m.Revision, Message: m})
	}
	b.c.last = func(ctx context.Context) error { return b.s.sql.write(ctx, b.c, w) }
}

func (b *batch) states() []roomState {
	states := []roomState{}
	for id, r := range b.rooms {
		if r.moved {
			states = append(states, roomState{id, r.lastPosition, r.revision, stored(r.newest.PostedAt)})
		}
	}
	return states
}

func (b *batch) marks() []readMark {
	marks := []readMark{}
	for at, m := range b.members {
		if m.moved {
			marks = append(marks, readMark{at, m.readPosition})
		}
	}
	return marks
}
