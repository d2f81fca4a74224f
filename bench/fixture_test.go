package main

import (
	"testing"

	"sarangbang/db"
)

func TestFixture_HasItsPeopleRoomsAndMessages(t *testing.T) {
	b := &bench{dir: t.TempDir()}
	f := b.newFixture(t.Context(), "test", shape{2, 3}, 45)
	if len(f.rooms) != 2 || len(f.readers) != 6 || len(f.writers) != fixtureWriters {
		t.Fatalf("%d rooms, %d readers, %d writers", len(f.rooms), len(f.readers), len(f.writers))
	}
	raw, err := openDatabase(f.database, true, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, id := range f.rooms {
		var room db.Room
		if err := raw.NewSelect().Model(&room).Where("id = ?", id).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		var messages []*db.Message
		err := raw.NewSelect().Model(&messages).Where("room_id = ?", id).OrderExpr("position").Scan(t.Context())
		if err != nil || len(messages) != 45 || room.LastPosition != 45 || room.Revision != 46 {
			t.Fatalf("%d messages, room %+v, error %v", len(messages), room, err)
		}
		for i, m := range messages[1:] {
			before := messages[i]
			if m.Position != before.Position+1 || m.Revision != before.Revision+1 ||
				m.Continues != (m.AuthorID == before.AuthorID) || !m.PreviousAt.Equal(before.PostedAt) {
				t.Fatalf("message %+v after %+v", m, before)
			}
		}
		members, err := raw.NewSelect().Model((*db.UsersOnRoom)(nil)).Where("room_id = ?", id).Count(t.Context())
		if err != nil || members != fixtureWriters+3 {
			t.Errorf("%d members, error %v", members, err)
		}
	}
}
