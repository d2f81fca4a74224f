package db_test

import (
	"database/sql"
	"testing"

	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// A restarted server has closed all connections, and a pool full of them is no reason to fail
// anybody.
func TestConnectionsThatTheServerClosedFailNobody(t *testing.T) {
	address := dbtest.URL(t, "postgres")
	s := dbtest.Open(t, db.Options{URL: address})
	alice := dbtest.User(t, s, "alice")
	room := dbtest.Room(t, s, db.KindOpen, alice)
	atOnce(20, func(int) { // fills the pool
		if _, err := s.Room(t.Context(), alice, room); err != nil {
			t.Error(err)
		}
	})
	other := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(address)))
	defer other.Close()
	other.SetMaxOpenConns(1)
	var ended, left int
	const others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	if err := other.QueryRow("SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 5000) " + others + ") AS t").Scan(&ended); err != nil {
		t.Fatal(err)
	}
	if err := other.QueryRow("SELECT count(*) " + others).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if ended < 2 || left > 0 {
		t.Fatalf("%d connections ended, %d left: this test sees nothing", ended, left)
	}
	atOnce(20, func(int) {
		if _, _, err := s.PostMessage(t.Context(), alice, room, "still here", ""); err != nil {
			t.Error(err)
		}
		if _, err := s.Room(t.Context(), alice, room); err != nil {
			t.Error(err)
		}
	})
}
