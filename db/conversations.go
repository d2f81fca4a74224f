package db

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

const (
	// ConversationBound is the greatest number of people who begin a conversation, the viewer among
	// them.
	ConversationBound = 50
	// namesBound is the greatest length of a title made of names, in characters.
	namesBound = 80
)

// Conversation returns the room of the viewer and some people, and makes it where there is none. Of
// the viewer and one other, or of the viewer alone, it is the direct room. Of several it is a
// private room named by its people. The same people get the same room again, whoever asks and
// however many ask at once, until the room is renamed or archived or somebody comes or goes: it is
// then a room like others, and the same people begin a new one. Errors: *InvalidError{"user":
// UnknownUser} for somebody unknown or deactivated, and for more people than ConversationBound;
// that of permit, which is asked before a new room is made.
func (s *Store) Conversation(ctx context.Context, viewer *User, others []int64, permit func() error) (*RoomView, error) {
	people := slices.Concat(others, []int64{viewer.ID})
	slices.Sort(people)
	people = slices.Compact(people)
	unknown := &InvalidError{Fields: map[string]string{"user": UnknownUser}}
	if len(people) > ConversationBound {
		return nil, unknown
	}
	if len(people) <= 2 {
		other := people[0]
		if other == viewer.ID {
			other = people[len(people)-1]
		}
		view, err := s.DirectRoom(ctx, viewer, other)
		if errors.Is(err, ErrNotFound) {
			err = unknown
		}
		return view, err
	}
	key := conversationKey(people)
	view, err := directView(ctx, s.read, viewer, key)
	if !errors.Is(err, ErrNotFound) {
		return view, err
	}
	if err := permit(); err != nil {
		return nil, err
	}
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		if err := openConversation(ctx, c, viewer.ID, people, key); err != nil {
			return err
		}
		view, err = directView(ctx, c, viewer, key)
		return err
	})
	return view, err
}

// conversationKey returns the unique key of the room of some people, whose ids are sorted.
func conversationKey(people []int64) string {
	parts := make([]string, len(people))
	for i, id := range people {
		parts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(parts, ":")
}

// openConversation makes the room of some people unless it exists. Of two calls at once the second
// waits for the first and finds its room.
func openConversation(ctx context.Context, c *change, creator int64, people []int64, key string) error {
	var names []string
	err := c.NewSelect().Model((*User)(nil)).Column("display_name").Where("u.id IN (?)", bun.List(people)).
		Where("u.deactivated_at IS NULL").OrderExpr("CASE WHEN u.id = ? THEN 0 ELSE 1 END, u.id", creator).Scan(ctx, &names)
	if err != nil {
		return err
	}
	if len(names) < len(people) {
		return &InvalidError{Fields: map[string]string{"user": UnknownUser}}
	}
	r := newRoom(c, creator, joinNames(names), KindPrivate)
	r.DirectKey, r.NamedByPeople, r.MembersMayRename = &key, true, true
	fresh, err := affected(c.NewInsert().Model(r).On("CONFLICT (direct_key) DO NOTHING").Exec(ctx))
	if err != nil || !fresh {
		return err
	}
	return addFirstMembers(ctx, c, r, people)
}

// joinNames returns names in one line, "지민, 민수, 하늘", cut where it would be longer than
// namesBound.
func joinNames(names []string) string {
	title := []rune(strings.Join(names, ", "))
	if len(title) > namesBound {
		title = append(title[:namesBound-1], '…')
	}
	return string(title)
}

// membersChanged says that people have come into a locked room or left it: it is the conversation
// of the same people no more, and a title made of names is made anew. changeRoom stores both.
func membersChanged(ctx context.Context, c *change, r *Room) error {
	if r.Kind == KindDirect || !r.NamedByPeople {
		return nil
	}
	r.DirectKey = nil
	names, err := memberNames(ctx, c, r)
	if err == nil && len(names) > 0 {
		r.Title = joinNames(names)
	}
	return err
}

// memberNames lists the names of a room's active people in the order in which they joined, its
// creator first of those who began it, as many as a title holds.
func memberNames(ctx context.Context, db bun.IDB, r *Room) ([]string, error) {
	var names []string
	err := db.NewSelect().TableExpr("users_on_room AS m").Join("JOIN users AS u ON u.id = m.user_id").
		Where("m.room_id = ?", r.ID).Where("u.deactivated_at IS NULL").
		OrderExpr("m.joined_at, CASE WHEN u.id = ? THEN 0 ELSE 1 END, u.id", r.CreatedBy).Limit(namesBound).Column("u.display_name").Scan(ctx, &names)
	return names, err
}

// renameConversations makes the titles anew that hold the name of somebody who has changed it, and
// gives direct rooms, whose title is that name, their next revision: so a process that misses the
// notice finds the change. Each room is a change of its own, because a transaction that locks many
// rooms would stop others.
func (s *Store) renameConversations(ctx context.Context, userID int64) error {
	var rooms []uuid.UUID
	err := s.read.NewSelect().TableExpr("users_on_room AS m").Join("JOIN rooms AS r ON r.id = m.room_id").
		Where("m.user_id = ?", userID).Where("r.named_by_people OR r.kind = ?", KindDirect).Column("m.room_id").Scan(ctx, &rooms)
	if err != nil {
		return translate(err)
	}
	for _, id := range rooms {
		err := s.change(ctx, func(ctx context.Context, c *change) error {
			r, err := s.lockRoom(ctx, c, id)
			if err != nil {
				return err
			}
			if r.Kind == KindDirect {
				return changeRoom(ctx, c, r, Notice{})
			}
			if !r.NamedByPeople {
				return nil
			}
			names, err := memberNames(ctx, c, r)
			if title := joinNames(names); err == nil && title != r.Title {
				r.Title = title
				err = changeRoom(ctx, c, r, Notice{})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
