package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// reactors is how many people react at once.
	reactors = 100
	// reactionEvents is the goal: how many times the bytes of one reaction a page gets for all of
	// them, because those that wait together are one change.
	reactionEvents = 25
)

// benchEmoji are what people react with, one in each round.
var benchEmoji = []string{"👍", "🎉", "😂", "😮", "😢", "🙏", "👏", "🔥"}

// measureReactions has a hundred people react to one message at once, while everybody in the room
// has its page open.
func measureReactions(ctx context.Context, b *bench) {
	h := house{people: b.houses[0].people, rooms: 1, each: 1}
	f := b.newHouse(ctx, h)
	s := b.startProgram(f.database, anyPort)
	defer finish(s.stop)
	pages := &openPages{times: new(histogram)}
	defer pages.close()
	for i := range h.people {
		check(pages.open(s.address, f.rooms[0], f.readers[i], i))
	}
	pages.settle(ctx)
	one := b.react(ctx, s, f, pages, 1, 0)
	var all reactionCost
	rounds := min(b.rounds, len(benchEmoji)-1)
	for round := range rounds {
		cost := b.react(ctx, s, f, pages, min(reactors, h.people), round+1)
		all.took += cost.took / time.Duration(rounds)
		all.cpu += cost.cpu / float64(rounds)
		all.bytes += cost.bytes / float64(rounds)
	}
	check(pages.failed())
	what := fmt.Sprintf("%d react at once among %s", min(reactors, h.people), grouped(float64(h.people)))
	b.add(row{What: what, Unit: unitTime, Ours: inMilliseconds(all.took), Limit: inMilliseconds(one.took), LimitIs: "one reacts",
		Note: fmt.Sprintf("until all are answered; %.1f ms of the server's core, one alone %.1f", all.cpu, one.cpu)})
	b.add(row{What: what + ", a page", Unit: unitBytes, Ours: all.bytes, Limit: one.bytes, LimitIs: "one reacts",
		Goal: goal{Times: reactionEvents}, Note: fmt.Sprintf("as much as %.1f reactions by themselves", all.bytes/one.bytes)})
}

// reactionCost is what some reactions cost together.
type reactionCost struct {
	took  time.Duration // until the last is answered
	cpu   float64       // milliseconds of the server's core, until all pages have it
	bytes float64       // for each page
}

// react has so many people react at once with the emoji of a round.
func (b *bench) react(ctx context.Context, s *server, f *fixture, pages *openPages, people, round int) (c reactionCost) {
	path := fmt.Sprintf("/rooms/%s/messages/%d/reactions", f.rooms[0], houseMessages)
	body := "emoji=" + url.QueryEscape(benchEmoji[round])
	clients := make([]*client, people)
	for i := range clients {
		clients[i] = must(dial(s.address))
	}
	before, read, start := must(usageOf(s.pid())), pages.read.Load(), time.Now()
	var group errgroup.Group
	for i, client := range clients {
		group.Go(func() error {
			defer client.close()
			_, err := client.do(newRequest("POST", path, body, "Content-Type: "+formType, "Accept: application/json", bearer(f.readers[i])), http.StatusOK)
			return err
		})
	}
	check(group.Wait())
	c.took = time.Since(start)
	pages.settle(ctx)
	c.cpu = inMilliseconds(must(usageOf(s.pid())).cpu - before.cpu)
	c.bytes = float64(pages.read.Load()-read) / float64(len(pages.clients))
	return c
}
