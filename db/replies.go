package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

const (
	// revisedAnswers is how many of the newest answers to a message change with it.
	revisedAnswers = 100
	// excerptLength bounds Quote.Excerpt, in characters.
	excerptLength = 500
)

// Quote is what a message shows of the one that it answers, as that is at present.
type Quote struct {
	Position int64    `json:"p"`
	Revision int64    `json:"r"` // of the last change
	Author   *User    `json:"u"`
	Excerpt  string   `json:"b,omitzero"` // the beginning of the body; empty once deleted
	Files    FileList `json:"f,omitzero"`
	Deleted  bool     `json:"d,omitzero"`
}

// Quote returns what answers to a message show of it.
func (m *Message) Quote() *Quote {
	excerpt, left := m.Body, excerptLength
	for i := range m.Body {
		if left == 0 {
			excerpt = m.Body[:i]
			break
		}
		left--
	}
	return &Quote{Position: m.Position, Revision: m.Revision, Author: m.Author, Excerpt: excerpt, Files: m.Files, Deleted: m.DeletedAt != nil}
}

// answers returns the key of the message that a message answers; false: it answers none.
func (m *Message) answers() (messageKey, bool) {
	if m.ReplyTo == nil {
		return messageKey{}, false
	}
	return messageKey{m.RoomID, *m.ReplyTo}, true
}

// readReferences fills what messages show of others: their subjects and quotes.
func readReferences(ctx context.Context, db bun.IDB, messages ...*Message) error {
	if err := readSubjects(ctx, db, messages...); err != nil {
		return err
	}
	var keys []messageKey
	for _, m := range messages {
		if key, ok := m.answers(); ok {
			keys = append(keys, key)
		}
	}
	quotes, err := readQuotes(ctx, db, keys)
	for _, m := range messages {
		if key, ok := m.answers(); ok {
			m.Quoted = quotes[key]
		}
	}
	return err
}

// readQuotes returns the messages of some keys, by key, as answers show them. There are none of
// events, and of messages that do not exist. It makes a query for each room.
func readQuotes(ctx context.Context, db bun.IDB, keys []messageKey) (map[messageKey]*Quote, error) {
	rooms := map[uuid.UUID][]int64{}
	for _, key := range keys {
		rooms[key.room] = append(rooms[key.room], key.position)
	}
	quotes := map[messageKey]*Quote{}
	for room, positions := range rooms {
		var found []*Message
		err := db.NewSelect().Model(&found).Relation("Author", withoutPassword).
			Column("room_id", "position", "revision", "author_id", "deleted_at", "files").ColumnExpr("substr(msg.body, 1, ?) AS body", excerptLength).
			Where("msg.room_id = ?", room).Where("msg.position IN (?)", bun.List(positions)).Where("msg.kind = ?", MessageText).Scan(ctx)
		if err != nil {
			return nil, translate(err)
		}
		for _, m := range found {
			quotes[messageKey{room, m.Position}] = m.Quote()
		}
	}
	return quotes, nil
}

// reviseAnswers gives the newest answers to a changed message of a locked room the room's next
// revisions, so that their readers learn what they quote now.
func reviseAnswers(ctx context.Context, c *change, r *Room, quoted *Message) error {
	var answers []*Message
	err := c.NewSelect().Model(&answers).Relation("Author", withoutPassword).
		Where("msg.room_id = ?", r.ID).Where("msg.reply_to = ?", quoted.Position).
		OrderExpr("msg.position DESC").Limit(revisedAnswers).Scan(ctx)
	if err != nil || len(answers) == 0 {
		return err
	}
	for _, m := range answers {
		r.Revision++
		m.Revision, m.Quoted = r.Revision, quoted.Quote()
		if _, err := c.NewUpdate().Model(m).Column("revision").WherePK().Exec(ctx); err != nil {
			return err
		}
		c.tell(Notice{Room: r.ID, Revision: m.Revision, Message: m})
	}
	_, err = c.NewUpdate().Model(r).Column("revision").WherePK().Exec(ctx)
	return err
}
