package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// historyBehind is how many changes a reader that catches up has missed.
	historyBehind = 200
	// historyTimes is how many times longer the same may take in a room with more history.
	historyTimes = 1.5
	// historyPlaces is how many places of a history are looked at, all over it. As many in each room, so that caches hold as much of each.
	historyPlaces = 50
	// historyRooms is how many rooms somebody is in who is in many.
	historyRooms = 200
	// unreadBound is where the program stops counting.
	unreadBound = 100
)

// growth is a house that is in one way bigger than the first.
type growth struct {
	name     string
	shape    shape // rooms and members
	messages int   // in each room
	goal     goal
}

// growths are those that are compared. The list of rooms is part of every page, so that nothing is asked of many rooms.
func (b *bench) growths() []growth {
	var list []growth
	for i, messages := range b.history {
		g := growth{name: grouped(float64(messages)) + " messages", shape: shape{1, 10}, messages: messages}
		if i > 0 {
			g.goal = goal{Times: historyTimes}
		}
		list = append(list, g)
	}
	rooms := min(historyRooms, b.streams)
	return append(list,
		growth{grouped(float64(b.streams)) + " members", shape{1, b.streams}, b.history[0], goal{Times: historyTimes}},
		growth{grouped(float64(rooms)) + " rooms", shape{rooms, 1}, historyBehind, goal{}})
}

// historyActs are what is done in each.
var historyActs = []struct {
	name string
	do   func(*oldRoom) error
}{
	{"room page", (*oldRoom).showNewest},
	{"history page", (*oldRoom).showHistory},
	{fmt.Sprintf("catching up on %d", historyBehind), (*oldRoom).catchUp},
	{"unread", (*oldRoom).countUnread},
	{"a post", (*oldRoom).post},
}

// measureHistory does the same things in houses of different size. Before each, somebody posts, so that no answer is one that was
// kept.
func measureHistory(b *bench, ctx context.Context) (err error) {
	growths := b.growths()
	rooms, err := b.openAll(ctx, growths)
	defer func() {
		for _, r := range rooms {
			err = errors.Join(err, r.close())
		}
	}()
	if err != nil {
		return err
	}
	for _, act := range historyActs {
		times, err := inTurns(b, len(rooms), func(t spread) time.Duration { return t.P50 }, func(i int) (spread, error) {
			t, err := rooms[i].time(ctx, act.do, b.window())
			if err != nil {
				err = fmt.Errorf("%s, %s: %w", act.name, growths[i].name, err)
			}
			return t, err
		})
		if err != nil {
			return err
		}
		b.addGrowth(act.name, growths, times)
	}
	return nil
}

// openAll builds all houses before it opens any: a connection does not wait for ever while a million messages are written elsewhere.
func (b *bench) openAll(ctx context.Context, growths []growth) (rooms []*oldRoom, err error) {
	houses := make([]*house, len(growths))
	for i, g := range growths {
		b.say("  a house with %s", g.name)
		if houses[i], err = b.furnish(ctx, "history", g.shape, g.messages); err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
	}
	for i, g := range growths {
		r, err := b.openOld(houses[i], g.messages)
		if err != nil {
			return rooms, fmt.Errorf("%s: %w", g.name, err)
		}
		rooms = append(rooms, r)
	}
	return rooms, nil
}

func (b *bench) addGrowth(what string, growths []growth, times []spread) {
	for i, g := range growths {
		l := line{What: what + ", " + g.name, Unit: unitTime, Ours: inMilliseconds(times[i].P50), Goal: g.goal}
		if i > 0 {
			l.Limit, l.LimitIs = inMilliseconds(times[0].P50), growths[0].name
		}
		b.add(l)
	}
}
