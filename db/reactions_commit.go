package db

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// messageKey names a message.
type messageKey struct {
	room     uuid.UUID
	position int64
}

// reaction is a wish of one person to react to a message, or not any more, and its outcome.
type reaction struct {
	messageKey
	user   int64
	emoji  string
	reacts bool

	// The outcome, which may be read once done is closed.
	message *Message
	err     error
	done    chan struct{}
}

// reactor is one person's reaction with one emoji.
type reactor struct {
	user  int64
	emoji string
}

// commitReactions commits the reactions to each message together, in one change of it.
func (s *Store) commitReactions(batch []*reaction) {
	for len(batch) > 0 {
		key := batch[0].messageKey
		var these, others []*reaction
		for _, r := range batch {
			if r.messageKey == key {
				these = append(these, r)
			} else {
				others = append(others, r)
			}
		}
		m, err := s.reviseReactions(context.Background(), key, these)
		for _, r := range these {
			if r.err == nil {
				r.message, r.err = m, err
			}
			close(r.done)
		}
		batch = others
	}
}

// reviseReactions changes the reactions to a message under the room's next revision. It sets the
// errors of reactions that are refused by themselves, and returns that of all others.
func (s *Store) reviseReactions(ctx context.Context, key messageKey, wishes []*reaction) (*Message, error) {
	var m *Message
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoom(ctx, c, key.room)
		if err != nil {
			return err
		}
		if err := refuseStrangers(ctx, c, key.room, wishes); err != nil {
			return err
		}
		if m, err = message(ctx, c, key.room, key.position); err != nil {
			return err
		}
		switch {
		case m.Kind == MessageEvent:
			return ErrForbidden
		case r.ArchivedAt != nil:
			return ErrArchived
		case m.DeletedAt != nil:
			return ErrConflict
		}
		changed, err := applyReactions(ctx, c, r, m, wishes)
		if err != nil || !changed {
			return err
		}
		return storeRevision(ctx, c, r, m)
	})
	return m, err
}

// refuseStrangers sets the errors of those who are no members of the room, and resets those of all
// others.
func refuseStrangers(ctx context.Context, c *change, room uuid.UUID, wishes []*reaction) error {
	users := make([]int64, len(wishes))
	for i, w := range wishes {
		users[i] = w.user
	}
	var members []int64
	err := c.NewSelect().Model((*UsersOnRoom)(nil)).Column("user_id").Where("m.room_id = ?", room).Where("m.user_id IN (?)", bun.List(users)).Scan(ctx, &members)
	for _, w := range wishes {
		w.err = nil
		if !slices.Contains(members, w.user) {
			w.err = ErrNotFound
		}
	}
	return err
}

// applyReactions stores what the wishes change of the reactions to a message, and reports whether
// they change anything. It sets the errors of wishes beyond MaxReactions.
func applyReactions(ctx context.Context, c *change, r *Room, m *Message, wishes []*reaction) (bool, error) {
	before, err := readReactors(ctx, c, m, wishes)
	if err != nil {
		return false, err
	}
	after, all := map[reactor]bool{}, m.Reactions.All()
	for _, w := range wishes {
		who := reactor{w.user, w.emoji}
		is, known := after[who]
		if !known {
			is = before[who]
		}
		if w.err != nil || is == w.reacts {
			continue
		}
		if !changeCount(&all, w) {
			w.err = ErrTooManyReactions
			continue
		}
		after[who] = w.reacts
	}
	changed, err := storeReactors(ctx, c, r, m, before, after)
	if err != nil || !changed {
		return false, err
	}
	if err := refill(ctx, c, m, all); err != nil {
		return false, err
	}
	m.Reactions = newReactions(all)
	return true, nil
}

// readReactors returns which of the reactions that wishes are about are there.
func readReactors(ctx context.Context, c *change, m *Message, wishes []*reaction) (map[reactor]bool, error) {
	users := make([]int64, len(wishes))
	for i, w := range wishes {
		users[i] = w.user
	}
	var rows []*reactionRow
	err := c.NewSelect().Model(&rows).Where("re.room_id = ? AND re.position = ?", m.RoomID, m.Position).Where("re.user_id IN (?)", bun.List(users)).Scan(ctx)
	there := map[reactor]bool{}
	for _, row := range rows {
		there[reactor{row.UserID, row.Emoji}] = true
	}
	return there, err
}

// changeCount counts a wish that changes something. It returns false for one emoji too many.
func changeCount(all *[]Reaction, w *reaction) bool {
	i := slices.IndexFunc(*all, func(r Reaction) bool { return r.Emoji == w.emoji })
	if i < 0 {
		if len(*all) >= MaxReactions {
			return false
		}
		i = len(*all)
		*all = append(*all, Reaction{Emoji: w.emoji})
	}
	one := &(*all)[i]
	if w.reacts {
		one.Count++
		if len(one.Users) < shownReactors {
			one.Users = append(one.Users, w.user)
		}
		return true
	}
	one.Count--
	one.Users = slices.DeleteFunc(one.Users, func(id int64) bool { return id == w.user })
	if one.Count == 0 {
		*all = slices.Delete(*all, i, i+1)
	}
	return true
}

// storeReactors stores the reactions in which after differs from before, and reports whether there
// are any.
func storeReactors(ctx context.Context, c *change, r *Room, m *Message, before, after map[reactor]bool) (bool, error) {
	var added, removed []*reactionRow
	for who, is := range after {
		row := &reactionRow{RoomID: m.RoomID, Position: m.Position, UserID: who.user, Emoji: who.emoji, ReactedAt: c.at}
		switch {
		case is && !before[who]:
			added = append(added, row)
		case !is && before[who]:
			removed = append(removed, row)
		}
	}
	if len(added) > 0 {
		if _, err := c.NewInsert().Model(&added).Exec(ctx); err != nil {
			return false, err
		}
	}
	for _, row := range removed {
		if _, err := c.NewDelete().Model(row).WherePK().Exec(ctx); err != nil {
			return false, err
		}
	}
	return len(added)+len(removed) > 0, moveReactions(ctx, c, r, m, added, removed)
}

// refill names people of reactions that have fewer named than could be, because some of the first
// have taken theirs back.
func refill(ctx context.Context, c *change, m *Message, all []Reaction) error {
	for i := range all {
		if one := &all[i]; len(one.Users) < min(one.Count, shownReactors) {
			one.Users = nil
			err := c.NewSelect().Model((*reactionRow)(nil)).Column("user_id").
				Where("re.room_id = ? AND re.position = ? AND re.emoji = ?", m.RoomID, m.Position, one.Emoji).
				Order("reacted_at", "user_id").Limit(shownReactors).Scan(ctx, &one.Users)
			if err != nil {
				return err
			}
		}
	}
	return nil
}
