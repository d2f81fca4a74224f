package db_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// lapse is a right, what takes it away, and what is left of it to say why.
type lapse struct {
	right db.Right
	take  func()
	want  *db.Right
}

func TestLapsedRights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, alice, bob := dbtest.User(t, s, "admin"), dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindPrivate, alice, bob)
		kept, _, err := s.CreateToken(t.Context(), alice, "kept")
		noError(t, err)
		gone, _, err := s.CreateToken(t.Context(), alice, "gone")
		noError(t, err)
		for name, c := range map[string]lapse{
			"a session that holds":      {db.Right{UserID: alice.ID, Session: "a", Room: room}, nil, nil},
			"no room":                   {db.Right{UserID: alice.ID, Session: "a"}, nil, nil},
			"a token that holds":        {db.Right{UserID: alice.ID, Token: kept.ID, Room: room}, nil, nil},
			"somebody who never was in": {db.Right{UserID: admin.ID, Session: "b", Room: room}, nil, &db.Right{UserID: admin.ID, Room: room}},
			"nobody":                    {db.Right{UserID: 999}, nil, &db.Right{UserID: 999}},
			"another one's token":       {db.Right{UserID: bob.ID, Token: kept.ID}, nil, &db.Right{UserID: bob.ID, Token: kept.ID}},
			"a deleted token": {db.Right{UserID: alice.ID, Token: gone.ID, Room: room}, func() {
				noError(t, s.DeleteToken(t.Context(), alice, gone.ID))
			}, &db.Right{UserID: alice.ID, Token: gone.ID}},
			"signed out": {db.Right{UserID: alice.ID, Session: "x", Room: room}, func() {
				noError(t, s.EndSession(t.Context(), alice, db.Session{ID: "x", UserID: alice.ID, Expires: time.Now().Add(time.Hour)}))
			}, &db.Right{UserID: alice.ID, Session: "x"}},
			"left": {db.Right{UserID: bob.ID, Session: "c", Room: room}, func() {
				noError(t, s.LeaveRoom(t.Context(), bob, room))
			}, &db.Right{UserID: bob.ID, Room: room}},
		} {
			if c.take != nil {
				wantRights(t, name+", before", must[[]db.Right](t)(s.Lapsed(t.Context(), []db.Right{c.right})), nil)
				c.take()
			}
			var want []db.Right
			if c.want != nil {
				want = []db.Right{*c.want}
			}
			wantRights(t, name, must[[]db.Right](t)(s.Lapsed(t.Context(), []db.Right{c.right})), want)
		}
	})
}

func TestRightsLapseWithThePasswordAndTheAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, alice := dbtest.User(t, s, "admin"), dbtest.User(t, s, "alice")
		token, _, err := s.CreateToken(t.Context(), alice, "bot")
		noError(t, err)
		session, byToken := db.Right{UserID: alice.ID, Session: "a", Epoch: alice.Epoch}, db.Right{UserID: alice.ID, Token: token.ID}
		lapsed := func() []db.Right {
			return must[[]db.Right](t)(s.Lapsed(t.Context(), []db.Right{session, byToken}))
		}
		wantRights(t, "at first", lapsed(), nil)
		changed := must[*db.User](t)(s.UpdateProfile(t.Context(), alice, db.ProfileChange{PasswordHash: "new hash"}))
		wantRights(t, "a new password ends sessions", lapsed(), []db.Right{{UserID: alice.ID, Epoch: changed.Epoch}})
		must[*db.User](t)(s.SetActive(t.Context(), admin, alice.ID, false))
		wantRights(t, "deactivated", lapsed(), []db.Right{{UserID: alice.ID}, {UserID: alice.ID}})
	})
}

func TestManyRightsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		var rights []db.Right
		for i := range 1000 {
			rights = append(rights, db.Right{UserID: alice.ID, Session: fmt.Sprint(i), Room: room})
		}
		rights[700].UserID = bob.ID
		wantRights(t, "of a thousand", must[[]db.Right](t)(s.Lapsed(t.Context(), rights)), []db.Right{{UserID: bob.ID, Room: room}})
		wantRights(t, "of none", must[[]db.Right](t)(s.Lapsed(t.Context(), nil)), nil)
	})
}

func wantRights(t *testing.T, what string, got, want []db.Right) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestHeads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		quiet, busy := dbtest.Room(t, s, db.KindOpen, alice), dbtest.Room(t, s, db.KindOpen, alice)
		want := map[uuid.UUID]int64{quiet: 1, busy: dbtest.Post(t, s, alice, busy, "안녕").Revision}
		got := must[map[uuid.UUID]int64](t)(s.Heads(t.Context(), []uuid.UUID{busy, uuid.New(), quiet}))
		if diff := cmp.Diff(got, want); diff != "" {
			t.Error(diff)
		}
		wantEqual(t, "heads of no rooms", len(must[map[uuid.UUID]int64](t)(s.Heads(t.Context(), nil))), 0)
	})
}

func BenchmarkHeads(b *testing.B) {
	dbtest.Bench(b, func(b *testing.B, s *db.Store) {
		alice := dbtest.User(b, s, "alice")
		rooms := make([]uuid.UUID, 10_000)
		for i := range rooms {
			rooms[i] = uuid.New()
		}
		atOnce(1000, func(i int) { rooms[i] = dbtest.Room(b, s, db.KindPrivate, alice) })
		for b.Loop() {
			if heads, err := s.Heads(b.Context(), rooms); err != nil || len(heads) != 1000 {
				b.Fatal(len(heads), err)
			}
		}
	})
}

func BenchmarkLapsed(b *testing.B) {
	dbtest.Bench(b, func(b *testing.B, s *db.Store) {
		alice := dbtest.User(b, s, "alice")
		room := dbtest.Room(b, s, db.KindPrivate, alice)
		var rights []db.Right
		for i := range 300 {
			rights = append(rights, db.Right{UserID: alice.ID, Session: fmt.Sprint(i), Room: room})
		}
		for b.Loop() {
			if lapsed, err := s.Lapsed(b.Context(), rights); err != nil || len(lapsed) != 0 {
				b.Fatal(lapsed, err)
			}
		}
	})
}
