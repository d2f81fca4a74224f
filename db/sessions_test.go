package db_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestASessionHoldsUntilItIsEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		here := db.Session{ID: "here", UserID: alice.ID, Epoch: alice.Epoch, Expires: time.Now().Add(time.Hour)}
		there := db.Session{ID: "there", UserID: alice.ID, Epoch: alice.Epoch, Expires: time.Now().Add(time.Hour)}
		for _, session := range []db.Session{here, there} {
			wantEqual(t, "user", must[*db.User](t)(s.SessionUser(t.Context(), session)).Name, "alice")
		}
		told := record(s)
		noError(t, s.EndSession(t.Context(), alice, here))
		noError(t, s.EndSession(t.Context(), alice, here)) // a second click
		if diff := cmp.Diff(told.take()[0].Ended, []db.Right{{UserID: alice.ID, Session: "here"}}); diff != "" {
			t.Error(diff)
		}
		_, err := s.SessionUser(t.Context(), here)
		wantError(t, err, db.ErrNotFound)
		must[*db.User](t)(s.SessionUser(t.Context(), there))
	})
}

// Sessions that were ended are forgotten after their expiry, where there are many: a clock that was
// ahead for a while makes none good again.
func TestAnEndedSessionIsForgottenOnlyAfterItsExpiry(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice := dbtest.User(t, s, "alice")
		old := db.Session{ID: "old", UserID: alice.ID, Epoch: alice.Epoch, Expires: clock.Now().Add(time.Hour)}
		noError(t, s.EndSession(t.Context(), alice, old))
		for _, step := range []struct {
			after time.Duration
			full  bool
			want  error
		}{{72 * time.Hour, false, db.ErrNotFound}, {-72*time.Hour + 59*time.Minute, true, db.ErrNotFound}, {2 * time.Minute, true, nil}} {
			next := db.Session{ID: "next", UserID: alice.ID, Expires: clock.Advance(step.after).Add(time.Hour)}
			if step.full {
				fillEnded(t, url, next.Expires)
			}
			noError(t, s.EndSession(t.Context(), alice, next)) // clears away
			_, err := s.SessionUser(t.Context(), old)
			wantError(t, err, step.want)
		}
	})
}

// fillEnded ends as many sessions as are remembered in any case.
func fillEnded(t *testing.T, url string, until time.Time) {
	t.Helper()
	driver, address := "sqlite", strings.TrimPrefix(url, "sqlite:")
	if strings.HasPrefix(url, "postgres") {
		driver, address = "pg", url
	}
	execute(t, driver, address, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO ended_sessions (id, until) SELECT 'filled ' || i, '`+until.UTC().Format("2006-01-02 15:04:05+00:00")+`' FROM n WHERE TRUE ON CONFLICT DO NOTHING`)
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		told := record(s)
		changed := must[*db.User](t)(s.UpdateProfile(t.Context(), alice, db.ProfileChange{PasswordHash: "new hash"}))
		if changed.Epoch <= alice.Epoch {
			t.Errorf("epoch %d, was %d", changed.Epoch, alice.Epoch)
		}
		wantEqual(t, "hash", must[*db.User](t)(s.UserByName(t.Context(), "alice")).PasswordHash, "new hash")
		if diff := cmp.Diff(told.one(t).Ended, []db.Right{{UserID: alice.ID, Epoch: changed.Epoch}}); diff != "" {
			t.Error(diff)
		}
		_, err := s.SessionUser(t.Context(), db.Session{ID: "a", UserID: alice.ID, Epoch: alice.Epoch})
		wantError(t, err, db.ErrNotFound)
		must[*db.User](t)(s.SessionUser(t.Context(), db.Session{ID: "a", UserID: alice.ID, Epoch: changed.Epoch}))
	})
}

func TestTokens(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		token, secret, err := s.CreateToken(t.Context(), alice, "bot")
		noError(t, err)
		other, otherSecret, err := s.CreateToken(t.Context(), alice, "other")
		noError(t, err)
		if !strings.HasPrefix(secret, "sb_") || len(secret) < 40 || secret == otherSecret {
			t.Errorf("secret %q", secret)
		}
		u, used, err := s.TokenUser(t.Context(), secret)
		noError(t, err)
		wantEqual(t, "user", u.Name, "alice")
		wantEqual(t, "token", used.ID, token.ID)
		for _, wrong := range []string{"", "sb_", secret + "0", string(token.Hash)} {
			_, _, err := s.TokenUser(t.Context(), wrong)
			wantError(t, err, db.ErrNotFound)
		}

		list := must[[]*db.Token](t)(s.Tokens(t.Context(), alice))
		if len(list) != 2 || list[0].ID != other.ID || list[1].LastUsedAt == nil || list[0].LastUsedAt != nil {
			t.Errorf("tokens %+v", list)
		}
		wantEqual(t, "bob's tokens", len(must[[]*db.Token](t)(s.Tokens(t.Context(), bob))), 0)

		told := record(s)
		wantError(t, s.DeleteToken(t.Context(), bob, token.ID), db.ErrNotFound)
		noError(t, s.DeleteToken(t.Context(), alice, token.ID))
		if diff := cmp.Diff(told.one(t).Ended, []db.Right{{UserID: alice.ID, Token: token.ID}}); diff != "" {
			t.Error(diff)
		}
		_, _, err = s.TokenUser(t.Context(), secret)
		wantError(t, err, db.ErrNotFound)
		wantError(t, s.DeleteToken(t.Context(), alice, token.ID), db.ErrNotFound)
	})
}

func TestTheLastUseOfATokenIsKeptToTheHour(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice := dbtest.User(t, s, "alice")
		_, secret, err := s.CreateToken(t.Context(), alice, "bot")
		noError(t, err)
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "01:00"}, {59 * time.Minute, "01:00"}, {time.Minute, "02:00"}, {5 * time.Hour, "07:00"}} {
			clock.Advance(step.after)
			_, token, err := s.TokenUser(t.Context(), secret)
			noError(t, err)
			wantEqual(t, "answer", token.LastUsedAt.Format("15:04"), step.want)
			wantEqual(t, "stored", must[[]*db.Token](t)(s.Tokens(t.Context(), alice))[0].LastUsedAt.Format("15:04"), step.want)
		}
	})
}

// TestReadingWithAToken_DoesNotWaitForWrites uses a token for the first time while another program
// keeps everybody from writing.
func TestReadingWithAToken_DoesNotWaitForWrites(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := dbtest.Open(t, db.Options{URL: url})
		alice := dbtest.User(t, s, "alice")
		_, secret, err := s.CreateToken(t.Context(), alice, "bot")
		noError(t, err)
		driver, address, lock := "pg", url, "LOCK TABLE tokens IN EXCLUSIVE MODE"
		if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
			driver, address, lock = "sqlite", "file:"+path+"?_txlock=exclusive", "SELECT 1"
		}
		pool := must[*sql.DB](t)(sql.Open(driver, address))
		defer pool.Close()
		other := must[*sql.Tx](t)(pool.BeginTx(t.Context(), nil))
		_, err = other.Exec(lock)
		noError(t, err)
		for range 2 {
			u, token, err := s.TokenUser(t.Context(), secret)
			noError(t, err)
			wantEqual(t, "user", u.Name, "alice")
			wantEqual(t, "the last use is known", token.LastUsedAt != nil, true)
		}
		list := must[[]*db.Token](t)(s.Tokens(t.Context(), alice))
		wantEqual(t, "the list has it", list[0].LastUsedAt != nil, true)
		noError(t, other.Rollback())
		noError(t, s.Close()) // waits until it is stored
		list = must[[]*db.Token](t)(dbtest.Open(t, db.Options{URL: url}).Tokens(t.Context(), alice))
		wantEqual(t, "it is stored", list[0].LastUsedAt != nil, true)
	})
}
