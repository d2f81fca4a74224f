package db_test

import (
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestFindMembers_ByPartsAndConsonants(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		named := func(name, display string) *db.User {
			u := dbtest.User(t, s, name)
			return must[*db.User](t)(s.UpdateProfile(t.Context(), u, db.ProfileChange{Profile: &db.Profile{
				DisplayName: display, Language: "ko", TimeZone: "Asia/Seoul",
			}}))
		}
		jimin, kim, alice := named("jimin", "지민"), named("minsu", "김민수"), named("alice", "Alice Kim")
		gone, outside := named("mingone", "민지"), named("minout", "민호")
		room := dbtest.Room(t, s, db.KindOpen, jimin, kim, alice, gone)
		must[*db.User](t)(s.SetActive(t.Context(), jimin, gone.ID, false))
		for query, want := range map[string]string{
			"": "alice minsu jimin", "민": "minsu jimin", "ㅈㅁ": "jimin", "ㄱㅁㅅ": "minsu", "김ㅁ": "minsu", "MIN": "minsu jimin",
			"kim": "alice", "지ㅁ": "jimin", "짐": "jimin", "@지": "jimin", "없": "", "lice": "alice", "ji": "jimin",
		} {
			var names []string
			for _, u := range must[[]*db.User](t)(s.FindMembers(t.Context(), kim, room, query, 8)) {
				names = append(names, u.Name)
			}
			wantEqual(t, "members found by "+query, strings.Join(names, " "), want)
		}
		wantEqual(t, "bounded", len(must[[]*db.User](t)(s.FindMembers(t.Context(), kim, room, "", 2))), 2)
		_, err := s.FindMembers(t.Context(), outside, room, "", 8)
		wantError(t, err, db.ErrNotFound)
	})
}
