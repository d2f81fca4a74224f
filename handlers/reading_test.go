package handlers

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// SQLite counts the commits of other connections (PRAGMA data_version), so no write of any GET
// escapes.
func TestGET_WritesNothing(t *testing.T) {
	address := dbtest.URL(t, "sqlite")
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: address}), Options{})
	owner, other, values := privateRoom(s)
	room := s.room(owner, "마당", db.KindOpen)
	other.Get(room).Wants(http.StatusOK) // the one reading that writes: a first visit
	watch, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	watch.SetMaxOpenConns(1) // the version is each connection's own
	version := func() (n int) {
		t.Helper()
		if err := watch.QueryRow("PRAGMA data_version").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := version()
	for _, r := range allRoutes(t) {
		if r.method == http.MethodPost || strings.HasSuffix(r.pattern, "/stream") || strings.HasSuffix(r.pattern, "/live") {
			continue
		}
		for _, p := range []*webtest.Person{owner, owner.AsProgram(), owner.AsHTMX()} {
			p.Do(r.method, r.path(values), nil, "")
		}
		if now := version(); now != before {
			t.Errorf("%s wrote something", r)
			before = now
		}
	}
	other.Get(room).Wants(http.StatusOK)
	other.Open(room + "/stream").UntilNamed("ready")
	other.Open(room + "/live").UntilHas("<ol>")
	for _, path := range []string{"/", room, room + "/stream", room + "/live", "/healthz", "/static/x"} {
		other.Do(http.MethodHead, path, nil, "")
	}
	if version() != before {
		t.Error("coming back to a room, or its streams, wrote something")
	}
	owner.Post(room+"/messages", webtest.Form{"body": "말"}).Wants(http.StatusSeeOther)
	if version() == before {
		t.Error("a post was not noticed: this test sees nothing")
	}
}
