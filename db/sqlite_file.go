package db

import (
	"errors"
	"log/slog"
	"os"
	"sync/atomic"
)

// ErrFileGone: the file of the SQLite database was moved, deleted or replaced while the service
// runs. What would be written now would be lost.
var ErrFileGone = errors.New("the database file was moved or replaced: put it back, or restart the service")

// sqliteFile is the file that a store has opened, and where it was found.
type sqliteFile struct {
	path   string
	opened os.FileInfo
	logger *slog.Logger
	gone   atomic.Bool // the log says so
}

// newSQLiteFile remembers the file that is open now.
func newSQLiteFile(path string, logger *slog.Logger) (*sqliteFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return &sqliteFile{path: path, opened: info, logger: logger}, nil
}

// check returns ErrFileGone unless the open file, by device and inode, is the one at its path. It
// logs when that changes. A nil file, as on PostgreSQL, is never gone.
func (f *sqliteFile) check() error {
	if f == nil {
		return nil
	}
	if info, err := os.Stat(f.path); err == nil && os.SameFile(info, f.opened) {
		if f.gone.CompareAndSwap(true, false) {
			f.logger.Warn("the database file is back", "path", f.path)
		}
		return nil
	}
	if f.gone.CompareAndSwap(false, true) {
		f.logger.Error("nothing is written any more", "path", f.path, "err", ErrFileGone)
	}
	return ErrFileGone
}
