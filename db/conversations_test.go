package db_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestConversation_OfTheSamePeopleIsOneRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		of := func(u *db.User, others ...int64) *db.RoomView {
			t.Helper()
			return must[*db.RoomView](t)(s.Conversation(t.Context(), u, others, permitted))
		}
		three := of(alice, bob.ID, carol.ID)
		wantEqual(t, "title", three.Title, "alice, bob, carol")
		wantEqual(t, "kind", three.Kind, db.KindPrivate)
		wantEqual(t, "members", three.Members, 3)
		wantEqual(t, "the room that carol finds", of(carol, bob.ID, alice.ID, bob.ID).ID, three.ID)
		wantEqual(t, "the room of two", of(alice, bob.ID).ID, must[*db.RoomView](t)(s.DirectRoom(t.Context(), bob, alice.ID)).ID)
		wantEqual(t, "the room of one", of(alice).Kind, db.KindDirect)
		wantEqual(t, "the room of one", of(alice, alice.ID).ID, of(alice).ID)

		renamed := db.Profile{DisplayName: "Robert", Language: "en", TimeZone: "UTC"}
		must[*db.User](t)(s.UpdateProfile(t.Context(), bob, db.ProfileChange{Profile: &renamed}))
		title := func(u *db.User, id uuid.UUID) string { return must[*db.RoomView](t)(s.Room(t.Context(), u, id)).Title }
		wantEqual(t, "title after a change of name", title(alice, three.ID), "alice, Robert, carol")

		dan := dbtest.User(t, s, "dan")
		noError(t, s.AddMember(t.Context(), alice, three.ID, dan.ID))
		wantEqual(t, "title after somebody came", title(carol, three.ID), "alice, Robert, carol, dan")
		anew := of(alice, bob.ID, carol.ID)
		if anew.ID == three.ID {
			t.Error("with somebody more in it, it is still the room of three")
		}
		must[*db.RoomView](t)(s.RenameRoom(t.Context(), carol, anew.ID, "소풍"))
		noError(t, s.LeaveRoom(t.Context(), bob, anew.ID))
		wantEqual(t, "title of a renamed room after somebody left", title(carol, anew.ID), "소풍")
		if of(bob, alice.ID, carol.ID).ID == anew.ID {
			t.Error("a renamed room is still the room of three")
		}
	})
}

func TestConversation_IsMadeOnceInARace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		people := []*db.User{dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")}
		ids := make(chan uuid.UUID)
		for i := range 12 {
			go func() {
				view, err := s.Conversation(t.Context(), people[i%3], []int64{people[0].ID, people[1].ID, people[2].ID}, permitted)
				if err != nil {
					t.Errorf("conversation %d: %v", i, err)
					view = &db.RoomView{}
				}
				ids <- view.ID
			}()
		}
		first := <-ids
		for range 11 {
			wantEqual(t, "room", <-ids, first)
		}
	})
}

func TestConversation_NeedsPeopleWhoAreThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, gone := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "gone")
		must[*db.User](t)(s.SetActive(t.Context(), alice, gone.ID, false))
		tooMany := make([]int64, db.ConversationBound)
		for i := range tooMany {
			tooMany[i] = int64(1000 + i)
		}
		for what, others := range map[string][]int64{
			"unknown": {999}, "one of them unknown": {bob.ID, 999}, "deactivated": {gone.ID}, "one of them deactivated": {bob.ID, gone.ID}, "too many": tooMany,
		} {
			_, err := s.Conversation(t.Context(), alice, others, permitted)
			var invalid *db.InvalidError
			if !errors.As(err, &invalid) || invalid.Fields["user"] != db.UnknownUser {
				t.Errorf("%s: error %v", what, err)
			}
		}
	})
}

func TestFavourite_BelongsToOneMember(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		for _, favourite := range []bool{true, true, false} {
			view := must[*db.RoomView](t)(s.SetFavourite(t.Context(), alice, room, favourite))
			wantEqual(t, "favourite", view.Favourite, favourite)
			wantEqual(t, "in alice's list", must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), alice))[0].Favourite, favourite)
			wantEqual(t, "in bob's list", must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), bob))[0].Favourite, false)
		}
	})
}

func TestUsers_AreFoundByPartsAndInitials(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		var viewer *db.User
		for i, name := range []string{"김지민", "김민수", "박하늘", "Élodie", "짐캐리", "갔다"} {
			u := dbtest.User(t, s, fmt.Sprintf("user%d", i))
			p := db.Profile{DisplayName: name, Language: "ko", TimeZone: "UTC"}
			u = must[*db.User](t)(s.UpdateProfile(t.Context(), u, db.ProfileChange{Profile: &p}))
			if viewer == nil {
				viewer = u
			}
		}
		for query, want := range map[string]string{
			"ㅈㅁ": "김지민", "김ㅁㅅ": "김민수", "ㄱㅈㅁ": "김지민", "지ㅁ": "김지민", "민": "김민수 김지민", "@하늘": "박하늘", "＠user2": "박하늘",
			"ÉLO": "Élodie", "ㅈ": "김지민 짐캐리", "지": "김지민 짐캐리", "ㄱㄷ": "갔다", "%": "", "_": "", "ㅋㅋ": "", "#박": "박하늘", "  ㅎㄴ ": "박하늘",
			"r2": "박하늘",
		} {
			var names []string
			for _, u := range must[[]*db.User](t)(s.Users(t.Context(), viewer, query, 0, 10)) {
				names = append(names, u.DisplayName)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%q: got %q, want %q", query, got, want)
			}
		}
		first := must[[]*db.User](t)(s.Users(t.Context(), viewer, "민", 0, 1))
		second := must[[]*db.User](t)(s.Users(t.Context(), viewer, "민", first[0].ID, 1))
		if len(second) != 1 || second[0].DisplayName != "김지민" {
			t.Errorf("second page: %+v", second)
		}
	})
}

func TestRooms_AreFoundByPartsAndInitials(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		for _, title := range []string{"공지사항", "개발팀"} {
			must[*db.RoomView](t)(s.CreateRoom(t.Context(), alice, title, db.KindOpen))
		}
		must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, bob.ID))
		rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), alice))
		for query, want := range map[string]string{"ㄱㅈ": "공지사항", "#개발": "개발팀", "@bo": "bob", "지사": "공지사항", "없다": ""} {
			var mine, open []string
			for _, r := range db.FindRooms(rooms, query) {
				mine = append(mine, r.Title)
			}
			for _, r := range must[[]*db.Room](t)(s.OpenRooms(t.Context(), bob, query, db.RoomCursor{}, 10)) {
				open = append(open, r.Title)
			}
			wantEqual(t, "mine with "+query, strings.Join(mine, " "), want)
			if want != "bob" {
				wantEqual(t, "open with "+query, strings.Join(open, " "), want)
			}
		}
		if all := db.FindRooms(rooms, " "); !slices.Equal(all, rooms) {
			t.Errorf("%d rooms for an empty query, want %d", len(all), len(rooms))
		}
	})
}

// permitted lets a conversation be made.
func permitted() error { return nil }

func TestConversation_AsksBeforeOneIsMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		others, enough := []int64{bob.ID, carol.ID}, errors.New("enough")
		refused := func() error { return enough }
		if _, err := s.Conversation(t.Context(), alice, others, refused); err != enough {
			t.Errorf("a new one: %v", err)
		}
		made := must[*db.RoomView](t)(s.Conversation(t.Context(), alice, others, permitted))
		again := must[*db.RoomView](t)(s.Conversation(t.Context(), alice, others, refused))
		wantEqual(t, "room", again.ID, made.ID)
	})
}
