package db_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestForward_TakesTheFilesAlong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		from, to := dbtest.Room(t, s, db.KindPrivate, alice, bob), dbtest.Room(t, s, db.KindPrivate, bob, carol)
		a, b := upload(t, s, alice, from, "a.txt", "a"), upload(t, s, alice, from, "b.txt", "b")
		m, _, err := s.Post(t.Context(), alice, from, db.NewMessage{Body: "@carol 여기", Files: []uuid.UUID{b.ID, a.ID}})
		noError(t, err)
		forward := func(u *db.User, room uuid.UUID, position int64, to uuid.UUID) (*db.Message, error) {
			return s.ForwardMessage(t.Context(), u, room, position, to, "")
		}
		got := must[*db.Message](t)(forward(bob, from, m.Position, to))
		files := got.Files.All()
		wantEqual(t, "forwarded", fmt.Sprint(got.Body, got.ForwardedFrom, *got.Mentions, files[0].Name, files[1].Name), "@carol 여기aliceb.txta.txt")
		must[*db.StoredFile](t)(s.File(t.Context(), carol, files[0].ID))
		again := must[*db.Message](t)(forward(bob, to, got.Position, from))
		wantEqual(t, "forwarded back", again.ForwardedFrom, "alice")

		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, from, m.Position))
		must[*db.StoredFile](t)(s.File(t.Context(), carol, files[1].ID)) // a copy stays
		noError(t, s.SweepFiles(t.Context(), func(_ context.Context, hash string) error {
			t.Errorf("removed %s", hash)
			return nil
		}))
		for _, c := range []struct {
			user     *db.User
			room     uuid.UUID
			position int64
			to       uuid.UUID
			want     error
		}{
			{bob, from, m.Position, to, db.ErrConflict}, {carol, from, again.Position, to, db.ErrNotFound}, {alice, from, again.Position, to, db.ErrNotFound},
			{bob, from, 1000, to, db.ErrNotFound},
		} {
			_, err := forward(c.user, c.room, c.position, c.to)
			wantError(t, err, c.want)
		}
		must[*db.Message](t)(s.DeleteMessage(t.Context(), bob, to, got.Position))
		wantEqual(t, "of a deleted one", must[*db.Message](t)(s.Message(t.Context(), carol, to, got.Position)).ForwardedFrom, "")
	})
}
