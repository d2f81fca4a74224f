package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// pageRooms, pageMembers and pageMessages are the house whose pages are measured.
	pageRooms, pageMembers, pageMessages = 20, 10, 1000
	// pageConnections ask for pages at once.
	pageConnections = 16
	// pageShare is the part of the rate from memory that room and history pages are to reach.
	pageShare = 0.5
)

// measurePages asks for pages as a browser does, of the real program and of gin that has the same bytes in memory.
func measurePages(b *bench, ctx context.Context) (err error) {
	h, err := b.furnish(ctx, "pages", shape{pageRooms, pageMembers}, pageMessages)
	if err != nil {
		return err
	}
	real, err := b.startProgram(h.database, anyPort)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, real.stop()) }()
	visit, err := signUp(real.address)
	if err != nil {
		return err
	}
	for _, room := range h.rooms { // which joins it
		if _, err := visit.page("/rooms/" + room); err != nil {
			return err
		}
	}
	for _, p := range []wantedPage{
		{"room page", "/rooms/" + h.rooms[0], goal{Ratio: pageShare}},
		{"history page", "/rooms/" + h.rooms[0] + "/messages?before=500", goal{Ratio: pageShare}},
		{"home page", "/", goal{}},
	} {
		if err := b.measurePage(ctx, real, visit, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return b.measureBusyPages(ctx, real, h)
}

// wantedPage is a page to be measured.
type wantedPage struct {
	name, path string
	goal       goal
}

// measurePage asks for the same page again and again, with nothing else going on: what can be kept has been kept.
func (b *bench) measurePage(ctx context.Context, real *server, visit *visitor, p wantedPage) error {
	asked, err := visit.page(p.path)
	if err != nil {
		return err
	}
	rates, err := b.pageRates(ctx, real, asked)
	if err != nil {
		return err
	}
	b.add(line{
		What: p.name + "s", Unit: unitRate, Ours: rates[0].perSecond, Limit: rates[1].perSecond, LimitIs: "gin, from memory", Goal: p.goal,
		Note: fmt.Sprintf("%s bytes; %d µs of the core each, from memory %d µs",
			grouped(float64(len(asked.Body))), rates[0].core.Microseconds(), rates[1].core.Microseconds()),
	})
	return nil
}

// pageRate is how often in a second a page comes, and how long its server runs for each.
type pageRate struct {
	perSecond float64
	core      time.Duration
}

// pageRates are those of the real program, and from memory.
func (b *bench) pageRates(ctx context.Context, real *server, p *page) (rates []pageRate, err error) {
	bare, err := b.startPages(p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	servers := []*server{real, bare}
	return inTurns(b, len(servers), func(r pageRate) float64 { return r.perSecond }, func(i int) (pageRate, error) {
		return pageRateOf(ctx, servers[i], b.window(), func(c *client, n int) error { return p.ask(c, n%compareEvery == 0) })
	})
}

// startPages starts the bare server with a page in its memory.
func (b *bench) startPages(p *page) (*server, error) {
	cmd, err := self(roleBarePages)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	cmd.Stdin = bytes.NewReader(text)
	return b.startServer(cmd, roleBarePages)
}

// pageRateOf asks for pages again and again, from several connections.
func pageRateOf(ctx context.Context, s *server, span time.Duration, ask func(c *client, n int) error) (pageRate, error) {
	var asked, got atomic.Int64
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, asking := errgroup.WithContext(ctx)
	for range pageConnections {
		group.Go(func() error {
			c, err := dial(s.address)
			if err != nil {
				return err
			}
			defer c.close()
			for asking.Err() == nil {
				if err := ask(c, int(asked.Add(1))); err != nil {
					return err
				}
				got.Add(1)
			}
			return nil
		})
	}
	wait(asking, span/3)
	start, before := time.Now(), got.Load()
	ran, _ := cpuOf(s.pid()) // where it is not known it is 0
	wait(asking, span)
	now, _ := cpuOf(s.pid())
	n := got.Load() - before
	r := pageRate{float64(n) / time.Since(start).Seconds(), (now - ran) / time.Duration(max(n, 1))}
	stop()
	return r, group.Wait()
}

// visitor is somebody signed in with a browser.
type visitor struct {
	address string
	cookie  string
}

// signUp makes an account, as a person would.
func signUp(address string) (*visitor, error) {
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	form := url.Values{"name": {fmt.Sprintf("visitor%d", time.Now().UnixNano())}, "password": {"a warm floor in winter"}}.Encode()
	status, body, err := c.do(fmt.Appendf(nil, "POST /signup HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form))
	if err == nil && status != 303 {
		err = fmt.Errorf("signing up is answered with status %d: %.300s", status, body)
	}
	return &visitor{address, cookieIn(string(c.head))}, err
}
