package db

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// batch is posts that are written in one transaction, into any rooms and by any authors, with as
// many statements for many as for one.
type batch struct {
	c     *change
	posts []*post
	// forUpdate keeps others from changing selected rows, see dialect.
	forUpdate func(*bun.SelectQuery) *bun.SelectQuery

	members  map[memberKey]*postMember
	rooms    map[uuid.UUID]*postRoom
	keyed    map[postKey]*Message // posted with the posts' keys before, or in this batch
	calls    *calls               // whom the posts may mention; nil: nobody
	quotes   map[messageKey]*Quote
	waiting  map[uuid.UUID]*fileRow // files that wait for the posts, by id
	messages []*Message             // new
}

// postMember is an author who may write in a room.
type postMember struct {
	author       *User
	readPosition int64
	moved        bool // readPosition has to be stored
}

// postRoom is a locked room.
type postRoom struct {
	lastPosition, revision int64
	newest                 *Message // nil in an empty room
	moved                  bool     // it has to be stored
}

// commitPosts writes posts in one transaction and answers them. Where the database refuses that,
// each half is written by itself, until only the posts that cannot be written fail. Posts that may
// have been committed are not written again: they might be stored twice. Clients that no longer
// wait do not matter. Posts that have waited for writeTimeout behind others fail at once.
func (s *Store) commitPosts(posts []*post) {
	for len(posts) > 0 && time.Since(posts[0].arrived) >= writeTimeout {
		posts[0].fail(translate(context.DeadlineExceeded))
		close(posts[0].done)
		posts = posts[1:]
	}
	if len(posts) == 0 {
		return
	}
	begin := time.Now()
	err := s.writePosts(posts)
	s.observe(PostCommit{Posts: len(posts), Took: time.Since(begin), Err: err})
	if err != nil && len(posts) > 1 && isAnswer(err) && !errors.Is(err, errUncertain) && !errors.Is(err, ErrUnavailable) {
		s.logger.Warn("posts are committed in halves", "posts", len(posts), "error", err)
		s.commitPosts(posts[:len(posts)/2])
		s.commitPosts(posts[len(posts)/2:])
		return
	}
	for _, p := range posts {
		if err != nil {
			p.fail(err)
		}
		close(p.done)
	}
}

// writePosts writes posts in one transaction and sets their outcomes. After an error the outcomes
// mean nothing.
func (s *Store) writePosts(posts []*post) error {
	left := writeTimeout - time.Since(posts[0].arrived) // the first has waited longest
	return s.changeWithin(context.Background(), left, func(ctx context.Context, c *change) error {
		b := &batch{c: c, posts: posts, forUpdate: s.dialect.forUpdate}
		if err := b.read(ctx, s.dialect); err != nil {
			return err
		}
		for _, p := range posts {
			b.add(p)
		}
		w := b.writes()
		if len(w.messages)+len(w.marks) == 0 {
			return nil
		}
		for _, m := range w.messages {
			c.tell(Notice{Room: m.RoomID, Revision: m.Revision, Message: m})
		}
		if err := addActivities(ctx, c, b.messages); err != nil {
			return err
		}
		if err := b.writeFiles(ctx); err != nil {
			return err
		}
		c.commits()
		return s.dialect.writePosts(ctx, c.Tx, w)
	})
}

// read locks the rooms, and then reads them, those of the authors who are members, and what was
// posted with the posts' keys before. Before the lock a membership might still end. Deactivated
// people are no members: their request came too late.
func (b *batch) read(ctx context.Context, statements postStatements) error {
	rows, err := statements.readMembers(ctx, b.c.Tx, b.posts)
	if err != nil {
		return err
	}
	authors, err := b.authors(ctx, rows)
	if err != nil {
		return err
	}
	b.members, b.rooms, b.keyed = map[memberKey]*postMember{}, map[uuid.UUID]*postRoom{}, map[postKey]*Message{}
	if err := b.readCalls(ctx); err != nil {
		return err
	}
	if err := b.readAnswered(ctx); err != nil {
		return err
	}
	if err := b.readFiles(ctx); err != nil {
		return err
	}
	known := false
	for _, row := range rows {
		known = known || row.Known > 0
		key := memberKey{row.RoomID, row.AuthorID}
		b.members[key] = &postMember{author: authors[row.AuthorID], readPosition: row.ReadPosition}
		if b.rooms[row.RoomID] == nil {
			b.rooms[row.RoomID] = row.room()
		}
	}
	if !known {
		return nil
	}
	found, err := statements.readKeyed(ctx, b.c.Tx, keysOfPosts(b.posts))
	if err != nil {
		return err
	}
	for _, m := range found {
		b.keyed[postKey{memberKey{m.RoomID, m.AuthorID}, *m.Key}] = m
	}
	return readReferences(ctx, b.c, found...)
}

// readCalls reads who may be mentioned by the posts, where any of them has an @.
func (b *batch) readCalls(ctx context.Context) (err error) {
	var rooms []uuid.UUID
	var bodies []string
	for _, p := range b.posts {
		if strings.ContainsAny(p.Body, "@＠") {
			rooms, bodies = append(rooms, p.room), append(bodies, p.Body)
		}
	}
	if len(bodies) > 0 {
		b.calls, err = readCalls(ctx, b.c, rooms, bodies)
	}
	return err
}

// readAnswered reads what the posts answer.
func (b *batch) readAnswered(ctx context.Context) (err error) {
	var keys []messageKey
	for _, p := range b.posts {
		if p.ReplyTo != 0 {
			keys = append(keys, p.answers())
		}
	}
	b.quotes, err = readQuotes(ctx, b.c, keys)
	return err
}

// authors returns the users of some rows as they are now: mostly as their requests knew them, else
// read anew.
func (b *batch) authors(ctx context.Context, rows []*memberRow) (map[int64]*User, error) {
	authors := make(map[int64]*User, len(b.posts))
	for _, p := range b.posts {
		authors[p.author.ID] = p.author
	}
	var changed []int64
	for _, row := range rows {
		if authors[row.AuthorID].Version != row.AuthorVersion {
			changed = append(changed, row.AuthorID)
		}
	}
	if len(changed) == 0 {
		return authors, nil
	}
	var users []*User
	err := b.c.NewSelect().Model(&users).Apply(withoutPassword).Where("u.id IN (?)", bun.List(changed)).Scan(ctx)
	for _, u := range users {
		authors[u.ID] = u
	}
	return authors, err
}

// room returns the part of a row that is about the room.
func (row *memberRow) room() *postRoom {
	r := &postRoom{lastPosition: row.LastPosition, revision: row.Revision}
	if row.NewestAt != nil {
		r.newest = &Message{AuthorID: *row.NewestAuthor, PostedAt: *row.NewestAt}
	}
	return r
}

// keysOfPosts returns the keys of those posts that have one.
func keysOfPosts(posts []*post) []postKey {
	keys := []postKey{}
	for _, p := range posts {
		if p.Key != "" {
			keys = append(keys, postKey{p.member(), p.Key})
		}
	}
	return keys
}

// add gives a post its message: the one posted with its key before, or a new one.
func (b *batch) add(p *post) {
	member := b.members[p.member()]
	if member == nil {
		p.fail(ErrNotFound)
		return
	}
	room := b.rooms[p.room]
	if read := min(p.Read, room.lastPosition); read > member.readPosition {
		member.readPosition, member.moved = read, true
		b.c.tell(Notice{Read: &ReadMark{p.author.ID, p.room}}) // the number of unread messages changes
	}
	key := postKey{p.member(), p.Key}
	p.message, p.created, p.err = b.keyed[key], false, nil
	if p.message != nil {
		return
	}
	if p.ReplyTo != 0 && b.quotes[p.answers()] == nil {
		p.fail(&InvalidError{Fields: map[string]string{"reply_to": UnknownMessage}})
		return
	}
	files, ok := b.takeFiles(p)
	if !ok {
		p.fail(&InvalidError{Fields: map[string]string{"files": UnknownFile}})
		return
	}
	p.message, p.created = b.next(room, member, p, files), true
	if p.Key != "" {
		b.keyed[key] = p.message
	}
}

// next makes the message at the next position of a room. An author who has read everything has read
// its own message as well: no number of unread messages changes by it, and counting them stays
// short for somebody who only writes.
func (b *batch) next(room *postRoom, member *postMember, p *post, files []*fileRow) *Message {
	at := b.c.at
	if room.newest != nil {
		at = notBefore(room.newest.PostedAt, at)
	}
	room.lastPosition++
	room.revision++
	room.moved = true
	m := newMessage(p, member.author, at, room.newest)
	if m.ForwardedFrom == "" {
		m.mention(b.calls)
	} else {
		m.mention(nil) // whoever is called in another room is not meant here
	}
	m.Quoted = b.quotes[p.answers()]
	m.Position, m.Revision = room.lastPosition, room.revision
	m.attach(files)
	if member.readPosition == m.Position-1 {
		member.readPosition, member.moved = m.Position, true
		b.c.invalidate(activitiesTag(m.AuthorID))
	}
	room.newest = m
	b.messages = append(b.messages, m)
	return m
}

// writes returns what the posts change.
func (b *batch) writes() postWrites {
	w := postWrites{messages: b.messages, rooms: []roomCounters{}, marks: []readMark{}} // lists in JSON, not null
	for id, r := range b.rooms {
		if r.moved {
			w.rooms = append(w.rooms, roomCounters{id, r.lastPosition, r.revision, stored(r.newest.PostedAt)})
		}
	}
	for member, m := range b.members {
		if m.moved {
			w.marks = append(w.marks, readMark{member, m.readPosition})
		}
	}
	return w
}
