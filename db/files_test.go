package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// upload adds a file that waits for its message.
func upload(t *testing.T, s *db.Store, u *db.User, room uuid.UUID, name, hash string) *db.File {
	t.Helper()
	return must[*db.File](t)(s.AddFile(t.Context(), u, room, db.File{Name: name, Type: "text/plain", Size: 5}, hash, 0))
}

func TestFiles_ComeWithTheirMessageAndGoWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		a, b := upload(t, s, alice, room, "a.txt", "a"), upload(t, s, alice, room, "b.txt", "b")
		wantFile := func(u *db.User, want error) {
			t.Helper()
			_, err := s.File(t.Context(), u, a.ID)
			wantError(t, err, want)
		}
		wantFile(alice, nil)
		wantFile(bob, db.ErrNotFound) // it is in no message

		n := db.NewMessage{Body: "여기", Key: "k", Files: []uuid.UUID{b.ID, a.ID}}
		m, created, err := s.Post(t.Context(), alice, room, n)
		noError(t, err)
		wantEqual(t, "created", created, true)
		var names []string
		for _, f := range m.Files.All() {
			names = append(names, f.Name)
		}
		wantEqual(t, "names in order", fmt.Sprint(names), "[b.txt a.txt]")
		again, created, err := s.Post(t.Context(), alice, room, n)
		noError(t, err)
		wantEqual(t, "posted again", fmt.Sprint(again.Position, created), fmt.Sprint(m.Position, false))
		wantEqual(t, "as read", must[*db.Message](t)(s.Message(t.Context(), bob, room, m.Position)).Files, m.Files)
		wantFile(bob, nil)
		wantFile(carol, db.ErrNotFound)
		wantError(t, s.RemoveWaitingFile(t.Context(), alice, a.ID), db.ErrNotFound) // it does not wait any more
		wantFile(bob, nil)
		noError(t, s.LeaveRoom(t.Context(), bob, room))
		wantFile(bob, db.ErrNotFound)

		edited := must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, m.Position, "저기"))
		wantEqual(t, "files after an edit", edited.Files, m.Files)
		deleted := must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, m.Position))
		wantEqual(t, "files of a deleted message", deleted.Files, "")
		wantFile(alice, db.ErrNotFound)
	})
}

func TestPost_RefusesFilesThatDoNotWaitForIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room, other := dbtest.Room(t, s, db.KindOpen, alice, bob), dbtest.Room(t, s, db.KindOpen, alice)
		own, theirs, elsewhere := upload(t, s, alice, room, "a", "a"), upload(t, s, bob, room, "b", "b"), upload(t, s, alice, other, "c", "c")
		for what, ids := range map[string][]uuid.UUID{
			"somebody else's": {own.ID, theirs.ID}, "of another room": {own.ID, elsewhere.ID}, "unknown": {own.ID, uuid.New()}, "twice": {own.ID, own.ID},
		} {
			_, _, err := s.Post(t.Context(), alice, room, db.NewMessage{Files: ids})
			var invalid *db.InvalidError
			if !errors.As(err, &invalid) || invalid.Fields["files"] != db.UnknownFile {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, _, err := s.Post(t.Context(), alice, room, db.NewMessage{Files: []uuid.UUID{own.ID}})
		noError(t, err) // it still waits after refusals
		_, _, err = s.Post(t.Context(), alice, room, db.NewMessage{Files: []uuid.UUID{own.ID}})
		if err == nil {
			t.Error("a file is in two messages")
		}
		removed := upload(t, s, alice, room, "d", "d")
		wantError(t, s.RemoveWaitingFile(t.Context(), bob, removed.ID), db.ErrNotFound) // not bob's
		wantEqual(t, "waiting", len(must[[]db.File](t)(s.WaitingFiles(t.Context(), alice, []uuid.UUID{removed.ID}))), 1)
		noError(t, s.RemoveWaitingFile(t.Context(), alice, removed.ID))
		wantEqual(t, "waiting", len(must[[]db.File](t)(s.WaitingFiles(t.Context(), alice, []uuid.UUID{removed.ID}))), 0)
	})
}

func TestSweepFiles_RemovesWhatNoFileNames(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		sent, forgotten, shared := upload(t, s, alice, room, "a", "sent"), upload(t, s, alice, room, "b", "forgotten"), upload(t, s, alice, room, "c", "sent")
		m, _, err := s.Post(t.Context(), alice, room, db.NewMessage{Files: []uuid.UUID{sent.ID}})
		noError(t, err)
		var removed []string
		remove := func(_ context.Context, hash string) error {
			removed = append(removed, hash)
			return nil
		}
		sweep := func(want ...string) {
			t.Helper()
			removed = nil
			noError(t, s.SweepFiles(t.Context(), remove))
			if !slices.Equal(removed, want) {
				t.Errorf("removed %q, want %q", removed, want)
			}
		}
		sweep()
		clock.Advance(25 * time.Hour)
		_ = forgotten
		sweep("forgotten")
		sweep()
		_, err = s.File(t.Context(), alice, shared.ID)
		wantError(t, err, db.ErrNotFound) // it had waited for too long, but its content is in a message
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, m.Position))
		broken := errors.New("no disk")
		err = s.SweepFiles(t.Context(), func(context.Context, string) error { return broken })
		if !errors.Is(err, broken) {
			t.Errorf("an error of the storage: %v", err)
		}
		sweep("sent") // it is tried again
		sweep()
		upload(t, s, alice, room, "d", "sent") // the content comes again
		sweep()
	})
}

func TestAddFile_IsBounded(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		add := func(u *db.User, size, most int64) error {
			_, err := s.AddFile(t.Context(), u, room, db.File{Name: "a", Size: size}, fmt.Sprint(size), most)
			return err
		}
		wantError(t, add(bob, 1, 0), db.ErrNotFound)
		noError(t, add(alice, db.FilesADay-10, 0))
		wantError(t, add(alice, 11, 0), db.ErrFilesOfDay)
		noError(t, add(alice, 10, 0))
		clock.Advance(25 * time.Hour)
		wantError(t, add(alice, 1, db.FilesADay), db.ErrStorageFull)
		wantError(t, s.CheckUpload(t.Context(), alice, room, 1, db.FilesADay), db.ErrStorageFull)
		noError(t, add(alice, 1, db.FilesADay+1))
		must[*db.RoomView](t)(s.ArchiveRoom(t.Context(), alice, room, true))
		wantError(t, add(alice, 1, 0), db.ErrArchived)
	})
}
