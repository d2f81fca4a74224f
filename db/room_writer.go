package db

import (
	"context"

	"github.com/uptrace/bun"
)

// roomWriter writes some posts into a locked room, with as many statements for many as for one.
type roomWriter struct {
	c     *change
	room  *Room
	posts []*post

	authors map[int64]*authorRow
	keys    map[authorKey]*Message
	newest  *Message // nil in an empty room
	fresh   []*Message
}

// authorRow is a member who may post.
type authorRow struct {
	User         `bun:",extend"`
	ReadPosition int64 `bun:",scanonly"`
	moved        bool  // the read mark
}

// authorKey is what an idempotency key is unique for, within a room.
type authorKey struct {
	author int64
	key    string
}

// readAuthors reads those of the posts' authors who are members. Deactivated ones are not: their request came too late.
func (w *roomWriter) readAuthors(ctx context.Context) error {
	var ids []int64
	for _, p := range w.posts {
		ids = append(ids, p.author)
	}
	var rows []*authorRow
	err := w.c.NewSelect().Model(&rows).Apply(withoutPassword).ColumnExpr("m.read_position").
		Join("JOIN users_on_room AS m ON m.user_id = u.id").
		Where("m.room_id = ?", w.room.ID).Where("m.user_id IN (?)", bun.In(ids)).Where("u.deactivated_at IS NULL").Scan(ctx)
	w.authors = make(map[int64]*authorRow, len(rows))
	for _, row := range rows {
		w.authors[row.ID] = row
	}
	return err
}

// readKeys reads the messages that were posted with the posts' keys before.
func (w *roomWriter) readKeys(ctx context.Context) error {
	w.keys = make(map[authorKey]*Message)
	var keys []string
	var authors []int64
	for _, p := range w.posts {
		if p.key != "" && w.authors[p.author] != nil {
			keys = append(keys, p.key)
			authors = append(authors, p.author)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	var found []*Message
	err := w.c.NewSelect().Model(&found).Relation("Author", withoutPassword).
		Where("msg.room_id = ?", w.room.ID).
		Where("msg.author_id IN (?)", bun.In(authors)).Where(`msg."key" IN (?)`, bun.In(keys)).Scan(ctx)
	for _, m := range found {
		w.keys[authorKey{m.AuthorID, *m.Key}] = m
	}
	return err
}

func (w *roomWriter) readNewest(ctx context.Context) error {
	if w.room.LastPosition == 0 {
		return nil
	}
	w.newest = new(Message)
	return w.c.NewSelect().Model(w.newest).Column("position", "author_id", "posted_at").
		Where("room_id = ?", w.room.ID).Where("position = ?", w.room.LastPosition).Scan(ctx)
}

// write gives a post its message: the one posted with its key before, or a new one.
func (w *roomWriter) write(p *post) {
	author := w.authors[p.author]
	if author == nil {
		return
	}
	p.err = nil
	key := authorKey{p.author, p.key}
	if p.message = w.keys[key]; p.message != nil {
		return
	}
	p.message, p.created = w.next(author, p), true
	if p.key != "" {
		w.keys[key] = p.message
	}
}

// next makes the message at the next position.
func (w *roomWriter) next(author *authorRow, p *post) *Message {
	at := w.c.at
	if w.newest != nil && at.Before(w.newest.PostedAt) {
		at = w.newest.PostedAt // another process's clock is ahead: within a room time never goes back
	}
	w.room.LastPosition++
	w.room.Revision++
	w.room.ActiveAt = at
	m := &Message{
		RoomID: w.room.ID, Position: w.room.LastPosition, Revision: w.room.Revision,
		AuthorID: p.author, Author: &author.User, Body: p.body, PostedAt: at,
		Continues: continues(w.newest, p.author, at),
	}
	if p.key != "" {
		m.Key = &p.key
	}
	if w.newest != nil {
		m.PreviousAt = &w.newest.PostedAt
	}
	if author.ReadPosition == m.Position-1 {
		author.ReadPosition, author.moved = m.Position, true
	}
	w.newest = m
	w.fresh = append(w.fresh, m)
	return m
}

// store writes what is new. Who has read everything has read its own message as well: no count changes by it, and counting
// stays short for somebody who only writes.
func (w *roomWriter) store(ctx context.Context) error {
	if len(w.fresh) == 0 {
		return nil
	}
	if _, err := w.c.NewInsert().Model(&w.fresh).Exec(ctx); err != nil {
		return err
	}
	_, err := w.c.NewUpdate().Model(w.room).Column("last_position", "revision", "active_at").WherePK().Exec(ctx)
	if err != nil {
		return err
	}
	for id, author := range w.authors {
		if !author.moved {
			continue
		}
		_, err := w.c.NewUpdate().Model((*UsersOnRoom)(nil)).Set("read_position = ?", author.ReadPosition).
			Where("room_id = ?", w.room.ID).Where("user_id = ?", id).Where("read_position < ?", author.ReadPosition).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for _, m := range w.fresh {
		w.c.tell(Notice{Room: m.RoomID, Revision: m.Revision, Message: m})
	}
	return nil
}
