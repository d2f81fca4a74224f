package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/uptrace/bun/driver/pgdriver"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

var (
	// ErrNotFound: there is no such thing, or the viewer may not see it.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the viewer sees it but may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict: the state of things does not allow it.
	ErrConflict = errors.New("conflict")
	// ErrArchived is the conflict with a room that was archived.
	ErrArchived = fmt.Errorf("%w: the room is archived", ErrConflict)
	// ErrUnavailable: the database is busy, full, broken or cannot be reached; it may answer later.
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrLastAdministrator is the conflict with a service that would be left without an active
	// administrator.
	ErrLastAdministrator = fmt.Errorf("%w: the last administrator stays", ErrConflict)
	// ErrBanned refuses a room to somebody who was put out of it.
	ErrBanned = fmt.Errorf("%w: put out of the room", ErrForbidden)
)

// InvalidError names fields whose values cannot be stored; the values are keys of texts for people.
type InvalidError struct {
	Fields map[string]string
}

func (e *InvalidError) Error() string { return "invalid input" }

// Keys of texts in InvalidError.
const (
	TakenName   = "error.name_taken"
	UnknownUser = "error.user_unknown"
	BannedUser  = "error.user_banned"

	UnknownMessage = "error.message_unknown"
	UnknownFile    = "error.file_unknown"
)

// SQLSTATE codes, PostgreSQL documentation, appendix A.
const (
	pgUniqueViolation      = "23505"
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgShutdown             = "57P" // of one connection or of the server: the beginning of several codes
)

// pgUnavailable are the beginnings of the codes of PostgreSQL that say the same of any statement: a
// lost connection, a lack of resources, a stop, a failure of the system.
var pgUnavailable = []string{"08", "53", pgShutdown, "58"}

// sqlitePrimary is the mask of SQLite's extended codes whose lowest byte is the primary code.
const sqlitePrimary = 0xff

// errUncertain: the connection broke while the database was committing, so that nobody knows
// whether it did.
var errUncertain = errors.New("nobody knows whether this was committed")

// isAnswer reports whether an error is what the database answered to a statement. Otherwise the
// connection was lost, or the server ended it, which it may say after a commit.
func isAnswer(err error) bool {
	code := pgCode(err)
	return sqliteCode(err) != 0 || code != "" && !strings.HasPrefix(code, pgShutdown)
}

// translate returns an error of a driver as one of this package's, where the caller can do
// something about it. Any other error gets the name of the operation that failed, for the log. All
// errors that leave Store pass here; one may do so twice.
func translate(err error) error {
	var named *operationError
	var invalid *InvalidError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrForbidden), errors.Is(err, ErrConflict), errors.Is(err, ErrFileGone),
		errors.As(err, &invalid), errors.As(err, &named):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case isUniqueViolation(err):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	if isUnavailable(err) {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return &operationError{operation(), err}
}

// isUnavailable reports whether an error says that the database cannot do anything at the moment,
// whatever it is asked.
func isUnavailable(err error) bool {
	switch sqliteCode(err) & sqlitePrimary {
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED, sqlitelib.SQLITE_FULL, sqlitelib.SQLITE_IOERR,
		sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_INTERRUPT:
		return true
	}
	if code := pgCode(err); code != "" {
		return slices.ContainsFunc(pgUnavailable, func(class string) bool { return strings.HasPrefix(code, class) })
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func isUniqueViolation(err error) bool {
	switch code := sqliteCode(err); code {
	case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return pgCode(err) == pgUniqueViolation
}

// isTransient reports whether a transaction failed because of others, so that it may succeed when
// it is tried again.
func isTransient(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false
	}
	switch sqliteCode(err) & sqlitePrimary {
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return true
	}
	code := pgCode(err)
	return code == pgSerializationFailure || code == pgDeadlock
}

// sqliteCode is the extended result code, or 0 for an error that is not SQLite's.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// pgCode is the SQLSTATE, or empty for an error that is not PostgreSQL's.
func pgCode(err error) string {
	var e pgdriver.Error
	if errors.As(err, &e) {
		return e.Field('C')
	}
	return ""
}
