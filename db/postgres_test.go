package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun/dialect/pgdialect"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// TestNothingIsWrittenTwiceWhenTheConnectionBreaks has PostgreSQL cut the connection in the middle
// of writing. Whoever was to be committed with that is told of an error, and nobody tries for them
// again.
func TestNothingIsWrittenTwiceWhenTheConnectionBreaks(t *testing.T) {
	url := dbtest.URL(t, "postgres")
	var commits commitLog
	s := dbtest.Open(t, db.Options{URL: url, ObservePosts: commits.add})
	alice := dbtest.User(t, s, "alice")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	execute(t, "pg", url, `CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`)
	execute(t, "pg", url, "CREATE TRIGGER cut BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.body = 'cut') EXECUTE FUNCTION cut()")
	answered := make([]bool, 60)
	atOnce(len(answered), func(i int) {
		body := fmt.Sprint("post ", i)
		if i == 30 {
			body = "cut"
		}
		_, _, err := s.PostMessage(t.Context(), alice, room, body, "")
		answered[i] = err == nil
	})
	if _, _, failed := commits.count(); failed != 1 || answered[30] {
		t.Errorf("%d commits failed; the post that cuts was answered: %v", failed, answered[30])
	}
	stored := map[string]bool{}
	for _, m := range must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, db.Window{Limit: 100})).Messages {
		if stored[m.Body] {
			t.Errorf("%q is there twice", m.Body)
		}
		stored[m.Body] = true
	}
	for i, ok := range answered {
		if stored[fmt.Sprint("post ", i)] != ok {
			t.Errorf("post %d: answered %v, stored %v", i, ok, !ok)
		}
	}
}

func TestNoConnectionStaysInATransaction(t *testing.T) {
	url := dbtest.URL(t, "postgres")
	s := dbtest.Open(t, db.Options{URL: url})
	alice, stranger := dbtest.User(t, s, "alice"), dbtest.User(t, s, "stranger")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	refuse(t, url)
	for what, do := range map[string]func() error{
		"a post":                 func() error { return second3(s.PostMessage(t.Context(), alice, room, "x", "")) },
		"a post of a stranger":   func() error { return second3(s.PostMessage(t.Context(), stranger, room, "x", "")) },
		"a post that is refused": func() error { return second3(s.PostMessage(t.Context(), alice, room, "refused", "")) },
		"an edit":                func() error { return second(s.EditMessage(t.Context(), alice, room, 1, "y")) },
		"an edit of nothing":     func() error { return second(s.EditMessage(t.Context(), alice, room, 99, "y")) },
	} {
		_ = do() // what comes out is for other tests
		pool := must[*sql.DB](t)(sql.Open("pg", url))
		var open int
		noError(t, pool.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'").Scan(&open))
		wantEqual(t, "open transactions after "+what, open, 0)
		noError(t, pool.Close())
	}
}

func second3[A, B any](_ A, _ B, err error) error { return err }

// TestPosts_NameEveryColumn: messages_write keeps a plan for processes that know all columns.
func TestPosts_NameEveryColumn(t *testing.T) {
	pool := must[*sql.DB](t)(sql.Open("pg", dbtest.URL(t, "postgres")))
	defer pool.Close()
	var columns int
	err := pool.QueryRowContext(t.Context(), "SELECT relnatts FROM pg_class WHERE oid = 'messages'::regclass").Scan(&columns)
	known := len(pgdialect.New().Tables().Get(reflect.TypeFor[db.Message]()).Fields)
	if err != nil || known != columns {
		t.Errorf("posts name %d of the %d columns of messages: each insertion is planned anew; %v", known, columns, err)
	}
}

// TestPosts_LeaveNewerColumnsTheirDefaults has another process add a column to messages, while this
// one has planned its insertion already and does not know of it.
func TestPosts_LeaveNewerColumnsTheirDefaults(t *testing.T) {
	url := dbtest.URL(t, "postgres")
	s := dbtest.Open(t, db.Options{URL: url})
	alice := dbtest.User(t, s, "alice")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	for range 10 {
		dbtest.Post(t, s, alice, room, "before")
	}
	execute(t, "pg", url, "ALTER TABLE messages ADD COLUMN newer TEXT NOT NULL DEFAULT 'default'")
	for range 10 {
		dbtest.Post(t, s, alice, room, "after")
	}
	pool := must[*sql.DB](t)(sql.Open("pg", url))
	defer pool.Close()
	var n int
	err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM messages WHERE body = 'after' AND newer = 'default'").Scan(&n)
	if err != nil || n != 10 {
		t.Errorf("%d of 10 messages have the default; %v", n, err)
	}
}

// The server is started a while after the program; here its address is that of a gate, which opens
// after two visits.
func TestPostgres_MayComeLater(t *testing.T) {
	t.Parallel()
	address := must[*url.URL](t)(url.Parse(dbtest.URL(t, "postgres")))
	gate := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	server := address.Host
	address.Host = gate.Addr().String()
	go letIn(gate, server, 2)
	t.Cleanup(func() { gate.Close() })
	_, err := db.Open(t.Context(), db.Options{URL: address.String()})
	wantError(t, err, db.ErrUnavailable)
	dbtest.Open(t, db.Options{URL: address.String(), WaitFor: time.Minute})
}

// letIn passes connections on to a server, but for the first ones, which it closes.
func letIn(gate net.Listener, server string, refused int) {
	for visit := 0; ; visit++ {
		visitor, err := gate.Accept()
		if err != nil {
			return
		}
		if visit < refused {
			visitor.Close()
			continue
		}
		behind, err := net.Dial("tcp", server)
		if err != nil {
			visitor.Close()
			return
		}
		go func() { io.Copy(behind, visitor); behind.Close() }()
		go func() { io.Copy(visitor, behind); visitor.Close() }()
	}
}

func TestPostgres_WrongSettingIsToldAtOnce(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*url.URL){
		func(u *url.URL) { u.Path = "/no_such_database" },
		func(u *url.URL) { u.User = url.UserPassword("nobody", "guess") },
	} {
		address := must[*url.URL](t)(url.Parse(dbtest.URL(t, "postgres")))
		change(address)
		_, err := db.Open(t.Context(), db.Options{URL: address.String(), WaitFor: time.Hour})
		if err == nil || errors.Is(err, db.ErrUnavailable) || strings.Contains(err.Error(), "guess") {
			t.Errorf("%s: %v", address.Redacted(), err)
		}
	}
}
