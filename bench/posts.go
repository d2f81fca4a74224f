package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"sarangbang/db"
)

const (
	// groupTimesSQLite and groupTimesPostgres are how many times as many posts as with a commit for
	// each 32 writers are to get done.
	groupTimesSQLite, groupTimesPostgres = 5, 2
	// aloneTimes bounds how long a writer alone waits, in commits.
	aloneTimes = 2
)

// measurePosts compares durable posts to bare INSERTs into the same tables: over HTTP, and through
// the store alone, which shares the server's core with nothing.
func measurePosts(ctx context.Context, b *bench) {
	ways := []string{writeOne, writeGroup, writeStore, writeHTTP}
	for _, writers := range b.writers {
		t := interleave(b, len(ways), throughput.perSecond, func(i int) (t throughput) {
			step(ways[i], func() {
				f := b.newFixture(ctx, ways[i], shape{1, 1}, 0)
				if ways[i] == writeHTTP {
					t = b.postsOf(ctx, f, writers)
				} else {
					t = b.writesOf(f, ways[i], writers)
				}
			})
			b.logf("  %d writers, %s: %s/s, %v", writers, ways[i], grouped(t.PerSecond), t.Times)
			return t
		})
		b.addPosts(writers, t[0], t[1], t[2], t[3])
	}
}

func (b *bench) addPosts(writers int, one, group, store, web throughput) {
	what := fmt.Sprintf("durable posts, %d waiting, ", writers)
	times := goal{}
	switch {
	case writers == 1: // it shares its commits with nobody
		b.add(row{What: "a writer alone waits, p50, store", Unit: unitTime, Ours: inMilliseconds(store.Times.P50),
			Limit: inMilliseconds(one.Times.P50), LimitIs: "one INSERT, one commit", Goal: goal{Times: aloneTimes}})
	case b.database == "":
		times.Ratio = groupTimesSQLite
	default:
		times.Ratio = groupTimesPostgres
	}
	b.add(row{What: what + "store", Unit: unitRate, Ours: store.PerSecond, Limit: one.PerSecond,
		LimitIs: "INSERTs committed one by one", Goal: times, Note: store.Times.String()})
	b.add(row{What: what + "store", Unit: unitRate, Ours: store.PerSecond, Limit: group.PerSecond,
		LimitIs: "INSERTs committed in groups"})
	b.add(row{What: what + "HTTP", Unit: unitRate, Ours: web.PerSecond, Limit: group.PerSecond,
		LimitIs: "INSERTs committed in groups",
		Note:    fmt.Sprintf("%v; %d µs of the core each", web.Times, web.CPU.Microseconds())})
}

// writesOf measures one of the ways of another process, which runs on the server's core.
func (b *bench) writesOf(f *fixture, way string, writers int) (t throughput) {
	room := uuid.MustParse(f.rooms[0])
	task := writeTask{way, f.database, room, writers, b.payload, b.trialSpan()}
	cmd := roleCommand(roleWrites, task)
	out := must(cmd.StdoutPipe())
	b.start(cmd, way, b.placement.server)
	err := json.NewDecoder(out).Decode(&t)
	check(errors.Join(err, cmd.Wait()))
	return t
}

// postsOf measures posts to the real program, and then reads them all back.
func (b *bench) postsOf(ctx context.Context, f *fixture, writers int) throughput {
	s := b.startProgram(f.database, anyPort)
	defer finish(s.stop)
	p := newPoster(s.address, false, f, b.payload)
	t := must(measureThroughput(ctx, s.pid(), b.trialSpan(), writers, p.open))
	readBack(s.address, f, p.posted()[0])
	return t
}

// readBack checks that the first room has exactly the posts 1 to n, each once and as it was sent.
func readBack(address string, f *fixture, n int64) {
	c := must(dial(address))
	defer c.close()
	seen := make([]bool, n+1)
	for position := int64(0); ; {
		path := fmt.Sprintf("/rooms/%s/messages?after=%d&limit=200", f.rooms[0], position)
		var page []struct {
			Position int64
			Body     string
		}
		check(json.Unmarshal(must(c.do(newRequest("GET", path, "", bearer(f.writers[0])), 200)), &page))
		for _, m := range page {
			position++
			number, _, ok := readBody([]byte(m.Body))
			if !ok || m.Position != position || number < 1 || number > n || seen[number] {
				check(fmt.Errorf("message %d is wrong, read back at position %d: %.200q", m.Position, position, m.Body))
			}
			seen[number] = true
		}
		if len(page) == 0 && position != n {
			check(fmt.Errorf("%d posts were answered, %d can be read back", n, position))
		}
		if len(page) == 0 {
			return
		}
	}
}

// Ways to write messages. The first two are the limits of posting: one INSERT for each commit, and
// one INSERT and one commit for all that wait. The last is no way of the process that writes.
const (
	writeOne   = "one-by-one"
	writeGroup = "group-commit"
	writeStore = "store"
	writeHTTP  = "HTTP"
)

// writeTask is the input of the process that writes. Its output is a throughput.
type writeTask struct {
	Way      string
	Database string
	Room     uuid.UUID
	Writers  int
	Size     int           // of a body
	Span     time.Duration // of measuring
}

// roomWriter writes messages into one room.
type roomWriter struct {
	writeTask
	author *db.User
	last   atomic.Int64 // position
}

// runWrites is the main function of the process that writes.
func runWrites(in io.Reader, out io.Writer) {
	w := &roomWriter{author: new(db.User)}
	check(json.NewDecoder(in).Decode(&w.writeTask))
	pool := must(openDatabase(w.Database, true, min(w.Writers, 32)))
	defer finish(pool.Close)
	check(pool.NewSelect().Model(w.author).Join("JOIN users_on_room AS m ON m.user_id = u.id").
		Where("m.room_id = ?", w.Room).OrderExpr("u.id").Limit(1).Scan(context.Background()))
	write := func(ctx context.Context, body string) error {
		return insert(ctx, pool, []*db.Message{w.message(body)})
	}
	switch w.Way {
	case writeGroup:
		write = w.groupCommit(pool)
	case writeStore:
		store := must(db.Open(context.Background(), db.Options{URL: w.Database}))
		defer finish(store.Close)
		write = func(ctx context.Context, body string) error {
			_, _, err := store.PostMessage(ctx, w.author, w.Room, body, "")
			return err
		}
	}
	open := func(int) (operation, error) {
		n := int64(0)
		return operation{close: func() {}, do: func(context.Context) error {
			n++
			body := appendBody(nil, n, time.Now().UnixNano(), w.Size)
			return write(context.Background(), string(body)) // a write is never given up half-way
		}}, nil
	}
	result := must(measureThroughput(context.Background(), os.Getpid(), w.Span, w.Writers, open))
	check(json.NewEncoder(out).Encode(result))
}

func (w *roomWriter) message(body string) *db.Message {
	position := w.last.Add(1)
	return &db.Message{
		RoomID: w.Room, Position: position, Revision: position + 1, AuthorID: w.author.ID, Body: body,
		PostedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

// groupMost is how many rows are committed together, at most.
const groupMost = 256

type pendingRow struct {
	message *db.Message
	done    chan error
}

// groupCommit returns a way to write that commits together what waits while the last group is
// committed.
func (w *roomWriter) groupCommit(pool *bun.DB) func(ctx context.Context, body string) error {
	waiting := make(chan pendingRow, w.Writers)
	go func() {
		for first := range waiting {
			group, rows := []pendingRow{first}, []*db.Message{first.message}
			for len(waiting) > 0 && len(group) < groupMost {
				row := <-waiting
				group, rows = append(group, row), append(rows, row.message)
			}
			err := insert(context.Background(), pool, rows)
			for _, row := range group {
				row.done <- err
			}
		}
	}()
	return func(_ context.Context, body string) error {
		row := pendingRow{w.message(body), make(chan error, 1)}
		waiting <- row
		return <-row.done
	}
}
