package dbtest

import (
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
)

// User signs somebody up without an invitation. The first user is the administrator; no first room
// is made.
func User(tb testing.TB, s *db.Store, name string) *db.User {
	tb.Helper()
	signed, err := s.SignUp(tb.Context(), db.NewUser{
		Name: name, PasswordHash: "no password", Language: "ko", TimeZone: "Asia/Seoul", Open: true,
	})
	if err != nil {
		tb.Fatalf("sign up %s: %v", name, err)
	}
	return signed.User
}

// Room makes a room with some members; the first of them creates it.
func Room(tb testing.TB, s *db.Store, kind db.Kind, members ...*db.User) uuid.UUID {
	tb.Helper()
	creator := members[0]
	others := make([]int64, len(members)-1)
	for i, u := range members[1:] {
		others[i] = u.ID
	}
	room, err := s.CreateRoom(tb.Context(), creator, "사랑방", kind, others...)
	if err != nil {
		tb.Fatalf("create a room: %v", err)
	}
	return room.ID
}

// Post says something in a room.
func Post(tb testing.TB, s *db.Store, author *db.User, room uuid.UUID, body string) *db.Message {
	tb.Helper()
	m, _, err := s.PostMessage(tb.Context(), author, room, body, "")
	if err != nil {
		tb.Fatalf("post %q: %v", body, err)
	}
	return m
}
