package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// TestLists_AreBoundedWithManyOfEverything looks at every page with a list. The list of one's own
// rooms is whole on each page, and is left short here.
func TestLists_AreBoundedWithManyOfEverything(t *testing.T) {
	const many, largest = 1500, 200 << 10 // bytes of an answer
	store := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	s := newTestServer(t, store, Options{})
	visitor := s.first()
	jimin := s.user(visitor)
	people := []*db.User{jimin}
	for i := range many {
		people = append(people, dbtest.User(t, store, fmt.Sprintf("person%d", i)))
	}
	full := dbtest.Room(t, store, db.KindOpen, people...)
	for i := range many {
		dbtest.Room(t, store, db.KindOpen, people[i+1])
		dbtest.Post(t, store, jimin, full, fmt.Sprint("말 ", i))
		if _, err := store.CreateInvite(t.Context(), people[i+1], db.NewInvite{RoomID: &full}); err != nil {
			t.Fatal(err)
		}
	}
	for made := 0; ; made++ {
		_, _, err := store.CreateToken(t.Context(), jimin, fmt.Sprint("token ", made))
		if errors.Is(err, db.ErrTooManyTokens) && made == db.MaxTokens {
			break
		}
		if err != nil {
			t.Fatalf("after %d tokens: %v", made, err)
		}
	}
	room := "/rooms/" + full.String()
	for _, path := range []string{
		"/", "/rooms", "/rooms/open", "/rooms/new", "/users", "/users?q=person", "/conversations/new", "/tokens", "/invites", "/profile",
		room, room + "/members", room + "/messages", room + "/messages?before=700", room + "/settings", room + "/messages/1",
	} {
		for form, a := range map[string]int{
			"page": len(visitor.Get(path).Wants(http.StatusOK).Body),
			"JSON": len(visitor.AsProgram().Get(path).Body),
		} {
			if a > largest {
				t.Errorf("%s as %s: %d bytes", path, form, a)
			}
		}
	}
}
