package main

import (
	"context"
	"encoding/binary"
	"os"
	"time"
)

// gate holds posts back while too many have not been delivered yet. Without it saturation would not be a rate but a race: posts are
// accepted as fast as they come, and whoever reads more slowly is cut at its bound.
type gate struct {
	progress *os.File // the readers keep the number of deliveries there
	readers  int64    // of each room
	rooms    int64
}

// undelivered is how many posts of a room may be on their way.
const undelivered = 128

// pass waits until another post may be sent; false when ctx has ended. A nil gate is open.
func (g *gate) pass(ctx context.Context, p *poster) bool {
	for g != nil && ctx.Err() == nil && p.turn.Load()*g.readers-g.delivered() > undelivered*g.rooms*g.readers {
		time.Sleep(200 * time.Microsecond)
	}
	return ctx.Err() == nil
}

func (g *gate) delivered() int64 {
	var b [8]byte
	if _, err := g.progress.ReadAt(b[:], 0); err != nil {
		return 0
	}
	return int64(binary.NativeEndian.Uint64(b[:]))
}
