package db_test

import (
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestMentionSpans_AreTheNamesOfOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, kim, lee := dbtest.User(t, s, "alice"), dbtest.User(t, s, "지민"), dbtest.User(t, s, "lee")
		shown := db.Profile{DisplayName: "지민", Language: "ko", TimeZone: "Asia/Seoul"}
		room := dbtest.Room(t, s, db.KindOpen, alice, kim, lee)
		for body, want := range map[string]db.MentionSpans{
			"@지민님께 @alice":       "0:7:2 14:6:1",
			"＠ALICE, 안녕@지민!":     "0:8:1 16:7:2",
			"`@지민` @nobody a@지민": "",
			"@지민이랑 @지민도":         "0:7:2 14:7:2",
		} {
			wantEqual(t, "spans of "+body, dbtest.Post(t, s, alice, room, body).MentionSpans, want)
		}
		must[*db.User](t)(s.UpdateProfile(t.Context(), lee, db.ProfileChange{Profile: &shown}))
		m := dbtest.Post(t, s, alice, room, "@지민 @alice")
		wantEqual(t, "mentions of two of one name", *m.Mentions, db.UserIDs(" 2 3 1 "))
		wantEqual(t, "spans beside two of one name", m.MentionSpans, "8:6:1")
		edited := must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, m.Position, "음 @alice"))
		wantEqual(t, "spans after an edit", edited.MentionSpans, "4:6:1")
		wantEqual(t, "as read", must[*db.Message](t)(s.Message(t.Context(), kim, room, m.Position)).MentionSpans, "4:6:1")
		deleted := must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, m.Position))
		wantEqual(t, "spans of a deleted message", deleted.MentionSpans, "")
	})
}
