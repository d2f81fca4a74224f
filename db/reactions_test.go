package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/internal/testseed"
)

func TestReactions_AreThereOnceAndGoAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		m := dbtest.Post(t, s, alice, room, "여기요")
		told := record(s)
		react := func(u *db.User, emoji string, reacts bool, want string) *db.Message {
			t.Helper()
			got := must[*db.Message](t)(s.React(t.Context(), u, room, 1, emoji, reacts))
			wantEqual(t, "reactions", got.Reactions, db.Reactions(want))
			read := must[*db.Message](t)(s.Message(t.Context(), alice, room, 1))
			wantEqual(t, "as read", read.Reactions, db.Reactions(want))
			wantEqual(t, "revision", read.Revision, got.Revision)
			return got
		}
		first := react(alice, "👍", true, "👍 1 1\n")
		wantEqual(t, "revision", first.Revision, m.Revision+1)
		wantEqual(t, "again", react(alice, "👍", true, "👍 1 1\n").Revision, first.Revision)
		react(bob, "❤️", true, "👍 1 1\n❤️ 1 2\n")
		react(bob, "👍", true, "👍 2 1 2\n❤️ 1 2\n")
		react(alice, "👍", false, "👍 1 2\n❤️ 1 2\n")
		last := react(bob, "👍", false, "❤️ 1 2\n")
		wantEqual(t, "none to take back", react(alice, "👍", false, "❤️ 1 2\n").Revision, last.Revision)
		wantEqual(t, "notices", len(told.take()), 5)

		users, mine, err := s.Reactors(t.Context(), bob, last)
		noError(t, err)
		if len(users) != 1 || users[bob.ID].Name != "bob" || !slices.Equal(mine, []string{"❤️"}) {
			t.Errorf("the people are %v, bob's %q", users, mine)
		}
		for _, c := range []struct {
			user     *db.User
			position int64
			want     error
		}{{carol, 1, db.ErrNotFound}, {alice, 2, db.ErrNotFound}} {
			_, err := s.React(t.Context(), c.user, room, c.position, "👍", true)
			wantError(t, err, c.want)
		}
		rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), bob))
		wantEqual(t, "unread for bob", rooms[0].Unread, 1)

		deleted := must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 1))
		wantEqual(t, "reactions of a deleted message", deleted.Reactions, db.Reactions(""))
		_, err = s.React(t.Context(), bob, room, 1, "👍", true)
		wantError(t, err, db.ErrConflict)
	})
}

func TestReactions_AreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		dbtest.Post(t, s, alice, room, "여기요")
		for i := range db.MaxReactions {
			must[*db.Message](t)(s.React(t.Context(), alice, room, 1, fmt.Sprint("e", i), true))
		}
		_, err := s.React(t.Context(), bob, room, 1, "more", true)
		wantError(t, err, db.ErrTooManyReactions)
		must[*db.Message](t)(s.React(t.Context(), bob, room, 1, "e7", true))
		must[*db.Message](t)(s.React(t.Context(), alice, room, 1, "e0", false))
		must[*db.Message](t)(s.React(t.Context(), bob, room, 1, "more", true))
	})
}

// Many react at the same time: nothing is lost, and the message changes far less often.
func TestReactions_AreCommittedTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		people := make([]*db.User, 120)
		for i := range people {
			people[i] = dbtest.User(t, s, fmt.Sprint("user", i))
		}
		room := dbtest.Room(t, s, db.KindOpen, people...)
		m := dbtest.Post(t, s, people[0], room, "몇 시에 볼까요?")
		everybody := func(reacts bool, people []*db.User) {
			var all sync.WaitGroup
			for _, u := range people {
				all.Go(func() {
					if _, err := s.React(t.Context(), u, room, 1, "👍", reacts); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		everybody(true, people)
		got := must[*db.Message](t)(s.Message(t.Context(), people[0], room, 1))
		one := got.Reactions.All()[0]
		if one.Count != 120 || len(one.Users) != 100 || got.Revision-m.Revision > 60 {
			t.Errorf("%d reactions of %d people shown in %d changes", one.Count, len(one.Users), got.Revision-m.Revision)
		}
		_, mine, err := s.Reactors(t.Context(), people[119], got)
		if err != nil || !slices.Equal(mine, []string{"👍"}) {
			t.Errorf("who is not shown has %q, %v", mine, err)
		}
		everybody(false, people[:30])
		got = must[*db.Message](t)(s.Message(t.Context(), people[0], room, 1))
		one = got.Reactions.All()[0]
		if one.Count != 90 || len(one.Users) != 90 {
			t.Errorf("%d reactions of %d people, want 90 of 90", one.Count, len(one.Users))
		}
	})
}

func TestReactions_AreThoseOfAModel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s, random := open(), rand.New(rand.NewPCG(testseed.New(t), 1))
		people := []*db.User{dbtest.User(t, s, "a"), dbtest.User(t, s, "b"), dbtest.User(t, s, "c"), dbtest.User(t, s, "d")}
		room := dbtest.Room(t, s, db.KindOpen, people...)
		for range 3 {
			dbtest.Post(t, s, people[0], room, "글")
		}
		type who struct {
			position, user int64
			emoji          string
		}
		model := map[who]bool{}
		for range 60 {
			wishes := map[who]bool{}
			for range 1 + random.IntN(6) {
				wishes[who{1 + random.Int64N(3), people[random.IntN(4)].ID, []string{"👍", "❤️", "😂"}[random.IntN(3)]}] = random.IntN(3) > 0
			}
			var all sync.WaitGroup
			for w, reacts := range wishes {
				model[w] = reacts
				all.Go(func() {
					if _, err := s.React(t.Context(), people[w.user-1], room, w.position, w.emoji, reacts); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			for position := range int64(3) {
				m := must[*db.Message](t)(s.Message(t.Context(), people[0], room, position+1))
				var got, want []string
				for _, r := range m.Reactions.All() {
					if r.Count != len(r.Users) {
						t.Errorf("%d people, %v", r.Count, r.Users)
					}
					for _, id := range r.Users {
						got = append(got, fmt.Sprint(r.Emoji, id))
					}
				}
				for w, is := range model {
					if is && w.position == position+1 {
						want = append(want, fmt.Sprint(w.emoji, w.user))
					}
				}
				slices.Sort(got)
				slices.Sort(want)
				if strings.Join(got, " ") != strings.Join(want, " ") {
					t.Fatalf("message %d has %v, want %v", position+1, got, want)
				}
			}
		}
	})
}

func TestReact_StopsWithItsContext(t *testing.T) {
	s := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	alice := dbtest.User(t, s, "alice")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	dbtest.Post(t, s, alice, room, "글")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.React(ctx, alice, room, 1, "👍", true); err == nil || errors.Is(err, db.ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
}
