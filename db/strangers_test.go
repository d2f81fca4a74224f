package db_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// ofRooms are all methods that name a room and a viewer. Visit is among them for rooms that are not
// open.
var ofRooms = map[string]func(context.Context, *db.Store, *db.User, uuid.UUID) error{
	"AddMember": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return s.AddMember(ctx, u, room, u.ID)
	},
	"CreateInvite": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.CreateInvite(ctx, u, db.NewInvite{RoomID: &room}))
	},
	"DeleteMessage": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.DeleteMessage(ctx, u, room, 1))
	},
	"EditMessage": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.EditMessage(ctx, u, room, 1, "x"))
	},
	"React": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.React(ctx, u, room, 1, "👍", true))
	},
	"CheckMember": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return s.CheckMember(ctx, u, room)
	},
	"LeaveRoom": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return s.LeaveRoom(ctx, u, room)
	},
	"MarkRead": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.MarkRead(ctx, u, room, 1))
	},
	"FindMembers": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.FindMembers(ctx, u, room, "", 10))
	},
	"Members": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.Members(ctx, u, room, 0, 10))
	},
	"Message": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.Message(ctx, u, room, 1))
	},
	"Messages": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.Messages(ctx, u, room, db.Window{}))
	},
	"Post": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		_, _, err := s.Post(ctx, u, room, db.NewMessage{Body: "x", Key: "key", ReplyTo: 1, Read: 1})
		return err
	},
	"PostMessage": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		_, _, err := s.PostMessage(ctx, u, room, "x", "key")
		return err
	},
	"RemoveMember": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return s.RemoveMember(ctx, u, room, u.ID)
	},
	"RenameRoom": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.RenameRoom(ctx, u, room, "x"))
	},
	"Room": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.Room(ctx, u, room))
	},
	"ArchiveRoom": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.ArchiveRoom(ctx, u, room, true))
	},
	"SetRoomSettings": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.SetRoomSettings(ctx, u, room, db.RoomSettings{}))
	},
	"SetFavourite": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.SetFavourite(ctx, u, room, true))
	},
	"MarkUnread": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.MarkUnread(ctx, u, room, 1))
	},
	"PositionAt": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.PositionAt(ctx, u, room, time.Time{}))
	},
	"BannedFrom": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.BannedFrom(ctx, u, room))
	},
	"Preview": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.Preview(ctx, u, room))
	},
	"ForwardMessage": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.ForwardMessage(ctx, u, room, 1, room, ""))
	},
	"PinMessage": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.PinMessage(ctx, u, room, 1, true))
	},
	"PinnedMessages": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.PinnedMessages(ctx, u, room))
	},
	"AddFile": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.AddFile(ctx, u, room, db.File{Name: "x"}, "x", 0))
	},
	"CheckUpload": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return s.CheckUpload(ctx, u, room, 1, 0)
	},
	"File": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.File(ctx, u, room)) // a guessed id
	},
	"RemoveWaitingFile": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return s.RemoveWaitingFile(ctx, u, room)
	},
	"Visit": func(ctx context.Context, s *db.Store, u *db.User, room uuid.UUID) error {
		return second(s.Visit(ctx, u, room))
	},
}

func TestAStrangerFindsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin := dbtest.User(t, s, "admin") // a stranger like any other
		alice, bob, stranger := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "stranger")
		former := dbtest.User(t, s, "former")
		private := dbtest.Room(t, s, db.KindPrivate, alice, bob, former)
		noError(t, s.LeaveRoom(t.Context(), former, private))
		rooms := map[string]uuid.UUID{
			"open":    dbtest.Room(t, s, db.KindOpen, alice, bob),
			"private": private,
			"direct":  must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, bob.ID)).ID,
			"unknown": uuid.New(),
		}
		for kind, room := range rooms {
			if kind != "unknown" {
				dbtest.Post(t, s, alice, room, "secret")
			}
		}
		told := record(s)
		for kind, room := range rooms {
			for method, call := range ofRooms {
				if kind == "open" && (method == "Visit" || method == "Preview") {
					continue
				}
				for _, u := range []*db.User{stranger, former, admin} {
					if err := call(t.Context(), s, u, room); err != db.ErrNotFound {
						t.Errorf("%s of the %s room by %s: error %v, want not found", method, kind, u.Name, err)
					}
				}
			}
		}
		wantEqual(t, "notices", len(told.take()), 0)
	})
}

// TestEveryMethodOfARoomIsTriedByAStranger finds methods that somebody adds later.
func TestEveryMethodOfARoomIsTriedByAStranger(t *testing.T) {
	store, user, room := reflect.TypeFor[*db.Store](), reflect.TypeFor[*db.User](), reflect.TypeFor[uuid.UUID]()
	for i := range store.NumMethod() {
		m := store.Method(i)
		if m.Type.NumIn() < 4 || m.Type.In(2) != user || m.Type.In(3) != room {
			continue
		}
		if ofRooms[m.Name] == nil && !strings.HasPrefix(m.Name, "Test") {
			t.Errorf("%s is not tried", m.Name)
		}
	}
}
