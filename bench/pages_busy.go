package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
)

const (
	// busyVisitors look at the rooms, in which busyPosts messages a second are written.
	busyVisitors, busyPosts = 5, 50
)

// measureBusyPages asks for the pages of all rooms for several people while others write, so that hardly any page is the one asked for before.
func (b *bench) measureBusyPages(ctx context.Context, real *server, h *house) error {
	var requests [][]byte
	for range busyVisitors {
		v, err := signUp(real.address)
		if err != nil {
			return err
		}
		for _, room := range h.rooms {
			requests = append(requests, v.request("/rooms/"+room))
		}
	}
	newest := make([]atomic.Int64, len(requests)) // position, by request
	ask := func(c *client, n int) error {
		i := n % len(requests)
		return askBusy(c, requests[i], &newest[i])
	}
	posting, stop := context.WithCancel(ctx)
	defer stop()
	posted := make(chan error, 1)
	go func() {
		posted <- newPoster(real.address, kindProgram, h.rooms, h.writers, 80).atRate(posting, busyPosts, 4)
	}()
	r, err := pageRateOf(ctx, real, b.span(), ask)
	if err != nil {
		return err
	}
	stop()
	b.add(line{
		What: "room pages while people write", Unit: unitRate, Ours: r.perSecond,
		Note: fmt.Sprintf("%d rooms, %d people, %d posts/s; %d µs of the core each", len(h.rooms), busyVisitors, busyPosts, r.core.Microseconds()),
	})
	return <-posted
}

// askBusy fetches a page. Its newest message is never older than that of a page fetched before.
func askBusy(c *client, request []byte, newest *atomic.Int64) error {
	before := newest.Load()
	status, body, err := c.do(request)
	if err != nil {
		return err
	}
	at := bytes.LastIndex(body, []byte(`id="m`))
	if status != 200 || at < 0 || !bytes.Contains(body[at:], []byte("</html>")) {
		return fmt.Errorf("status %d: %.300s", status, body)
	}
	digits, _, _ := bytes.Cut(body[at+len(`id="m`):], []byte(`"`))
	position, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || position < before {
		return fmt.Errorf("a page ends with message %q, after one that ended with %d", digits, before)
	}
	for before < position && !newest.CompareAndSwap(before, position) {
		before = newest.Load()
	}
	return nil
}
