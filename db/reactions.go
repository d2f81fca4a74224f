package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

const (
	// MaxReactions is how many different emoji a message may have as reactions.
	MaxReactions = 20
	// shownReactors is how many of those who reacted with one emoji stand beside a message.
	shownReactors = 100
)

// ErrTooManyReactions is the conflict with a message that has MaxReactions different emoji.
var ErrTooManyReactions = fmt.Errorf("%w: too many different reactions", ErrConflict)

// Reactions is the reactions to a message as one column keeps them, in the order in which the emoji
// came: a line for each emoji with the number of people and the ids of the first shownReactors,
// "👍 3 1 5 9\n".
type Reactions string

// Reaction is everybody who reacted to a message with one emoji.
type Reaction struct {
	Emoji string
	Count int
	Users []int64 // the first who did, in their order
}

// All returns the reactions in their order; nil for none.
func (r Reactions) All() []Reaction {
	var all []Reaction
	for line := range strings.Lines(string(r)) {
		fields := strings.Fields(line)
		one := Reaction{Emoji: fields[0]}
		one.Count, _ = strconv.Atoi(fields[1])
		for _, field := range fields[2:] {
			if id, err := strconv.ParseInt(field, 10, 64); err == nil {
				one.Users = append(one.Users, id)
			}
		}
		all = append(all, one)
	}
	return all
}

func newReactions(all []Reaction) Reactions {
	var b strings.Builder
	for _, one := range all {
		fmt.Fprintf(&b, "%s %d", one.Emoji, one.Count)
		for _, id := range one.Users {
			b.WriteString(" " + strconv.FormatInt(id, 10))
		}
		b.WriteByte('\n')
	}
	return Reactions(b.String())
}

// reactionRow is one person's reaction with one emoji.
type reactionRow struct {
	bun.BaseModel `bun:"table:reactions,alias:re"`

	RoomID    uuid.UUID `bun:",pk,type:uuid"`
	Position  int64     `bun:",pk"`
	UserID    int64     `bun:",pk"`
	Emoji     string    `bun:",pk"`
	ReactedAt time.Time
}

// React makes the viewer react to a message with an emoji, which holds no blank, or not any more,
// and returns the message. What is so already changes nothing. Errors: ErrNotFound; ErrForbidden
// for an event; ErrConflict for a deleted message; ErrArchived; ErrTooManyReactions.
//
// Reactions to one message that wait at the same time are one change of it.
func (s *Store) React(ctx context.Context, viewer *User, room uuid.UUID, position int64, emoji string, reacts bool) (*Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, translate(err)
	}
	r := &reaction{messageKey: messageKey{room, position}, user: viewer.ID, emoji: emoji, reacts: reacts, done: make(chan struct{})}
	s.reactions.add(r)
	<-r.done
	return r.message, r.err
}

// Reactors returns those who are named in the reactions to a message, by id, and what the viewer
// reacted with, who may be among those who are not named. It does not check who reads.
func (s *Store) Reactors(ctx context.Context, viewer *User, m *Message) (users map[int64]*User, mine []string, err error) {
	var ids []int64
	for _, one := range m.Reactions.All() {
		ids = append(ids, one.Users...)
	}
	users = map[int64]*User{}
	if len(ids) == 0 {
		return users, nil, nil
	}
	slices.Sort(ids)
	var found []*User
	if err := s.read.NewSelect().Model(&found).Apply(withoutPassword).Where("u.id IN (?)", bun.List(slices.Compact(ids))).Scan(ctx); err != nil {
		return nil, nil, translate(err)
	}
	for _, u := range found {
		users[u.ID] = u
	}
	err = s.read.NewSelect().Model((*reactionRow)(nil)).Column("emoji").
		Where("re.room_id = ? AND re.position = ? AND re.user_id = ?", m.RoomID, m.Position, viewer.ID).Scan(ctx, &mine)
	return users, mine, translate(err)
}

// deleteReactions deletes all reactions to a message.
func deleteReactions(ctx context.Context, c *change, m *Message) error {
	_, err := c.NewDelete().Model((*reactionRow)(nil)).Where("room_id = ? AND position = ?", m.RoomID, m.Position).Exec(ctx)
	return err
}
