package db_test

import (
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// subjectNames returns the names that the last three messages of a room show beside their authors',
// as every way of reading has them: a page, the changes, one message each.
func subjectNames(t *testing.T, s *db.Store, viewer *db.User, room uuid.UUID) map[string][3]string {
	t.Helper()
	shown := func(m *db.Message) string {
		if e := m.Event(); e != nil {
			return e.UserName
		}
		return m.Deleter()
	}
	page := must[*db.MessagePage](t)(s.Messages(t.Context(), viewer, room, db.Window{Limit: 3}))
	changes := must[*db.RoomChanges](t)(s.Changes(t.Context(), room, 0, 10))
	all := map[string][3]string{}
	var pages, changed, single [3]string
	for i, m := range page.Messages {
		pages[i] = shown(m)
		single[i] = shown(must[*db.Message](t)(s.Message(t.Context(), viewer, room, m.Position)))
		for _, c := range changes.Messages {
			if c.Position == m.Position {
				changed[i] = shown(c)
			}
		}
	}
	all["page"], all["changes"], all["message"] = pages, changed, single
	return all
}

func TestMessages_NameTheirSubjectsAsTheyAreCalledNow(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := dbtest.Open(t, db.Options{URL: url})
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		const key = "one-key"
		post := func() *db.Message {
			m, _, err := s.PostMessage(t.Context(), bob, room, "rude", key)
			return must[*db.Message](t)(m, err)
		}
		rude := post()
		wantError(t, s.AddMember(t.Context(), alice, room, carol.ID), nil)
		wantError(t, s.RemoveMember(t.Context(), alice, room, carol.ID), nil)
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, rude.Position))
		want := [3]string{"alice", "carol", "carol"}
		for _, name := range []string{"", "Zoë", "Zoë Z."} {
			if name != "" {
				for _, u := range []*db.User{alice, carol} {
					profile := db.Profile{DisplayName: name + u.Name, Language: "en", TimeZone: "UTC"}
					must[*db.User](t)(s.UpdateProfile(t.Context(), u, db.ProfileChange{Profile: &profile}))
				}
				want = [3]string{name + "alice", name + "carol", name + "carol"}
			}
			for way, got := range subjectNames(t, s, bob, room) {
				wantEqual(t, "names in a "+way, got, want)
			}
			view := must[*db.RoomView](t)(s.Room(t.Context(), bob, room))
			wantEqual(t, "name in the list", view.Newest.Deleter(), want[0])
			wantEqual(t, "name in a late retry", post().Deleter(), want[0])
		}
	})
}
