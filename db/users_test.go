package db_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestTheFirstUserIsAdministratorWithARoomAndALink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		wantEqual(t, "anybody there", must[bool](t)(s.HasUsers(t.Context())), false)
		first := must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "alice", PasswordHash: "h", Closed: true, FirstRoomTitle: "사랑방"}))
		wantEqual(t, "anybody there", must[bool](t)(s.HasUsers(t.Context())), true)
		wantEqual(t, "role", first.User.Role, db.RoleAdministrator)
		wantEqual(t, "display name", first.User.DisplayName, "alice")
		rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), first.User))
		if len(rooms) != 1 || rooms[0].ID != first.Room.ID || rooms[0].Kind != db.KindOpen || rooms[0].Title != "사랑방" {
			t.Errorf("rooms %+v", rooms)
		}
		link := must[*db.Invite](t)(s.Invite(t.Context(), first.Invite.Code))
		if link.RoomID != nil || link.MaxUses != nil || link.ExpiresAt != nil {
			t.Errorf("the first link is bounded: %+v", link)
		}
	})
}

func TestTwoFirstSignUpsAtOnceMakeOneAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		stores := []*db.Store{open(), open()} // two processes
		results := make([]*db.SignedUp, 8)
		atOnce(len(results), func(i int) {
			n := db.NewUser{Name: "user" + string(rune('a'+i)), PasswordHash: "h", Open: true, FirstRoomTitle: "first"}
			var err error
			if results[i], err = stores[i%2].SignUp(t.Context(), n); err != nil {
				t.Error(err)
			}
		})
		administrators := 0
		for _, r := range results {
			if r != nil && r.User.Role == db.RoleAdministrator {
				administrators++
			}
		}
		wantEqual(t, "administrators", administrators, 1)
		rooms := must[[]*db.Room](t)(stores[0].OpenRooms(t.Context(), &db.User{}, "", db.RoomCursor{}, 10))
		wantEqual(t, "first rooms", len(rooms), 1)
	})
}

func TestWhoMaySignUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		first := must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "alice"}))
		link := first.Invite.Code
		tests := []struct {
			name string
			user db.NewUser
			want error
		}{
			{"without a link", db.NewUser{Name: "bob"}, db.ErrForbidden},
			{"with a wrong link", db.NewUser{Name: "bob", Invite: "wrong"}, db.ErrNotFound},
			{"with a wrong link where it is open", db.NewUser{Name: "bob", Invite: "wrong", Open: true}, db.ErrNotFound},
			{"with a link where it is closed", db.NewUser{Name: "bob", Invite: link, Closed: true}, db.ErrForbidden},
			{"with a link", db.NewUser{Name: "bob", Invite: link}, nil},
			{"without a link where it is open", db.NewUser{Name: "carol", Open: true}, nil},
		}
		for _, test := range tests {
			signed, err := s.SignUp(t.Context(), test.user)
			if err != test.want {
				t.Errorf("%s: error %v, want %v", test.name, err, test.want)
			}
			if err == nil && (signed.User.Role != db.RoleMember || signed.Room != nil || signed.Invite != nil) {
				t.Errorf("%s: %+v", test.name, signed)
			}
		}
	})
}

func TestNamesAreUniqueWithoutRegardToCaseAndWidth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		for _, name := range []string{"Straße", "지민", "Ünal"} {
			dbtest.User(t, s, name)
		}
		for _, taken := range []string{"STRASSE", "strasse", "지민", "ünal", "ÜNAL", "Ｕ\u0308ＮＡＬ"} {
			_, err := s.SignUp(t.Context(), db.NewUser{Name: taken, Open: true})
			wantInvalid(t, err, "name", db.TakenName)
			if _, err := s.UserByName(t.Context(), taken); err != nil {
				t.Errorf("%s cannot sign in: %v", taken, err)
			}
		}
		_, err := s.UserByName(t.Context(), "nobody")
		wantError(t, err, db.ErrNotFound)
	})
}

func TestATakenNameCostsNoUseOfTheLink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		link := must[*db.Invite](t)(s.CreateInvite(t.Context(), alice, db.NewInvite{MaxUses: 1}))
		_, err := s.SignUp(t.Context(), db.NewUser{Name: "ALICE", Invite: link.Code})
		wantInvalid(t, err, "name", db.TakenName)
		must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "bob", Invite: link.Code}))
	})
}

func TestFindingPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		for name, display := range map[string]string{
			"jimin": "김지민", "jiho": "박지호", "percent": "100% Ünal", "plain": "100 percent", "snake_case": "뱀", "snakeXcase": `back\slash`,
		} {
			u := dbtest.User(t, s, name)
			must[*db.User](t)(s.UpdateProfile(t.Context(), u, db.ProfileChange{Profile: &db.Profile{DisplayName: display}}))
		}
		tests := []struct {
			query string
			want  string // names
		}{
			{"", "plain percent alice snakeXcase jimin jiho snake_case"},
			{"지", "jimin jiho"},
			{"JI", "jimin jiho"},
			{"ÜNAL", "percent"},
			{"100%", "plain percent"}, // the sign counts only alone
			{"%", "percent"},
			{"_", "snake_case"},
			{`\`, "snakeXcase"},
			{"ＰＥＲＣＥＮＴ", "plain percent"},
			{"nobody", ""},
			{"'; DROP TABLE users; --", ""},
		}
		for _, test := range tests {
			got := names(must[[]*db.User](t)(s.Users(t.Context(), alice, test.query, 0, 50)))
			wantEqual(t, "people with "+test.query, got, test.want)
		}
		var pages []string
		for after := int64(0); ; {
			page := must[[]*db.User](t)(s.Users(t.Context(), alice, "", after, 3))
			if len(page) == 0 {
				break
			}
			pages = append(pages, names(page))
			after = page[len(page)-1].ID
		}
		if diff := cmp.Diff(pages, []string{"plain percent alice", "snakeXcase jimin jiho", "snake_case"}); diff != "" {
			t.Error(diff)
		}
	})
}

func names(users []*db.User) string {
	var list []string
	for _, u := range users {
		list = append(list, u.Name)
	}
	return strings.Join(list, " ")
}

func TestAProfileChangesForEverybody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), bob, alice.ID))
		dbtest.Post(t, s, alice, direct.ID, "hello")
		told := record(s)

		p := db.Profile{DisplayName: "앨리스", Bio: "안녕", Language: "en", TimeZone: "Europe/Berlin"}
		changed := must[*db.User](t)(s.UpdateProfile(t.Context(), alice, db.ProfileChange{Profile: &p}))
		wantEqual(t, "display name", changed.DisplayName, p.DisplayName)
		wantEqual(t, "time zone", changed.TimeZone, p.TimeZone)
		wantEqual(t, "version", changed.Version, alice.Version+1)
		view := must[*db.RoomView](t)(s.Room(t.Context(), bob, direct.ID))
		notices := told.take()
		if len(notices) != 2 || notices[1].Room != direct.ID || notices[1].Revision != view.Revision {
			t.Fatalf("told %+v, want whose rooms look different, and the new revision of the direct room", notices)
		}
		people := notices[0].Users
		slices.Sort(people)
		if diff := cmp.Diff(people, []int64{alice.ID, bob.ID}); diff != "" {
			t.Errorf("whose rooms look different: %s", diff)
		}
		wantEqual(t, "bob's title of the direct room", view.Title, "앨리스")
		wantEqual(t, "author", view.Newest.Author.DisplayName, "앨리스")
		seen := must[*db.User](t)(s.User(t.Context(), bob, alice.ID))
		wantEqual(t, "bio", seen.Bio, "안녕")
		wantEqual(t, "password hash that bob sees", seen.PasswordHash, "")
	})
}

func TestUpdateProfile_IsOneTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		commits := 0
		s.OnCommit(func([]db.Notice) { commits++ })
		change := db.ProfileChange{Profile: &db.Profile{DisplayName: "앨리스"}, Photo: &db.NewPhoto{Type: "image/png"}, PasswordHash: "new hash"}
		if _, err := s.UpdateProfile(t.Context(), alice, change); err == nil {
			t.Error("a photo without content was stored")
		}
		if diff := cmp.Diff(must[*db.User](t)(s.UserByName(t.Context(), "alice")), alice); diff != "" {
			t.Errorf("after a change that failed: %s", diff)
		}
		wantEqual(t, "commits after the failure", commits, 0)
		change.Photo.Content = []byte("photo")
		changed := must[*db.User](t)(s.UpdateProfile(t.Context(), alice, change))
		wantEqual(t, "commits", commits, 1)
		wantEqual(t, "display name", changed.DisplayName, "앨리스")
		wantEqual(t, "has a photo", changed.PhotoVersion != "", true)
		if changed.Epoch <= alice.Epoch {
			t.Errorf("epoch %d, was %d", changed.Epoch, alice.Epoch)
		}
		wantEqual(t, "version", changed.Version, alice.Version+1)
	})
}

func TestPhotos(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		_, err := s.Photo(t.Context(), bob, alice.ID)
		wantError(t, err, db.ErrNotFound)

		set := func(photo db.NewPhoto) *db.User {
			return must[*db.User](t)(s.UpdateProfile(t.Context(), alice, db.ProfileChange{Photo: &photo}))
		}
		one := set(db.NewPhoto{Type: "image/png", Content: []byte{0, 1, 0xff}})
		again := set(db.NewPhoto{Type: "image/jpeg", Content: []byte("two")})
		if one.PhotoVersion == "" || one.PhotoVersion == again.PhotoVersion || again.Version != alice.Version+2 {
			t.Errorf("versions %q, %q, %d", one.PhotoVersion, again.PhotoVersion, again.Version)
		}
		photo := must[*db.Photo](t)(s.Photo(t.Context(), bob, alice.ID))
		want := &db.Photo{UserID: alice.ID, Version: again.PhotoVersion, Type: "image/jpeg", Content: []byte("two")}
		if diff := cmp.Diff(photo, want); diff != "" {
			t.Error(diff)
		}
		removed := must[*db.User](t)(s.UpdateProfile(t.Context(), alice, db.ProfileChange{RemovePhoto: true}))
		wantEqual(t, "photo version", removed.PhotoVersion, "")
		_, err = s.Photo(t.Context(), bob, alice.ID)
		wantError(t, err, db.ErrNotFound)
	})
}

func TestDeactivatingSomebody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, bob, carol := dbtest.User(t, s, "admin"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, admin, bob)
		_, secret, err := s.CreateToken(t.Context(), bob, "bot")
		noError(t, err)
		told := record(s)

		_, err = s.SetActive(t.Context(), bob, carol.ID, false)
		wantError(t, err, db.ErrForbidden)
		_, err = s.SetActive(t.Context(), admin, admin.ID, false)
		wantError(t, err, db.ErrForbidden)
		_, err = s.SetActive(t.Context(), admin, 999, false)
		wantError(t, err, db.ErrNotFound)
		wantEqual(t, "notices of what failed", len(told.take()), 0)

		gone := must[*db.User](t)(s.SetActive(t.Context(), admin, bob.ID, false))
		if gone.DeactivatedAt == nil {
			t.Error("still active")
		}
		if diff := cmp.Diff(told.one(t).Ended, []db.Right{{UserID: bob.ID}}); diff != "" {
			t.Error(diff)
		}
		session := db.Session{ID: "s", UserID: bob.ID, Epoch: bob.Epoch}
		for what, err := range map[string]error{
			"signs in":     second(s.UserByName(t.Context(), "bob")),
			"session":      second(s.SessionUser(t.Context(), session)),
			"token":        tokenError(s, t, secret),
			"is talked to": second(s.DirectRoom(t.Context(), carol, bob.ID)),
		} {
			if err != db.ErrNotFound {
				t.Errorf("%s: error %v, want not found", what, err)
			}
		}
		_, _, err = s.PostMessage(t.Context(), bob, room, "still here?", "")
		wantError(t, err, db.ErrNotFound)
		wantInvalid(t, s.AddMember(t.Context(), admin, room, bob.ID), "user", db.UnknownUser)
		wantEqual(t, "people carol sees", names(must[[]*db.User](t)(s.Users(t.Context(), carol, "", 0, 9))), "admin carol")
		wantEqual(t, "people admin sees", names(must[[]*db.User](t)(s.Users(t.Context(), admin, "", 0, 9))), "admin bob carol")

		must[*db.User](t)(s.SetActive(t.Context(), admin, bob.ID, true))
		must[*db.User](t)(s.UserByName(t.Context(), "bob"))
		_, err = s.SessionUser(t.Context(), session)
		wantError(t, err, db.ErrNotFound) // sessions from before do not come back
	})
}

func second[T any](_ T, err error) error { return err }

func tokenError(s *db.Store, t *testing.T, secret string) error {
	_, _, err := s.TokenUser(t.Context(), secret)
	return err
}
