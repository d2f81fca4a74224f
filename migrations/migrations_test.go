package migrations_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db/dbtest"
	"sarangbang/migrations"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// connect opens a database without tables.
func connect(t *testing.T, kind string) *bun.DB {
	t.Helper()
	address := dbtest.BareURL(t, kind)
	var db *bun.DB
	if kind == "postgres" {
		db = bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(address))), pgdialect.New())
	} else {
		pool, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(address, "sqlite:")+"?_txlock=immediate&_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		db = bun.NewDB(pool, sqlitedialect.New())
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestBothDatabasesHaveTheSameTablesAndColumns(t *testing.T) {
	columns := map[string][]string{}
	for kind, query := range map[string]string{
		"sqlite": `SELECT t.name || '.' || c.name || CASE WHEN c."notnull" = 1 THEN '' ELSE ' NULL' END
			FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
			WHERE t.type = 'table' AND t.name NOT LIKE 'bun%' AND t.name NOT LIKE 'sqlite%' AND (t.name || c.name) NOT IN ('usersid', 'tokensid')`,
		"postgres": `SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE ' NULL' END
			FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'bun%' AND (table_name || column_name) NOT IN ('usersid', 'tokensid')`,
	} {
		db := connect(t, kind)
		if err := migrations.Up(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var names []string
		if err := db.NewRaw(query).Scan(t.Context(), &names); err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		columns[kind] = names
	}
	if len(columns["sqlite"]) < 50 {
		t.Errorf("only %d columns", len(columns["sqlite"]))
	}
	if diff := cmp.Diff(columns["sqlite"], columns["postgres"]); diff != "" {
		t.Errorf("sqlite has -, postgres has +:\n%s", diff)
	}
}

func TestBothFoldersHaveTheSameMigrations(t *testing.T) {
	lists := map[string][]string{}
	for _, kind := range dbtest.Kinds {
		entries, err := fs.ReadDir(os.DirFS("."), kind)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range entries {
			lists[kind] = append(lists[kind], e.Name())
			if !strings.HasSuffix(e.Name(), ".tx.up.sql") || !strings.HasPrefix(e.Name(), number(i+1)) {
				t.Errorf("%s/%s: want %s_….tx.up.sql", kind, e.Name(), number(i+1))
			}
		}
	}
	if diff := cmp.Diff(lists["sqlite"], lists["postgres"]); diff != "" {
		t.Error(diff)
	}
}

func TestUp_KeepsMessagesOfAnOlderVersion(t *testing.T) {
	for _, kind := range dbtest.Kinds {
		t.Run(kind, func(t *testing.T) {
			db := connect(t, kind)
			older := fstest.MapFS{}
			for _, name := range []string{"0001_house", "0002_posting", "0003_people", "0004_members"} {
				text, err := os.ReadFile(kind + "/" + name + ".tx.up.sql")
				if err != nil {
					t.Fatal(err)
				}
				older[name+".tx.up.sql"] = &fstest.MapFile{Data: text}
			}
			if err := migrations.UpFrom(t.Context(), db, older); err != nil {
				t.Fatal(err)
			}
			do := func(query string) {
				t.Helper()
				if _, err := db.ExecContext(t.Context(), query); err != nil {
					t.Fatal(err)
				}
			}
			const post = `INSERT INTO messages (room_id, position, revision, author_id, body, posted_at, continues) VALUES ` // as older processes do
			const room, at = `'01020304-0506-4708-890a-0b0c0d0e0f10'`, `'2026-01-01 00:00:00+00:00'`
			do(`INSERT INTO users (id, name, name_key, display_name, display_key, bio, language, time_zone, role, password_hash, epoch, version,
				photo_version, created_at) VALUES (1, 'jimin', 'jimin', '지민', '지민', '', 'ko', 'UTC', 'member', '', 1, 1, '', ` + at + `)`)
			do(`INSERT INTO rooms (id, title, kind, created_by, created_at, last_position, revision, room_revision, active_at)
				VALUES (` + room + `, '마당', 'open', 1, ` + at + `, 1, 2, 1, ` + at + `)`)
			do(post + `(` + room + `, 1, 2, 1, 'before', ` + at + `, false)`)
			if err := migrations.Up(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			do(post + `(` + room + `, 2, 3, 1, 'after', ` + at + `, false)`)
			do(`INSERT INTO messages (room_id, position, revision, author_id, body, posted_at, continues, kind) VALUES (` +
				room + `, 3, 4, 1, 'joined', ` + at + `, false, 'event')`)
			if kind == "postgres" {
				for i, function := range []string{"posting_write(%s, %s)", "posts_write(%s, %s)", "messages_write(%s, 7, %s)"} {
					name, _, _ := strings.Cut(function, "(")
					message := fmt.Sprintf(`'[{"room_id": "01020304-0506-4708-890a-0b0c0d0e0f10", "position": %d, "revision": %d, "author_id": 1,
						"body": "%s", "posted_at": "2026-01-01", "continues": false}]'`, 4+i, 5+i, name)
					do("SELECT " + fmt.Sprintf(function, message, `'[]', '[]'`))
				}
			}
			var before, after int64
			if err := db.NewRaw("SELECT version FROM users_version").Scan(t.Context(), &before); err != nil {
				t.Fatal(err)
			}
			do("UPDATE users SET bio = 'new'")
			if err := db.NewRaw("SELECT version FROM users_version").Scan(t.Context(), &after); err != nil || after != before+1 || before < 2 {
				t.Errorf("the version of users is %d and then %d; %v", before, after, err)
			}
			var got []string
			if err := db.NewRaw("SELECT body || ': ' || kind FROM messages ORDER BY position").Scan(t.Context(), &got); err != nil {
				t.Fatal(err)
			}
			want := []string{"before: text", "after: text", "joined: event", "posting_write: text", "posts_write: text",
				"messages_write: text"}
			if diff := cmp.Diff(got, want[:len(got)]); diff != "" || len(got) < 3 {
				t.Error(diff)
			}
			if _, err := db.ExecContext(t.Context(), "UPDATE messages SET kind = 'other'"); err == nil {
				t.Error("a message may be of any kind")
			}
		})
	}
}

// number is how the name of the n-th migration begins.
func number(n int) string { return fmt.Sprintf("%04d", n) }

func TestAFailingMigrationLeavesNothingAndRunsAgain(t *testing.T) {
	broken := fstest.MapFS{
		"0001_first.tx.up.sql":  {Data: []byte("CREATE TABLE one (a INTEGER);")},
		"0002_second.tx.up.sql": {Data: []byte("CREATE TABLE two (a INTEGER); INSERT INTO nowhere VALUES (1);")},
	}
	repaired := fstest.MapFS{
		"0001_first.tx.up.sql":  broken["0001_first.tx.up.sql"],
		"0002_second.tx.up.sql": {Data: []byte("CREATE TABLE two (a INTEGER);")},
	}
	for _, kind := range dbtest.Kinds {
		t.Run(kind, func(t *testing.T) {
			db := connect(t, kind)
			if err := migrations.UpFrom(t.Context(), db, broken); err == nil || !strings.Contains(err.Error(), "nowhere") {
				t.Fatalf("error %v, want one about nowhere", err)
			}
			wantApplied(t, db, "0001")
			if err := migrations.UpFrom(t.Context(), db, repaired); err != nil {
				t.Fatal(err)
			}
			wantApplied(t, db, "0001", "0002")
			if _, err := db.ExecContext(t.Context(), "SELECT * FROM one, two"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAppliedOnceHoweverManyAreAtIt(t *testing.T) {
	for _, kind := range dbtest.Kinds {
		t.Run(kind, func(t *testing.T) {
			db := connect(t, kind)
			list := fstest.MapFS{"0001_first.tx.up.sql": {Data: []byte("CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1);")}}
			errs := make(chan error)
			for range 8 {
				go func() { errs <- migrations.UpFrom(t.Context(), db, list) }()
			}
			for range 8 {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			wantApplied(t, db, "0001")
			var rows int
			if err := db.NewRaw("SELECT count(*) FROM one").Scan(t.Context(), &rows); err != nil || rows != 1 {
				t.Errorf("%d rows, want 1; %v", rows, err)
			}
		})
	}
}

func wantApplied(t *testing.T, db *bun.DB, want ...string) {
	t.Helper()
	var got []string
	if err := db.NewRaw("SELECT name FROM bun_migrations ORDER BY name").Scan(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("applied: %s", diff)
	}
}

func TestUp_RefusesADatabaseOfANewerVersion(t *testing.T) {
	newer := fstest.MapFS{
		"0001_first.tx.up.sql":  {Data: []byte("CREATE TABLE one (a INTEGER);")},
		"0002_second.tx.up.sql": {Data: []byte("CREATE TABLE two (a INTEGER);")},
	}
	older := fstest.MapFS{
		"0001_first.tx.up.sql": newer["0001_first.tx.up.sql"],
	}
	for _, kind := range dbtest.Kinds {
		t.Run(kind, func(t *testing.T) {
			db := connect(t, kind)
			if err := migrations.UpFrom(t.Context(), db, newer); err != nil {
				t.Fatal(err)
			}
			if err := migrations.UpFrom(t.Context(), db, older); !errors.Is(err, migrations.ErrNewer) {
				t.Errorf("error %v, want ErrNewer", err)
			}
			wantApplied(t, db, "0001", "0002")
		})
	}
}
