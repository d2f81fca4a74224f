package db

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// slowLog logs statements that take long. It is a hook of bun, which runs around each statement,
// reading its rows included; beginning a transaction, where one waits for a connection, and its
// commit are statements as well.
type slowLog struct {
	logger *slog.Logger
	over   time.Duration // a statement is slow from here on; 0: none is
}

// BeforeQuery is part of bun.QueryHook. bun notes the time itself.
func (l *slowLog) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery is part of bun.QueryHook.
func (l *slowLog) AfterQuery(_ context.Context, e *bun.QueryEvent) { l.since(e.StartTime, e.Query) }

// since logs a statement that began at some time and ends now, if it was slow. Statements that do
// not pass through bun call it themselves.
func (l *slowLog) since(begin time.Time, query string) {
	if took := time.Since(begin); l.over > 0 && took >= l.over {
		l.logger.Warn("slow query", "operation", operation(), "duration", took.Round(time.Microsecond),
			"sql", withoutValues(query))
	}
}

// sqlBytes is about how much of a statement is logged. A list of values may make one very long.
const sqlBytes = 1000

// withoutValues returns SQL with a question mark for each text and number, so that no message,
// token or password is in it, and cut where it is long. A text is what is in single quotes; in the
// SQL of bun and of this package a quote in a text is doubled, and reads as two texts here.
func withoutValues(query string) string {
	var b strings.Builder
	for i := 0; i < len(query) && b.Len() < sqlBytes; {
		switch c := query[i]; {
		case c == '\'':
			end := strings.IndexByte(query[i+1:], '\'')
			if end < 0 {
				end = len(query)
			}
			i += end + len("''")
			b.WriteByte('?')
		case digit(c):
			for i < len(query) && digit(query[i]) {
				i++
			}
			b.WriteByte('?')
		case letter(c): // digits in a name belong to it
			for i < len(query) && (letter(query[i]) || digit(query[i])) {
				b.WriteByte(query[i])
				i++
			}
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
