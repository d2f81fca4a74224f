package db

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"
)

// AnnouncementBytes is how long one announcement may be (PostgreSQL documentation, NOTIFY: shorter than 8,000 bytes).
const AnnouncementBytes = 7999

// channelSQL names the channel. Names of channels are one for a whole database, which may hold a house in each schema.
const channelSQL = `'sarangbang_' || md5(current_schema())`

var errNoAnnouncements = errors.New("only PostgreSQL carries announcements")

// Announce tells texts, none longer than AnnouncementBytes, to all processes that listen to this database, in one statement.
//
// It is a transaction of its own, never part of one that writes: commits that notify wait for one another.
func (s *Store) Announce(ctx context.Context, texts []string) error {
	if !s.Shared() {
		return errNoAnnouncements
	}
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	rows := strings.TrimSuffix(strings.Repeat("(?), ", len(texts)), ", ")
	_, err := s.write.ExecContext(ctx, "SELECT pg_notify("+channelSQL+", v.text) FROM (VALUES "+rows+") AS v (text)", values...)
	return translate(err)
}

// Announcements are what is announced from the moment on when the server has taken note of the listener, which is a little after
// Listen returns. They have a connection of their own. Only Close may be called while Next waits.
type Announcements struct {
	listener *pgdriver.Listener
}

// Listen begins to listen, over a connection like all others of the store.
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

// Next waits for an announcement. After an error the connection may have been lost, and announcements with it, or broken off
// in the middle of one: nothing is left to do with it but to close it. To have heard nothing for the time of patience is one.
func (a *Announcements) Next(patience time.Duration) (string, error) {
	_, text, err := a.listener.ReceiveTimeout(context.Background(), patience)
	return text, err
}

// Close ends listening; a Next that waits returns an error.
func (a *Announcements) Close() error { return a.listener.Close() }
