package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// stormReaders is how many people look at one room when the server is restarted.
	stormReaders = 1000
	// stormPosts is how many messages a room gets before and after.
	stormPosts = 20
	// stormWithin is how soon all readers are to be back.
	stormWithin = 10 * time.Second
	// stormPatience is how long the run waits for them at most.
	stormPatience = time.Minute
)

// measureStorm stops the server under its readers and starts it again. They come back when they
// were told to, each with its cursor, and receive what was posted meanwhile.
func measureStorm(ctx context.Context, b *bench) {
	s := shape{max(1, b.streams/stormReaders), min(stormReaders, b.streams)}
	t := b.newTestbed(ctx, contenders[0], s)
	defer finish(t.close)
	t.open(s.rooms, true)
	t.postEach(stormPosts*s.rooms, settleWithin)
	began := time.Now()
	if err := t.server.stop(); err != nil {
		check(fmt.Errorf("the server, told to stop: %w", err))
	}
	stopped := time.Since(began)
	t.server = b.startProgram(t.fixture.database, t.server.address)
	up := time.Now()
	t.postEach(stormPosts*s.rooms, stormPatience)
	b.add(row{
		What: fmt.Sprintf("restart under %s readers, all caught up after", grouped(float64(s.streams()))),
		Unit: unitSecs, Ours: time.Since(up).Seconds(), Goal: goal{Most: stormWithin.Seconds()},
		Note: fmt.Sprintf("told to wait 1 to 3 s; %d posts each; stopped in %.1f s", stormPosts, stopped.Seconds()),
	})
}
