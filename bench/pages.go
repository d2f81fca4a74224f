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
	pages := []struct {
		name, path string
		goal       goal
	}{
		{"room page", "/rooms/" + h.rooms[0], goal{Ratio: pageShare}},
		{"history page", "/rooms/" + h.rooms[0] + "/messages?before=500", goal{Ratio: pageShare}},
		{"home page", "/", goal{}},
	}
	for _, p := range pages {
		asked, err := visit.page(p.path)
		if err != nil {
			return err
		}
		l := line{What: p.name + "s", Unit: unitRate, LimitIs: "gin, from memory", Goal: p.goal, Note: fmt.Sprintf("%s bytes", grouped(float64(len(asked.Body))))}
		if l.Ours, l.Limit, err = b.pageRates(ctx, real, asked); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		b.add(l)
	}
	return nil
}

// pageRates is how often in a second a page comes from the real program, and from memory.
func (b *bench) pageRates(ctx context.Context, real *server, p *page) (ours, memory float64, err error) {
	bare, err := b.startPages(p)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	addresses := []string{real.address, bare.address}
	rates, err := inTurns(b, 2, func(r float64) float64 { return r }, func(i int) (float64, error) {
		return p.rate(ctx, addresses[i], b.window())
	})
	if err != nil {
		return 0, 0, err
	}
	return rates[0], rates[1], nil
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

// rate asks for the page again and again, from several connections.
func (p *page) rate(ctx context.Context, address string, span time.Duration) (float64, error) {
	var got atomic.Int64
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, asking := errgroup.WithContext(ctx)
	for range pageConnections {
		group.Go(func() error {
			c, err := dial(address)
			if err != nil {
				return err
			}
			defer c.close()
			for n := 0; asking.Err() == nil; n++ {
				if err := p.ask(c, n%compareEvery == 0); err != nil {
					return err
				}
				got.Add(1)
			}
			return nil
		})
	}
	wait(asking, span/3)
	start, before := time.Now(), got.Load()
	wait(asking, span)
	rate := float64(got.Load()-before) / time.Since(start).Seconds()
	stop()
	return rate, group.Wait()
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
