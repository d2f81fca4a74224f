// Package migrations brings a database's schema up to date. The files are numbered SQL, one folder
// for each kind of database. Files are only ever added, and none is undone.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

const (
	// table is where bun's migrator stores which migrations have been applied.
	table = "bun_migrations"
	// advisoryLock is a number that no other program is likely to lock.
	advisoryLock = 7_364_210_991
	// lockPatience is how long the migrations of another process may take.
	lockPatience = 10 * time.Minute
)

// errApplied: another process applied the migration between our look at the list and our turn.
var errApplied = errors.New("already applied")

// ErrNewer: a newer version of the program has changed the schema, and this one would misread it.
var ErrNewer = errors.New("it was written by a newer version of the program: start that one, or restore a backup")

// Up applies the migrations that have not been applied yet. Any number of processes may call it at
// once: each migration runs once. Nothing else may use the database meanwhile. db needs two
// connections at least, except on SQLite, where one is enough and transactions must begin
// immediate. Errors: ErrNewer, and then nothing has been changed.
func Up(ctx context.Context, db *bun.DB) error {
	folder, err := fs.Sub(files, folderOf(db))
	if err != nil {
		return err
	}
	return up(ctx, db, folder)
}

// folderOf returns the name of the folder with the migrations of a kind of database.
func folderOf(db *bun.DB) string {
	if db.Dialect().Name() == dialect.PG {
		return "postgres"
	}
	return "sqlite"
}

// up applies the migrations of a folder.
func up(ctx context.Context, db *bun.DB, folder fs.FS) error {
	list := migrate.NewMigrations()
	if err := list.Discover(folder); err != nil {
		return err
	}
	m := migrate.NewMigrator(db, list,
		migrate.WithTableName(table),
		migrate.WithMarkAppliedOnSuccess(true),
		migrate.WithUpsert(true), // the mark is set in the migration's transaction already
		migrate.BeforeMigration(refuseApplied),
		migrate.AfterMigration(mark),
	)
	unlock, err := lock(ctx, db)
	if err != nil {
		return fmt.Errorf("lock for migrations: %w", err)
	}
	defer unlock()
	if err := m.Init(ctx); err != nil {
		return err
	}
	if err := refuseNewer(ctx, db, list); err != nil {
		return err
	}
	for {
		_, err := m.Migrate(ctx)
		if !errors.Is(err, errApplied) {
			return err
		}
	}
}

// lock keeps other processes from migrating the same PostgreSQL database until unlock is called.
// SQLite has no such lock across processes; there each migration is an immediate transaction that
// begins with refuseApplied.
func lock(ctx context.Context, db *bun.DB) (unlock func(), err error) {
	if db.Dialect().Name() != dialect.PG {
		return func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", advisoryLock); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		ctx := context.WithoutCancel(ctx)
		_, _ = conn.ExecContext(ctx, "SELECT pg_advisory_unlock(?)", advisoryLock) // the end of the connection unlocks as well
		_ = conn.Close()
	}, nil
}

// refuseNewer returns ErrNewer when a migration has been applied that is not in the list.
func refuseNewer(ctx context.Context, db *bun.DB, list *migrate.Migrations) error {
	known := map[string]bool{}
	for _, m := range list.Sorted() {
		known[m.Name] = true
	}
	var applied []string
	if err := db.NewSelect().Table(table).Column("name").Order("name").Scan(ctx, &applied); err != nil {
		return err
	}
	for _, name := range applied {
		if !known[name] {
			return fmt.Errorf("migration %s is not known: %w", name, ErrNewer)
		}
	}
	return nil
}

// refuseApplied is the first step of a migration's transaction. It returns errApplied when another
// process has applied it since the list was read.
func refuseApplied(ctx context.Context, tx bun.IConn, m *migrate.Migration) error {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE name = ?", m.Name).Scan(&n)
	if err == nil && n > 0 {
		return errApplied
	}
	return err
}

// mark is the last step of a migration's transaction, so that a crash cannot come between the
// change and its mark.
func mark(ctx context.Context, tx bun.IConn, m *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO "+table+" (name, group_id, migrated_at) VALUES (?, ?, ?)",
		m.Name, m.GroupID, time.Now().UTC())
	return err
}
