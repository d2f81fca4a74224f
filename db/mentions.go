package db

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// UserIDs is ids of users as one column keeps them: " 3 17 ", or empty. A user is found in it by
// LIKE '% 3 %'.
type UserIDs string

// newUserIDs returns ids as a column keeps them.
func newUserIDs(ids []int64) UserIDs {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(" " + strconv.FormatInt(id, 10))
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return UserIDs(b.String())
}

// All returns the ids in their order; nil for none.
func (u UserIDs) All() []int64 {
	var ids []int64
	for field := range strings.FieldsSeq(string(u)) {
		if id, err := strconv.ParseInt(field, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// Has reports whether an id is among them.
func (u UserIDs) Has(id int64) bool {
	return strings.Contains(string(u), " "+strconv.FormatInt(id, 10)+" ")
}

// mentionable is a member of a room under the names by which messages mention people.
type mentionable struct {
	RoomID              uuid.UUID
	ID                  int64
	NameKey, DisplayKey string
}

// mentionables reads the active members of some rooms whose name or display name may be among the
// words after @ of some messages.
func mentionables(ctx context.Context, db bun.IDB, rooms []uuid.UUID, bodies []string) ([]*mentionable, error) {
	var names []string
	for _, body := range bodies {
		for _, word := range mentionedWords(body) {
			for _, name := range word {
				names = append(names, foldName(name))
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	var found []*mentionable
	err := db.NewSelect().TableExpr("users AS u").ColumnExpr("m.room_id, u.id, u.name_key, u.display_key").
		Join("JOIN users_on_room AS m ON m.user_id = u.id").
		Where("u.name_key IN (?) OR u.display_key IN (?)", bun.List(names), bun.List(names)).
		Where("u.deactivated_at IS NULL").Where("m.room_id IN (?)", bun.List(rooms)).OrderExpr("u.id").Scan(ctx, &found)
	return found, err
}

// resolveMentions returns whom a message of a room mentions. Each word after @ is the longest name
// that it may stand for; people who share a display name are all mentioned.
func resolveMentions(room uuid.UUID, body string, people []*mentionable) *UserIDs {
	var ids []int64
	if len(people) > 0 {
		for _, word := range mentionedWords(body) {
			for _, id := range mentionedBy(room, word, people) {
				if !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
	}
	resolved := newUserIDs(ids)
	return &resolved
}

// mentionedBy returns the people for whom one word stands, which is given as the names that it may
// be, the longest first.
func mentionedBy(room uuid.UUID, word []string, people []*mentionable) []int64 {
	var ids []int64
	for _, name := range word {
		key := foldName(name)
		for _, p := range people {
			if p.RoomID == room && (p.NameKey == key || p.DisplayKey == key) {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) > 0 {
			break
		}
	}
	return ids
}
