package live

import (
	"fmt"
	"strings"
	"testing"

	"sarangbang/db"
)

func TestChangesIn_AreOrdered(t *testing.T) {
	messages := func(revisions ...int64) (list []*db.Message) {
		for _, r := range revisions {
			list = append(list, &db.Message{Revision: r})
		}
		return list
	}
	room := func(revision int64) *db.Room { return &db.Room{RoomRevision: revision} }
	for name, c := range map[string]struct {
		changes db.RoomChanges
		want    string
	}{
		"nothing":                        {db.RoomChanges{Revision: 5}, ""},
		"messages alone":                 {db.RoomChanges{Revision: 9, Messages: messages(6, 9)}, "m6 m9"},
		"the room alone":                 {db.RoomChanges{Revision: 9, Room: room(9)}, "r9"},
		"the room first":                 {db.RoomChanges{Revision: 9, Messages: messages(7, 9), Room: room(6)}, "r6 m7 m9"},
		"the room between":               {db.RoomChanges{Revision: 9, Messages: messages(7, 9), Room: room(8)}, "m7 r8 m9"},
		"the room last":                  {db.RoomChanges{Revision: 9, Messages: messages(7, 8), Room: room(9)}, "m7 m8 r9"},
		"the room on a later page":       {db.RoomChanges{Revision: 8, Messages: messages(7, 8), Room: room(9), More: true}, "m7 m8"},
		"the room known for a long time": {db.RoomChanges{Revision: 8, Messages: messages(7, 8), Room: room(5)}, "m7 m8"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, change := range changesIn(&c.changes, 5) {
				kind := "m"
				if change.room != nil {
					kind = "r"
				}
				got = append(got, fmt.Sprint(kind, change.revision))
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("changes %q, want %q", got, c.want)
			}
		})
	}
}
