package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestErrors_NameTheOperation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		noError(t, s.Close())
		id, ctx := uuid.New(), t.Context()
		for operation, do := range map[string]func() error{
			"HasUsers":      func() error { return second(s.HasUsers(ctx)) },
			"User":          func() error { return second(s.User(ctx, alice, alice.ID)) },
			"Room":          func() error { return second(s.Room(ctx, alice, id)) },
			"Messages":      func() error { return second(s.Messages(ctx, alice, id, db.Window{})) },
			"Heads":         func() error { return second(s.Heads(ctx, []uuid.UUID{id})) },
			"CheckMember":   func() error { return s.CheckMember(ctx, alice, id) },
			"Members":       func() error { return second(s.Members(ctx, alice, id, 0, 1)) },
			"AcceptInvite":  func() error { return second(s.AcceptInvite(ctx, alice, "code")) }, // calls others
			"UpdateProfile": func() error { return second(s.UpdateProfile(ctx, alice, db.ProfileChange{RemovePhoto: true})) },
			"CreateRoom":    func() error { return second(s.CreateRoom(ctx, alice, "title", db.KindOpen)) },
			"commitPosts":   func() error { return second3(s.PostMessage(ctx, alice, id, "hello", "")) },
		} {
			if err := do(); err == nil || !strings.HasPrefix(err.Error(), operation+": ") || strings.Count(err.Error(), operation) > 1 {
				t.Errorf("error %v, want %s: …", err, operation)
			}
		}
	})
}

func TestErrors_KeepTheirCause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		wantEqual(t, "no such user", second(s.User(t.Context(), alice, 99)) == db.ErrNotFound, true)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for what, err := range map[string]error{
			"a reading":  second(s.User(gone, alice, alice.ID)),
			"a change":   second(s.CreateRoom(gone, alice, "title", db.KindOpen)),
			"a snapshot": second(s.Members(gone, alice, uuid.New(), 0, 1)),
			"a post":     second3(s.PostMessage(gone, alice, uuid.New(), "hello", "")),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want that it was canceled", what, err)
			}
		}
	})
}
