package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite"

	"sarangbang/migrations"
)

const (
	// sqliteBusy is how long a connection waits for another process that writes.
	sqliteBusy = 10 * time.Second
	// sqliteWriterBusy is the same for the writing connection. Its wait cannot be cancelled, so it
	// is short, and changes try again until writeTimeout.
	sqliteWriterBusy = time.Second
	// sqliteStart is how long processes that open a new file at once may take to get past each
	// other.
	sqliteStart = 20 * time.Second
	// writerCache and readerCache are the sizes of one connection's page cache in KiB. The system
	// keeps the file's pages in memory as well, so that the readers' caches, of which there are
	// several, only have to hold the upper levels of the trees.
	writerCache = 2 << 10
	readerCache = 512
	// walLimit is the size to which a checkpoint cuts the write-ahead log, in bytes.
	walLimit = 64 << 20
)

// openSQLite opens a file and its two pools of connections.
func (s *Store) openSQLite(ctx context.Context, path string) error {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return errors.New("database URL: sqlite: needs the path of a file")
	}
	if err := prepareFile(path); err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	if err := migrateSQLite(ctx, path); err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	writer, err := openPool(path, sqliteWriter, 1)
	if err != nil {
		return err
	}
	s.write = s.bun(writer, sqlitedialect.New())
	posts, err := newSQLitePosts(ctx, s.write, s.slow)
	if err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	readers, err := openPool(path, sqliteReader, max(4, 2*runtime.NumCPU()))
	if err != nil {
		return err
	}
	s.read = s.bun(readers, sqlitedialect.New())
	if s.ownRoom, err = newSQLiteRoomView(ctx, s.read, s.slow); err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	if s.file, err = newSQLiteFile(path, s.logger); err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	s.dialect = sqliteDialect{posts, &checkpoints{db: s.read, logger: s.logger}}
	s.cache = newCache(newTagClock(s.externalChanges, s.now), true)
	return nil
}

// externalChanges is another number whenever another program has committed: data_version does not
// count what its own connection commits, and all that this store writes goes through one
// (sqlite.org/pragma.html#pragma_data_version).
func (s *Store) externalChanges(ctx context.Context) (version int64, err error) {
	_ = s.file.check() // logs; reading goes on, and writing asks again
	err = s.write.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version)
	return version, err
}

// prepareFile makes the file readable for this user alone, because it holds private messages.
// SQLite gives the files beside it the same mode.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// migrateSQLite brings the schema up to date. It tries again while the file is busy: a change of
// the journal mode does not wait for other processes.
func migrateSQLite(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, sqliteStart)
	defer cancel()
	for {
		pool, err := openPool(path, sqliteWriter, 1)
		if err != nil {
			return err
		}
		err = errors.Join(migrations.Up(ctx, bun.NewDB(pool, sqlitedialect.New())), pool.Close())
		if err == nil || !isTransient(err) {
			return err
		}
		if !pause(ctx, 20*time.Millisecond) {
			return err
		}
	}
}

// sqliteRole is what the connections of a pool are for.
type sqliteRole string

const (
	sqliteWriter sqliteRole = "writer"
	sqliteReader sqliteRole = "reader"
	sqliteCopier sqliteRole = "copier" // makes a copy, and changes nothing in the file
)

// openPool opens a pool of at most so many connections, all of which stay open.
func openPool(path string, role sqliteRole, connections int) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", sqliteDSN(path, role))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// sqliteDSN returns the address of a pool, with the pragmas that each of its connections executes.
func sqliteDSN(path string, role sqliteRole) string {
	busy := sqliteBusy
	if role == sqliteWriter {
		busy = sqliteWriterBusy
	}
	q := url.Values{"_timezone": {"UTC"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()),
		"foreign_keys(1)",
		"temp_store(memory)",
	}}
	switch role {
	case sqliteCopier: // query_only refuses the copy, too
	case sqliteReader:
		q.Add("_pragma", "query_only(1)")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", readerCache))
	default:
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "journal_mode(wal)")
		q.Add("_pragma", "synchronous(full)")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", writerCache))
		q.Add("_pragma", fmt.Sprintf("journal_size_limit(%d)", walLimit))
		q.Add("_pragma", fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages))
	}
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return "file:" + escaped + "?" + q.Encode()
}
