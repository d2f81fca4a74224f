package db

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// passwordColumn is read for nobody but the user it belongs to.
const passwordColumn = "password_hash"

// withColumns returns db with the names that SQL texts of this package use for all columns of a
// table. bun knows the columns from the fields of the structs, so that a column is spelled once.
//
//   - ?messageColumns: of messages AS msg, filling a Message
//   - ?authorColumns: of users AS author, without the password, filling Message.Author
//   - ?otherColumns: of users AS other, without the password, filling roomRow.Other
//   - ?newestColumns: of messages AS newest, filling roomRow.Newest
//   - ?newestAuthorColumns: of users AS newest_author, without the password, filling its Author
//   - ?roomColumns: of rooms AS r, filling changeRow.Room
func withColumns(db *bun.DB) *bun.DB {
	return db.
		WithNamedArg("messageColumns", columns[Message](db, "msg", "")).
		WithNamedArg("authorColumns", columns[User](db, "author", "author", passwordColumn)).
		WithNamedArg("otherColumns", columns[User](db, "other", "other", passwordColumn)).
		WithNamedArg("newestColumns", columns[Message](db, "newest", "newest")).
		WithNamedArg("newestAuthorColumns", columns[User](db, "newest_author", "newest__author", passwordColumn)).
		WithNamedArg("roomColumns", columns[Room](db, "r", "room"))
}

// columns lists the columns of a model's table as a SELECT does: those of the table with an alias,
// named for bun to fill a relation, or the row itself where relation is empty.
func columns[Model any](db bun.IDB, alias, relation string, except ...string) bun.Safe {
	var list []string
	for _, f := range fields[Model](db) {
		if slices.Contains(except, f.Name) {
			continue
		}
		column := alias + "." + string(f.SQLName)
		if relation != "" {
			column += " AS " + relation + "__" + f.Name
		}
		list = append(list, column)
	}
	return bun.Safe(strings.Join(list, ", "))
}

// fields are the columns of a model's table, in the order of the struct.
func fields[Model any](db bun.IDB) []*schema.Field {
	return db.Dialect().Tables().Get(reflect.TypeFor[Model]()).Fields
}

// storedValues are the values of a row's columns, in the order of columns, as both databases take
// them from a statement's arguments or from JSON.
func storedValues[Model any](columns []*schema.Field, m *Model) []any {
	row := reflect.ValueOf(m).Elem()
	values := make([]any, len(columns))
	for i, f := range columns {
		switch v := f.Value(row).Interface().(type) {
		case time.Time:
			values[i] = stored(v)
		case *time.Time:
			values[i] = storedOr(v)
		default:
			values[i] = v
		}
	}
	return values
}

// stored is a time as SQLite keeps it; PostgreSQL reads it as well.
func stored(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999-07:00") }

// storedOr is stored, or nil for no time.
func storedOr(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stored(*t)
}
