package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
)

// SQLSTATE codes, PostgreSQL documentation, appendix A.
const (
	pgUniqueViolation      = "23505"
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgShutdown             = "57P" // of one connection or of the server: the beginning of several codes
)

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
	return &operationError{operation(), err}
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
	const primary = 0xff // SQLite's extended codes hold the primary one in the lowest byte
	switch sqliteCode(err) & primary {
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
