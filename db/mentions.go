package db

import (
	"context"
	"fmt"
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

// Calls reports whether a user is among them, or everybody is.
func (u UserIDs) Calls(id int64) bool { return u.Has(id) || u.Has(Everybody) }

// Has reports whether an id is among them.
func (u UserIDs) Has(id int64) bool {
	return strings.Contains(string(u), " "+strconv.FormatInt(id, 10)+" ")
}

const (
	// Everybody stands among the ids of those whom a message mentions for all members of its room.
	Everybody int64 = 0
	// maxFreeCalls is how many members a room has at most where each of them may mention all.
	maxFreeCalls = 20
)

// everybodyNames are the names that mention all members of a room, unless somebody in it has that
// name.
var everybodyNames = []string{"all", "모두"}

// mentionable is a member of a room under the names by which messages mention people.
type mentionable struct {
	RoomID              uuid.UUID
	ID                  int64
	NameKey, DisplayKey string
}

// calls is whom some messages may mention.
type calls struct {
	people []*mentionable
	rooms  map[uuid.UUID]*Room // those with so many members that few may mention all of them
}

// readCalls reads the active members of some rooms whose name or display name may be among the
// words after @ of some messages, and who may mention all of them.
func readCalls(ctx context.Context, db bun.IDB, rooms []uuid.UUID, bodies []string) (*calls, error) {
	var names []string
	for _, body := range bodies {
		for _, word := range mentionedWords(body) {
			for _, name := range word.names {
				names = append(names, foldName(name))
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	found := &calls{rooms: map[uuid.UUID]*Room{}}
	err := db.NewSelect().TableExpr("users AS u").ColumnExpr("m.room_id, u.id, u.name_key, u.display_key").
		Join("JOIN users_on_room AS m ON m.user_id = u.id").
		Where("u.name_key IN (?) OR u.display_key IN (?)", bun.List(names), bun.List(names)).
		Where("u.deactivated_at IS NULL").Where("m.room_id IN (?)", bun.List(rooms)).OrderExpr("u.id").Scan(ctx, &found.people)
	if err != nil || !slices.ContainsFunc(names, isEverybody) {
		return found, err
	}
	var large []*Room
	err = db.NewSelect().Model(&large).Where("r.id IN (?)", bun.List(rooms)).
		Where("(SELECT count(*) FROM (SELECT 1 FROM users_on_room AS m WHERE m.room_id = r.id LIMIT ?) AS first) > ?", maxFreeCalls+1, maxFreeCalls).Scan(ctx)
	for _, r := range large {
		found.rooms[r.ID] = r
	}
	return found, err
}

func isEverybody(name string) bool { return slices.Contains(everybodyNames, name) }

// mention fills in whom a message mentions. Each word after @ is the longest name that it may stand
// for; people who share a display name are all mentioned, and the word leads to none of them.
func (m *Message) mention(c *calls) {
	var ids []int64
	var spans []string
	if c != nil {
		for _, word := range mentionedWords(m.Body) {
			name, found := c.mentionedBy(m, word.names)
			if len(found) == 1 {
				at, length := word.span(m.Body, name)
				spans = append(spans, fmt.Sprintf("%d:%d:%d", at, length, found[0]))
			}
			for _, id := range found {
				if !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
	}
	m.Mentions, m.MentionSpans = new(UserIDs), MentionSpans(strings.Join(spans, " "))
	*m.Mentions = newUserIDs(ids)
}

// mentionedBy returns the people for whom a word of a message stands, which is given as the names
// that it may be, the longest first, and that name.
func (c *calls) mentionedBy(m *Message, names []string) (name string, ids []int64) {
	for _, name := range names {
		key := foldName(name)
		for _, p := range c.people {
			if p.RoomID == m.RoomID && (p.NameKey == key || p.DisplayKey == key) {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) > 0 {
			return name, ids
		}
		if isEverybody(key) && c.mayCallAll(m) {
			return name, []int64{Everybody}
		}
	}
	return "", nil
}

// mayCallAll reports whether the author of a message may mention all members of its room: in a
// large one its creator and administrators.
func (c *calls) mayCallAll(m *Message) bool {
	r := c.rooms[m.RoomID]
	return r == nil || r.ModeratedBy(m.Author)
}

// MentionSpans is the parts of a body that mention one person each, as one column keeps them, in
// their order: "0:7:3 12:6:5", where a part begins and how long it is, in bytes, and the user's id.
type MentionSpans string

// MentionSpan is one of them.
type MentionSpan struct {
	At, Length int
	User       int64 // Everybody: all members of the room
}

// All returns the parts in their order; nil for none.
func (s MentionSpans) All() (all []MentionSpan) {
	for field := range strings.FieldsSeq(string(s)) {
		var one MentionSpan
		if _, err := fmt.Sscanf(field, "%d:%d:%d", &one.At, &one.Length, &one.User); err == nil {
			all = append(all, one)
		}
	}
	return all
}
