package db_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestALinkIntoARoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindPrivate, bob)
		made := must[*db.Invite](t)(s.CreateInvite(t.Context(), bob, db.NewInvite{RoomID: &room}))
		wantEqual(t, "length of the code", len(made.Code), 16)
		wantEqual(t, "room of a new link", made.Room.ID, room)
		link := must[*db.Invite](t)(s.Invite(t.Context(), made.Code))
		if link.Room.Title != "사랑방" || link.Creator.Name != "bob" || link.Creator.PasswordHash != "" {
			t.Errorf("room %+v, creator %+v", link.Room, link.Creator)
		}

		newcomer := must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "carol", Invite: link.Code}))
		wantEqual(t, "room of the newcomer", newcomer.Room.ID, room)
		told := record(s)
		entered := must[*db.Room](t)(s.AcceptInvite(t.Context(), alice, link.Code))
		n, event := told.coming(t)
		wantEqual(t, "event", *event, db.Event{Type: db.EventJoined})
		if entered.ID != room || n.Changed == nil || len(n.Users) != 1 || n.Users[0] != alice.ID {
			t.Errorf("entered %+v, notice %+v", entered, n)
		}
		must[*db.Room](t)(s.AcceptInvite(t.Context(), alice, link.Code))
		wantEqual(t, "notices of entering again", len(told.take()), 0)
		wantEqual(t, "uses", must[*db.Invite](t)(s.Invite(t.Context(), link.Code)).Uses, 2)
		wantEqual(t, "members", names(must[[]*db.User](t)(s.Members(t.Context(), alice, room, 0, 10))), "bob carol alice")
	})
}

func TestALinkToTheServiceLeadsToNoRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		link := must[*db.Invite](t)(s.CreateInvite(t.Context(), alice, db.NewInvite{MaxUses: 1}))
		for range 2 {
			if room, err := s.AcceptInvite(t.Context(), bob, link.Code); room != nil || err != nil {
				t.Errorf("%v, %v", room, err)
			}
		}
		_, err := s.AcceptInvite(t.Context(), bob, "unknown")
		wantError(t, err, db.ErrNotFound)
	})
}

func TestWhoMayInvite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, bob, carol := dbtest.User(t, s, "admin"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindPrivate, bob)
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), bob, carol.ID)).ID
		for _, test := range []struct {
			name   string
			viewer *db.User
			invite db.NewInvite
			want   error
		}{
			{"a member to the service", bob, db.NewInvite{}, db.ErrForbidden},
			{"an administrator to the service", admin, db.NewInvite{}, nil},
			{"a stranger into a room", carol, db.NewInvite{RoomID: &room}, db.ErrNotFound},
			{"an administrator into a room of others", admin, db.NewInvite{RoomID: &room}, db.ErrNotFound},
			{"a member into its room", bob, db.NewInvite{RoomID: &room}, nil},
			{"into a direct room", bob, db.NewInvite{RoomID: &direct}, db.ErrForbidden},
		} {
			if _, err := s.CreateInvite(t.Context(), test.viewer, test.invite); err != test.want {
				t.Errorf("%s: error %v, want %v", test.name, err, test.want)
			}
		}
		wantEqual(t, "links admin may revoke", len(must[[]*db.Invite](t)(s.Invites(t.Context(), admin, db.InviteList{}))), 2) // with the first of all; not into a private room
		wantEqual(t, "links bob may revoke", len(must[[]*db.Invite](t)(s.Invites(t.Context(), bob, db.InviteList{}))), 1)
		wantEqual(t, "links carol may revoke", len(must[[]*db.Invite](t)(s.Invites(t.Context(), carol, db.InviteList{}))), 0)
	})
}

func TestALinkEnds(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		admin, bob, carol := dbtest.User(t, s, "admin"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		eve := dbtest.User(t, s, "eve")
		room := dbtest.Room(t, s, db.KindPrivate, carol, bob, eve)
		for _, test := range []struct {
			name   string
			invite db.NewInvite
			end    func(code string)
		}{
			{"by time", db.NewInvite{RoomID: &room, ExpiresIn: time.Hour}, func(string) { clock.Advance(time.Hour) }},
			{"by use", db.NewInvite{RoomID: &room, MaxUses: 1}, func(code string) {
				must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "dora", Invite: code}))
			}},
			{"by its creator", db.NewInvite{RoomID: &room}, func(code string) {
				wantError(t, s.RevokeInvite(t.Context(), eve, code), db.ErrNotFound)
				noError(t, s.RevokeInvite(t.Context(), bob, code))
				wantError(t, s.RevokeInvite(t.Context(), bob, code), db.ErrNotFound)
			}},
			{"by who made the room", db.NewInvite{RoomID: &room}, func(code string) {
				wantEqual(t, "links carol may revoke", len(must[[]*db.Invite](t)(s.Invites(t.Context(), carol, db.InviteList{}))), 1)
				noError(t, s.RevokeInvite(t.Context(), carol, code))
			}},
			{"by an administrator", db.NewInvite{RoomID: &room}, func(code string) { noError(t, s.RevokeInvite(t.Context(), admin, code)) }},
			{"with its creator's membership", db.NewInvite{RoomID: &room}, func(string) {
				noError(t, s.RemoveMember(t.Context(), carol, room, bob.ID))
			}},
		} {
			link := must[*db.Invite](t)(s.CreateInvite(t.Context(), bob, test.invite))
			must[*db.Invite](t)(s.Invite(t.Context(), link.Code))
			test.end(link.Code)
			_, err := s.Invite(t.Context(), link.Code)
			_, err2 := s.AcceptInvite(t.Context(), admin, link.Code)
			_, err3 := s.SignUp(t.Context(), db.NewUser{Name: "eve", Invite: link.Code})
			for _, err := range []error{err, err2, err3} {
				if err != db.ErrNotFound {
					t.Errorf("%s: error %v, want not found", test.name, err)
				}
			}
			wantEqual(t, test.name+": bob's links", len(must[[]*db.Invite](t)(s.Invites(t.Context(), bob, db.InviteList{}))), 0)
		}
		wantEqual(t, "members", names(must[[]*db.User](t)(s.Members(t.Context(), carol, room, 0, 10))), "carol eve dora")
	})
}

func TestALinkOfSomebodyDeactivatedIsWorthNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, bob := dbtest.User(t, s, "admin"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindPrivate, bob)
		link := must[*db.Invite](t)(s.CreateInvite(t.Context(), bob, db.NewInvite{RoomID: &room}))
		must[*db.User](t)(s.SetActive(t.Context(), admin, bob.ID, false))
		_, err := s.Invite(t.Context(), link.Code)
		wantError(t, err, db.ErrNotFound)
	})
}

func TestThreeUsesAreThreeHoweverManyRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin := dbtest.User(t, s, "admin")
		room := dbtest.Room(t, s, db.KindPrivate, admin)
		link := must[*db.Invite](t)(s.CreateInvite(t.Context(), admin, db.NewInvite{RoomID: &room, MaxUses: 3}))
		people := make([]*db.User, 6)
		for i := range people {
			people[i] = dbtest.User(t, s, fmt.Sprint("user", i))
		}
		var entered atomic.Int64
		atOnce(12, func(i int) {
			var err error
			if i%2 == 0 {
				_, err = s.AcceptInvite(t.Context(), people[i/2], link.Code)
			} else {
				_, err = s.SignUp(t.Context(), db.NewUser{Name: fmt.Sprint("new", i), Invite: link.Code})
			}
			if err == nil {
				entered.Add(1)
			} else if err != db.ErrNotFound {
				t.Error(err)
			}
		})
		wantEqual(t, "who entered", entered.Load(), 3)
		wantEqual(t, "members", len(must[[]*db.User](t)(s.Members(t.Context(), admin, room, 0, 20))), 4)
	})
}

func TestLinks_AreBoundedAndComeByPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		dbtest.User(t, s, "admin")
		bob, carol := dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindPrivate, bob, carol)
		made := map[string]bool{}
		for range db.MaxInvites {
			made[must[*db.Invite](t)(s.CreateInvite(t.Context(), bob, db.NewInvite{RoomID: &room})).Code] = true
		}
		_, err := s.CreateInvite(t.Context(), bob, db.NewInvite{RoomID: &room})
		wantError(t, err, db.ErrTooManyInvites)
		must[*db.Invite](t)(s.CreateInvite(t.Context(), carol, db.NewInvite{RoomID: &room}))
		list := db.InviteList{Room: room, Limit: 20}
		for pages := 0; ; pages++ {
			page := must[[]*db.Invite](t)(s.Invites(t.Context(), bob, list))
			for _, i := range page {
				delete(made, i.Code)
				list.After = i.Code
			}
			if len(page) < list.Limit {
				wantEqual(t, "full pages", pages, 2)
				break
			}
		}
		wantEqual(t, "links on no page", len(made), 0)
		noError(t, s.RevokeInvite(t.Context(), bob, list.After))
		if list.After != "" {
			must[*db.Invite](t)(s.CreateInvite(t.Context(), bob, db.NewInvite{RoomID: &room}))
		}
	})
}
