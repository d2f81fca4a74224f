package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"sarangbang/migrations"
)

// CopySQLite writes a copy of the SQLite file at path to the new file at to, for this user alone.
// The copy is the state of one moment, whole and without a log, also while another process writes.
func CopySQLite(ctx context.Context, path, to string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // SQLite writes into an empty file
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	pool, err := openPool(path, sqliteCopier, 1)
	if err != nil {
		return err
	}
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", to)
	return errors.Join(err, pool.Close())
}

// PrepareRestored checks the SQLite file at path, a copy that no process serves, brings it up to
// date and begins a new life of the database, as BeginLife does. It leaves no other file behind.
func PrepareRestored(ctx context.Context, path string) error {
	pool, err := openPool(path, sqliteWriter, 1)
	if err != nil {
		return err
	}
	db := bun.NewDB(pool, sqlitedialect.New())
	err = func() error {
		if err := checkSQLite(ctx, db); err != nil {
			return err
		}
		if err := migrations.Up(ctx, db); err != nil {
			return err
		}
		return db.RunInTx(ctx, nil, beginLife(time.Now()))
	}()
	return errors.Join(err, pool.Close())
}

// checkSQLite returns an error unless a file is whole and a database of this program.
func checkSQLite(ctx context.Context, db *bun.DB) error {
	var faults []string
	if err := db.NewRaw("PRAGMA integrity_check(3)").Scan(ctx, &faults); err != nil {
		return err
	}
	if len(faults) != 1 || faults[0] != "ok" {
		return fmt.Errorf("it is damaged: %s", strings.Join(faults, "; "))
	}
	var applied int
	if err := db.NewRaw("SELECT count(*) FROM bun_migrations").Scan(ctx, &applied); err != nil {
		return fmt.Errorf("it is no database of this program: %w", err)
	}
	return nil
}

// BeginLife marks that the database was put back from a backup by other means than PrepareRestored.
// What was said after the backup is gone, and whoever has read it has a cursor that no revision of
// the new life may reach: each room goes on at a revision that it never had. No process may use the
// database meanwhile.
func (s *Store) BeginLife(ctx context.Context) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		c.invalidate(tag{kind: tagEverything})
		return beginLife(c.at)(ctx, c.Tx)
	})
}

// beginLife sets each room's revision to the number of milliseconds since 1970. No earlier life of
// the database has reached that, as no room changes a thousand times a second for years.
func beginLife(now time.Time) func(context.Context, bun.Tx) error {
	return func(ctx context.Context, tx bun.Tx) error {
		at := now.UnixMilli()
		_, err := tx.ExecContext(ctx, `INSERT INTO revision_gaps (room_id, "after", "before")
			SELECT id, revision, ? FROM rooms WHERE revision < ?`, at, at)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE rooms SET revision = ? WHERE revision < ?", at, at)
		return err
	}
}

// InGap reports whether a revision of a room is of a life of the database that a backup has ended.
func (s *Store) InGap(ctx context.Context, room uuid.UUID, revision int64) (bool, error) {
	if !s.restored {
		return false, nil
	}
	var in bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM revision_gaps
		WHERE room_id = ? AND "after" < ? AND "before" > ?)`, room, revision, revision).Scan(&in)
	return in, translate(err)
}
