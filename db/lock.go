package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrInUse: another process serves the same SQLite database.
var ErrInUse = errors.New("another process uses this database")

// SQLitePath returns the file of a database URL; ok is false for a URL of another kind.
func SQLitePath(url string) (path string, ok bool) { return strings.CutPrefix(url, "sqlite:") }

// Lock keeps other processes from serving the SQLite file of a database URL until unlock is called
// or the process ends. The lock is that of a file beside the database, because the database itself
// may be replaced. It does nothing for databases that processes share. Errors: ErrInUse.
func Lock(url string) (unlock func(), err error) {
	path, ok := SQLitePath(url)
	if !ok || path == "" || strings.HasPrefix(path, ":memory:") {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { f.Close() }, nil
}
