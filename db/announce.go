package db

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"
)

// AnnouncementBytes is the greatest length of one announcement (PostgreSQL documentation, NOTIFY:
// shorter than 8,000 bytes).
const AnnouncementBytes = 7999

// channelSQL is an SQL expression for the name of the channel. A name of a channel holds for a
// whole database, and each schema in it may be a service of its own.
const channelSQL = `'sarangbang_' || md5(current_schema())`

var errNoAnnouncements = errors.New("only PostgreSQL carries announcements")

// Announce sends texts, none longer than AnnouncementBytes, to all processes that listen to this
// database, in one statement. Errors: on SQLite, and where the database cannot be reached.
//
// It is a transaction of its own, never part of one that writes: PostgreSQL lets commits that
// notify wait for one another.
func (s *Store) Announce(ctx context.Context, texts []string) error {
	if !s.Shared() {
		return errNoAnnouncements
	}
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	rows := strings.TrimSuffix(strings.Repeat("(?), ", len(texts)), ", ")
	_, err := s.write.ExecContext(ctx,
		"SELECT pg_notify("+channelSQL+", v.text) FROM (VALUES "+rows+") AS v (text)", values...)
	return translate(err)
}

// Announcements are the texts that arrive on a connection of their own. The first is announced a
// moment after Listen returned, when the server has registered the listener. One goroutine calls
// Next; any may call Close meanwhile.
type Announcements struct {
	listener *pgdriver.Listener
}

// Listen begins to listen. The caller closes what it returns. Errors: as those of Announce.
func (s *Store) Listen(ctx context.Context) (*Announcements, error) {
	if !s.Shared() {
		return nil, errNoAnnouncements
	}
	var channel string
	if err := s.read.NewRaw("SELECT "+channelSQL).Scan(ctx, &channel); err != nil {
		return nil, translate(err)
	}
	listener := pgdriver.NewListener(s.write)
	if err := listener.Listen(ctx, channel); err != nil {
		return nil, translate(errors.Join(err, listener.Close()))
	}
	return &Announcements{listener}, nil
}

// Next waits for an announcement and returns its text. It fails when there was none for the time of
// patience, and when the connection is lost; after any error announcements may have been missed,
// and the caller closes a.
func (a *Announcements) Next(patience time.Duration) (string, error) {
	_, text, err := a.listener.ReceiveTimeout(context.Background(), patience)
	return text, err
}

// Close ends listening. A Next that waits returns an error.
func (a *Announcements) Close() error { return a.listener.Close() }
