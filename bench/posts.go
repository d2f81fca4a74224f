package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	// groupTimesSQLite and groupTimesPostgres are how many times quicker than one commit for each post 32 writers are to be.
	groupTimesSQLite, groupTimesPostgres = 5, 2
	// aloneTimes bounds how long a writer alone waits, in commits.
	aloneTimes = 2
)

// writes is the outcome of posting or of bare writing.
type writes struct {
	PerSecond float64
	Times     spread
	Core      time.Duration // that the server ran for each
}

// measurePosts compares durable posts to bare INSERTs into the same tables: over HTTP, and through the store alone, which shares
// the server's core with nothing.
func measurePosts(b *bench, ctx context.Context) error {
	ways := []string{writeOne, writeGroup, writeStore, writeHTTP}
	for _, writers := range b.writers {
		w, err := inTurns(b, len(ways), func(w writes) float64 { return w.PerSecond }, func(i int) (writes, error) {
			write := b.bareWrites
			if ways[i] == writeHTTP {
				write = b.posts
			}
			w, err := write(ctx, ways[i], writers)
			if err != nil {
				return w, fmt.Errorf("%s: %w", ways[i], err)
			}
			b.say("  %d writers, %s: %s/s, %v", writers, ways[i], grouped(w.PerSecond), w.Times)
			return w, nil
		})
		if err != nil {
			return err
		}
		b.addPosts(writers, w[0], w[1], w[2], w[3])
	}
	return nil
}

func (b *bench) addPosts(writers int, one, group, store, web writes) {
	what := fmt.Sprintf("durable posts, %d waiting, ", writers)
	times := goal{}
	switch {
	case writers == 1: // it shares its commits with nobody
		b.add(line{
			What: "a writer alone waits, p50, store", Unit: unitTime, Ours: inMilliseconds(store.Times.P50), Limit: inMilliseconds(one.Times.P50),
			LimitIs: "one INSERT, one commit", Goal: goal{Times: aloneTimes},
		})
	case b.database == "":
		times.Ratio = groupTimesSQLite
	default:
		times.Ratio = groupTimesPostgres
	}
	b.add(line{What: what + "store", Unit: unitRate, Ours: store.PerSecond, Limit: one.PerSecond, LimitIs: "INSERTs committed one by one", Goal: times, Note: store.Times.String()})
	b.add(line{What: what + "store", Unit: unitRate, Ours: store.PerSecond, Limit: group.PerSecond, LimitIs: "INSERTs committed in groups"})
	b.add(line{What: what + "HTTP", Unit: unitRate, Ours: web.PerSecond, Limit: group.PerSecond, LimitIs: "INSERTs committed in groups",
		Note: fmt.Sprintf("%v; %d µs of the core each", web.Times, web.Core.Microseconds())})
}

// bareWrites has another process write on the server's core.
func (b *bench) bareWrites(ctx context.Context, how string, writers int) (writes, error) {
	var w writes
	h, err := b.furnish(ctx, how, shape{1, 1}, 0)
	if err != nil {
		return w, err
	}
	cmd, err := self(roleWrites, how, h.database, h.rooms[0], strconv.Itoa(writers), strconv.Itoa(b.payload), b.window().String())
	if err != nil {
		return w, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return w, err
	}
	if err := b.start(cmd, how, b.placing.server); err != nil {
		return w, err
	}
	err = json.NewDecoder(out).Decode(&w)
	return w, errors.Join(err, cmd.Wait())
}

// posts measures posts to the real program, and then reads them all back.
func (b *bench) posts(ctx context.Context, how string, writers int) (w writes, err error) {
	h, err := b.furnish(ctx, how, shape{1, 1}, 0)
	if err != nil {
		return w, err
	}
	s, err := b.startProgram(h.database, anyPort)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	p := newPoster(s.address, kindProgram, h.rooms, h.writers, b.payload)
	for _, span := range []time.Duration{b.window() / 3, b.window()} { // the first is the warm-up
		before, start := p.posted()[0], time.Now()
		ran, _ := cpuOf(s.pid()) // where it is not known it is 0
		posting, stop := context.WithTimeout(ctx, span)
		times, err := p.saturate(posting, writers)
		stop()
		if err != nil {
			return w, err
		}
		now, _ := cpuOf(s.pid())
		n := p.posted()[0] - before
		w = writes{float64(n) / time.Since(start).Seconds(), times.spread(), (now - ran) / time.Duration(max(n, 1))}
	}
	return w, readBack(s.address, h, p.posted()[0])
}

// readBack checks that a room has exactly the posts 1 to n, each once and as it was sent.
func readBack(address string, h *house, n int64) error {
	c, err := dial(address)
	if err != nil {
		return err
	}
	defer c.close()
	seen := make([]bool, n+1)
	for position := int64(0); ; {
		status, body, err := c.do(fmt.Appendf(nil, "GET /rooms/%s/messages?after=%d&limit=200 HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n",
			h.rooms[0], position, h.writers[0]))
		if err != nil {
			return err
		}
		var page []struct {
			Position int64
			Body     string
		}
		if status != 200 || json.Unmarshal(body, &page) != nil {
			return fmt.Errorf("the posts cannot be read back: status %d: %.300s", status, body)
		}
		for _, m := range page {
			position++
			number, _, ok := readBody([]byte(m.Body))
			if !ok || m.Position != position || number < 1 || number > n || seen[number] {
				return fmt.Errorf("message %d, read back at position %d, is wrong: %.200q", m.Position, position, m.Body)
			}
			seen[number] = true
		}
		if len(page) == 0 {
			if position != n {
				return fmt.Errorf("%d posts were answered, %d can be read back", n, position)
			}
			return nil
		}
	}
}
