package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestMembershipsOfSomeUsers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		yard, den := dbtest.Room(t, s, db.KindOpen, alice, bob), dbtest.Room(t, s, db.KindPrivate, bob, carol)
		type pair struct {
			room uuid.UUID
			user int64
		}
		for name, c := range map[string]struct {
			rooms []uuid.UUID
			users []int64
			want  map[pair]bool
		}{
			"of two":             {nil, []int64{alice.ID, bob.ID}, map[pair]bool{{yard, alice.ID}: true, {yard, bob.ID}: true, {den, bob.ID}: true}},
			"of two in one room": {[]uuid.UUID{yard}, []int64{bob.ID, carol.ID}, map[pair]bool{{yard, bob.ID}: true}},
			"of one room":        {[]uuid.UUID{den}, nil, map[pair]bool{{den, bob.ID}: true, {den, carol.ID}: true}},
			"of nobody":          {nil, nil, map[pair]bool{}},
		} {
			got := map[pair]bool{}
			for _, m := range must[[]*db.UsersOnRoom](t)(s.Memberships(t.Context(), c.rooms, c.users)) {
				got[pair{m.RoomID, m.UserID}] = true
			}
			if diff := cmp.Diff(got, c.want, cmp.AllowUnexported(pair{})); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}

func TestPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		must[*db.User](t)(s.SetActive(t.Context(), alice, bob.ID, false))
		var names []string
		for _, u := range must[[]*db.User](t)(s.People(t.Context(), []int64{carol.ID, bob.ID, 999, alice.ID})) {
			names = append(names, u.Name)
			wantEqual(t, "password of "+u.Name, u.PasswordHash, "")
		}
		if diff := cmp.Diff(names, []string{"alice", "carol"}); diff != "" {
			t.Error(diff)
		}
		wantEqual(t, "of none", len(must[[]*db.User](t)(s.People(t.Context(), nil))), 0)
	})
}
