package live

import "time"

const (
	// backlogFrames, backlogBytes and backlogAge bound what a group keeps for readers that come
	// back: not more frames than an HTML reader may be behind.
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

// backlog holds a group's newest frames, each message once. Readers that were away for a moment,
// ten thousand after a restart among them, get them from here instead of the store. group.mu guards
// it.
type backlog struct {
	from   int64 // a reader with this cursor or a later one finds here all that it missed
	frames []backlogEntry
	size   int   // in bytes
	newest int64 // position of the newest message there was
}

// backlogEntry is a frame and when it came. Its bytes are nil when the message changed again.
type backlogEntry struct {
	frame
	at time.Time
}

// add appends the newest frame.
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
		if e := &b.frames[i]; e.position == position {
			b.size -= len(e.bytes)
			e.bytes = nil
			return
		}
	}
}

// trim drops the oldest frames, as far as they are too old or too many.
func (b *backlog) trim(now time.Time) {
	n := 0
	for n < len(b.frames) {
		e := &b.frames[n]
		if len(b.frames)-n <= backlogFrames && b.size <= backlogBytes && now.Sub(e.at) < backlogAge {
			break
		}
		b.size -= len(e.bytes)
		b.from = e.revision
		n++
	}
	clear(b.frames[:n])
	b.frames = b.frames[n:]
}

// extend prepends older frames, everything after revision from, unless that would be too much.
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

// contains reports whether the backlog has a state of a message, or of the room (0).
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
		if e := &b.frames[i]; e.revision > cursor {
			out = append(out, e.bytes...)
		}
	}
	return out
}
