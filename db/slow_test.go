package db_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestSlowQueries_AreLoggedWithoutValues(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		var log bytes.Buffer
		s := dbtest.Open(t, db.Options{URL: url, SlowQuery: 1, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		alice := must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "alice", PasswordHash: "hash's secret", Open: true})).User
		room := dbtest.Room(t, s, db.KindOpen, alice)
		for range 2 {
			noError(t, second3(s.PostMessage(t.Context(), alice, room, "it's 사랑 secret", "key secret")))
		}
		_, token, err := s.CreateToken(t.Context(), alice, "title secret")
		noError(t, err)
		_, _, err = s.TokenUser(t.Context(), token)
		noError(t, err)
		must[[]*db.User](t)(s.Users(t.Context(), alice, "name secret", 0, 4321))
		noError(t, s.SetRoomOrder(t.Context(), alice, db.OrderByUnread))
		noError(t, s.Close()) // nothing writes to the log any more
		for _, want := range []string{
			"level=WARN", `msg="slow query"`, "operation=SignUp", "operation=commitPosts", "operation=TokenUser", "duration=",
			"SELECT", "INSERT INTO", "UPDATE", "COMMIT", "LIMIT ?",
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("no %q", want)
			}
		}
		for _, secret := range []string{"secret", "사랑", token, "4321", room.String()} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%q in the log", secret)
			}
		}
		if t.Failed() {
			t.Log(log.String())
		}
	})
}

func TestSlowQueries_AreOnlyThoseThatTakeLong(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		for _, over := range []time.Duration{0, time.Hour} {
			var log bytes.Buffer
			s := dbtest.Open(t, db.Options{URL: url, SlowQuery: over, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			must[bool](t)(s.HasUsers(t.Context()))
			wantEqual(t, "log", log.String(), "")
		}
	})
}
