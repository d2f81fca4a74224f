package main

import (
	"context"
	"errors"
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

// measureStorm stops the server under its readers and starts it again. They come back when they were told to, each with its cursor, and
// receive what was posted meanwhile.
func measureStorm(b *bench, ctx context.Context) (err error) {
	s := shape{max(1, b.streams/stormReaders), min(stormReaders, b.streams)}
	x, err := b.begin(ctx, ours, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.end()) }()
	if err := x.open(true); err != nil {
		return err
	}
	if err := x.postEach(stormPosts * s.rooms); err != nil {
		return err
	}
	if err := x.settle(settleWithin); err != nil {
		return err
	}
	began := time.Now()
	if err := x.server.stop(); err != nil {
		return fmt.Errorf("the server, told to stop: %w", err)
	}
	stopped := time.Since(began)
	if x.server, err = b.startProgram(x.house.database, x.server.address); err != nil {
		return err
	}
	up := time.Now()
	if err := x.postEach(stormPosts * s.rooms); err != nil {
		return err
	}
	if err := x.settle(stormPatience); err != nil {
		return err
	}
	b.add(line{
		What: fmt.Sprintf("restart under %s readers, all caught up after", grouped(float64(s.streams()))), Unit: unitSecs,
		Ours: time.Since(up).Seconds(), Goal: goal{Most: stormWithin.Seconds()},
		Note: fmt.Sprintf("told to wait 1 to 3 s; %d posts each; stopped in %.1f s", stormPosts, stopped.Seconds()),
	})
	return nil
}
