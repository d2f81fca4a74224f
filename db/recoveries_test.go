package db_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestRecovery_WorksOnceAndForADay(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		make := func(who *db.User) string {
			t.Helper()
			_, code, err := s.CreateRecovery(t.Context(), who, bob.ID)
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		works := func(what, code string, want bool) {
			t.Helper()
			_, err := s.RecoveryUser(t.Context(), code)
			if want && err != nil || !want && !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: error %v, want it to work: %v", what, err, want)
			}
		}
		first, second := make(alice), make(nil)
		works("a link that another has followed", first, false)
		works("the operator's", second, true)
		clock.Advance(24*time.Hour - time.Second)
		works("within a day", second, true)
		clock.Advance(time.Second)
		works("after a day", second, false)

		code := make(alice)
		var recovered atomic.Int32
		atOnce(4, func(int) {
			if u, err := s.Recover(t.Context(), code, "new hash", false); err == nil && u.Epoch != bob.Epoch {
				recovered.Add(1)
			}
		})
		wantEqual(t, "how often a link works", recovered.Load(), int32(1))
		works("a link that was used", code, false)
		_, _, err := s.CreateRecovery(t.Context(), bob, alice.ID)
		wantError(t, err, db.ErrForbidden)
	})
}

func TestRecovery_EndsTokensWhereThatIsWanted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		for _, deleted := range []bool{false, true} {
			_, secret, err := s.CreateToken(t.Context(), alice, "script")
			if err != nil {
				t.Fatal(err)
			}
			_, code, err := s.CreateRecovery(t.Context(), nil, alice.ID)
			if err != nil {
				t.Fatal(err)
			}
			must[*db.User](t)(s.Recover(t.Context(), code, "new hash", deleted))
			if _, _, err := s.TokenUser(t.Context(), secret); (err == nil) == deleted {
				t.Errorf("tokens deleted %v, error %v", deleted, err)
			}
		}
	})
}

func TestAdministrators_OneStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		_, err := s.SetRole(t.Context(), bob, bob.ID, db.RoleAdministrator)
		wantError(t, err, db.ErrForbidden)
		_, err = s.SetRole(t.Context(), alice, alice.ID, db.RoleMember)
		wantError(t, err, db.ErrLastAdministrator)
		bob = must[*db.User](t)(s.SetRole(t.Context(), alice, bob.ID, db.RoleAdministrator))
		var stepped atomic.Int32
		for _, p := range []*db.User{alice, bob} {
			if p.Role != db.RoleAdministrator {
				t.Fatalf("%s is %s", p.Name, p.Role)
			}
		}
		both := []*db.User{alice, bob}
		atOnce(2, func(i int) { // each the other
			if _, err := s.SetRole(t.Context(), both[i], both[1-i].ID, db.RoleMember); err == nil {
				stepped.Add(1)
			}
		})
		wantEqual(t, "how many have stepped down", stepped.Load(), int32(1))
	})
}

func TestDeactivation_DeletesTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		_, secret, err := s.CreateToken(t.Context(), bob, "script")
		if err != nil {
			t.Fatal(err)
		}
		for _, active := range []bool{false, true} {
			must[*db.User](t)(s.SetActive(t.Context(), alice, bob.ID, active))
		}
		_, _, err = s.TokenUser(t.Context(), secret)
		wantError(t, err, db.ErrNotFound)
	})
}

func TestLeave_ArchivesAPrivateRoomThatNobodyCouldFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		for kind, want := range map[db.Kind]bool{db.KindPrivate: true, db.KindOpen: false} {
			room := must[*db.RoomView](t)(s.CreateRoom(t.Context(), alice, "방", kind))
			told := record(s)
			if err := s.LeaveRoom(t.Context(), alice, room.ID); err != nil {
				t.Fatal(err)
			}
			archived := false
			for _, n := range told.take() {
				archived = archived || n.Changed != nil && n.Changed.ArchivedAt != nil
			}
			wantEqual(t, string(kind)+" is archived", archived, want)
		}
	})
}
