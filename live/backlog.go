package live

import "time"

const (
	// backlogFrames, backlogBytes and backlogAge bound what a group keeps for readers that come back. It is not more than an HTML
	// reader may be behind.
	backlogFrames = chunkSize
	backlogBytes  = 256 << 10
	backlogAge    = time.Minute
)

// frame is what one change is on the wire, for one audience.
type frame struct {
	revision int64
	position int64 // of the message; 0: the room itself
	bytes    []byte
}

// backlog is a group's newest frames. Readers that were away for a moment, a restart's ten thousand among them, get them from here
// instead of from the store. Each message is in it once.
type backlog struct {
	from   int64 // who has this revision finds all later ones here
	frames []backlogEntry
	size   int
	newest int64 // position of the newest message there was
}

type backlogEntry struct {
	frame
	at time.Time
}

// add takes the newest frame.
func (b *backlog) add(f frame, now time.Time) {
	if f.position > b.newest {
		b.newest = f.position
	} else {
		b.forget(f.position)
	}
	b.frames = append(b.frames, backlogEntry{f, now})
	b.size += len(f.bytes)
	b.trim(now)
}

// forget drops the earlier state of a message.
func (b *backlog) forget(position int64) {
	for i := len(b.frames) - 1; i >= 0; i-- {
		if k := &b.frames[i]; k.position == position {
			b.size -= len(k.bytes)
			k.bytes = nil
			return
		}
	}
}

// trim drops what is too old or too much.
func (b *backlog) trim(now time.Time) {
	n := 0
	for n < len(b.frames) {
		k := &b.frames[n]
		if len(b.frames)-n <= backlogFrames && b.size <= backlogBytes && now.Sub(k.at) < backlogAge {
			break
		}
		b.size -= len(k.bytes)
		b.from = k.revision
		n++
	}
	clear(b.frames[:n])
	b.frames = b.frames[n:]
}

// extend takes older frames, everything after revision from, unless that would be too much.
func (b *backlog) extend(from int64, older []frame, now time.Time) {
	var front []backlogEntry
	size := 0
	for _, f := range older {
		if f.revision <= b.from && !b.contains(f.position) {
			front = append(front, backlogEntry{f, now})
			size += len(f.bytes)
		}
	}
	if from >= b.from || len(front)+len(b.frames) > backlogFrames || size+b.size > backlogBytes {
		return
	}
	b.from, b.frames, b.size = from, append(front, b.frames...), b.size+size
}

func (b *backlog) contains(position int64) bool {
	for i := range b.frames {
		if b.frames[i].position == position {
			return true
		}
	}
	return false
}

// appendAfter appends the frames after a revision to out.
func (b *backlog) appendAfter(out []byte, cursor int64) []byte {
	for i := range b.frames {
		if k := &b.frames[i]; k.revision > cursor {
			out = append(out, k.bytes...)
		}
	}
	return out
}
