package db

import (
	"context"

	"github.com/uptrace/bun"
)

// subjectID returns the id of whom a message names beside its author: who deleted it, who was added
// or put out; 0: nobody.
func (m *Message) subjectID() int64 {
	if m.DeletedBy != nil {
		return *m.DeletedBy
	}
	if e := m.Event(); e != nil {
		return e.UserID
	}
	return 0
}

// SubjectVersion returns the version of a message's subject; 0 where there is none.
func (m *Message) SubjectVersion() int64 {
	if m.Subject == nil {
		return 0
	}
	return m.Subject.Version
}

// Deleter returns the display name of who deleted a message; empty where that was its author.
func (m *Message) Deleter() string {
	if m.Subject != nil {
		return m.Subject.DisplayName
	}
	return m.DeletedByName
}

// readSubjects fills the subjects of messages. It makes one query where there are any, and none
// otherwise, because they are few.
func readSubjects(ctx context.Context, db bun.IDB, messages ...*Message) error {
	subjects := map[int64]*User{}
	var ids []int64
	for _, m := range messages {
		id := m.subjectID()
		if _, known := subjects[id]; id != 0 && !known {
			subjects[id] = nil
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var users []*User
	if err := db.NewSelect().Model(&users).Apply(withoutPassword).Where("u.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return translate(err)
	}
	for _, u := range users {
		subjects[u.ID] = u
	}
	for _, m := range messages {
		m.Subject = subjects[m.subjectID()]
	}
	return nil
}
