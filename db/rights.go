package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Lapsed returns those rights that no longer hold, each narrowed to what ended it: the user is
// deactivated, the session ended or of an old epoch, the token deleted, the membership over. Each
// right is one that a stream was opened with: a user, with a token, or else with a session and its
// epoch; and with a room or none.
//
// It takes at most four queries however many rights there are. Callers ask from time to time,
// because notices of an end can be lost.
func (s *Store) Lapsed(ctx context.Context, rights []Right) ([]Right, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	facts := rightFacts{rowsIn: s.dialect.rowsIn()}
	err := s.snapshot(ctx, func(ctx context.Context, tx bun.Tx) error { return facts.read(ctx, tx, rights) })
	if err != nil {
		return nil, err
	}
	var lapsed []Right
	for _, r := range rights {
		if l, ok := facts.lapsed(r); ok {
			lapsed = append(lapsed, l)
		}
	}
	return lapsed, nil
}

// rightFacts are the rows that some rights rest on.
type rightFacts struct {
	rowsIn  string          // see dialect
	epochs  map[int64]int64 // of users who are active
	ended   map[string]bool // sessions
	tokens  map[tokenOf]bool
	members map[memberOf]bool
}

type tokenOf struct{ token, user int64 }

type memberOf struct {
	room uuid.UUID
	user int64
}

func (f *rightFacts) read(ctx context.Context, tx bun.Tx, rights []Right) error {
	users, sessions, tokens, members := map[int64]bool{}, map[string]bool{}, map[int64]bool{}, map[memberOf]bool{}
	for _, r := range rights {
		users[r.UserID] = true
		if r.Session != "" {
			sessions[r.Session] = true
		}
		if r.Token != 0 {
			tokens[r.Token] = true
		}
		if r.Room != uuid.Nil {
			members[memberOf{r.Room, r.UserID}] = true
		}
	}
	for _, step := range []func() error{
		func() error { return f.readUsers(ctx, tx, keysOf(users)) },
		func() error { return f.readSessions(ctx, tx, keysOf(sessions)) },
		func() error { return f.readTokens(ctx, tx, keysOf(tokens)) },
		func() error { return f.readMembers(ctx, tx, keysOf(members)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// keysOf returns the members of a set.
func keysOf[K comparable](set map[K]bool) []K {
	keys := make([]K, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	return keys
}

// readUsers reads which users are active, and their epochs.
func (f *rightFacts) readUsers(ctx context.Context, tx bun.Tx, ids []int64) error {
	var users []*User
	err := tx.NewSelect().Model(&users).Column("id", "epoch").
		Where("id IN (?)", bun.List(ids)).Where("deactivated_at IS NULL").Scan(ctx)
	f.epochs = make(map[int64]int64, len(users))
	for _, u := range users {
		f.epochs[u.ID] = u.Epoch
	}
	return err
}

// readSessions reads which sessions were ended.
func (f *rightFacts) readSessions(ctx context.Context, tx bun.Tx, ids []string) error {
	f.ended = map[string]bool{}
	if len(ids) == 0 {
		return nil
	}
	var ended []string
	err := tx.NewRaw("SELECT id FROM ended_sessions WHERE id IN (?)", bun.List(ids)).Scan(ctx, &ended)
	for _, id := range ended {
		f.ended[id] = true
	}
	return err
}

// readTokens reads which tokens exist, and whose they are.
func (f *rightFacts) readTokens(ctx context.Context, tx bun.Tx, ids []int64) error {
	f.tokens = map[tokenOf]bool{}
	if len(ids) == 0 {
		return nil
	}
	var tokens []*Token
	err := tx.NewSelect().Model(&tokens).Column("id", "user_id").Where("id IN (?)", bun.List(ids)).Scan(ctx)
	for _, t := range tokens {
		f.tokens[tokenOf{t.ID, t.UserID}] = true
	}
	return err
}

// readMembers reads which memberships exist.
func (f *rightFacts) readMembers(ctx context.Context, tx bun.Tx, pairs []memberOf) error {
	f.members = map[memberOf]bool{}
	if len(pairs) == 0 {
		return nil
	}
	values := make([]bun.TupleValues, len(pairs))
	for i, p := range pairs {
		values[i] = bun.Tuple([]any{p.room, p.user})
	}
	var members []*UsersOnRoom
	err := tx.NewSelect().Model(&members).Column("room_id", "user_id").
		Where("(room_id, user_id) IN ("+f.rowsIn+")", bun.List(values)).Scan(ctx)
	for _, m := range members {
		f.members[memberOf{m.RoomID, m.UserID}] = true
	}
	return err
}

// lapsed returns the part of a right that says why it is gone, and reports whether it is.
func (f *rightFacts) lapsed(r Right) (Right, bool) {
	epoch, active := f.epochs[r.UserID]
	switch {
	case !active:
		return Right{UserID: r.UserID}, true
	case r.Token != 0 && !f.tokens[tokenOf{r.Token, r.UserID}]:
		return Right{UserID: r.UserID, Token: r.Token}, true
	case r.Epoch != 0 && r.Epoch < epoch:
		return Right{UserID: r.UserID, Epoch: epoch}, true
	case f.ended[r.Session]:
		return Right{UserID: r.UserID, Session: r.Session}, true
	case r.Room != uuid.Nil && !f.members[memberOf{r.Room, r.UserID}]:
		return Right{UserID: r.UserID, Room: r.Room}, true
	}
	return Right{}, false
}
