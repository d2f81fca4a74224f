package live

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// sliceBytes is how much of what was missed is handed over at once: the next slice follows when the
// client's system has taken it.
const sliceBytes = 64 << 10

// handshake is a stream between the request and its admission to a group. It runs in the request's
// goroutine, and what it needs is freed afterwards.
type handshake struct {
	Subscription
	reader *reader
	ctx    context.Context // ends with the request, or when the stream must end
	unsent []byte          // of the reader's own bytes
	// staleList: the page shows another list of rooms than there is.
	staleList bool
}

func (o *handshake) hub() *Hub { return o.reader.hub }

// open answers the request, and catches the reader up. Without a transport nothing has been
// written, and the error says why.
func (o *handshake) open(w http.ResponseWriter, req *http.Request) (transport, error) {
	o.reader.expire() // its right may have expired already
	first, err := o.prepare()
	why, _ := o.reader.why()
	switch {
	case why == shutdown:
		return nil, ErrClosed
	case err != nil && why != revoked: // a revoked right is answered with a close event
		return nil, err
	}
	setHeaders(w.Header(), o.Audience.Format)
	if o.reader.brief && o.Audience.Format == Page {
		w.Header().Set("Refresh", strconv.Itoa(int(pageRetry.Seconds())))
	}
	out, err := o.hub().connect(o.reader, w, req)
	if err != nil {
		return nil, fmt.Errorf("taking over a connection: %w", err)
	}
	defer o.reader.handshakeDone()
	if !o.reader.start(out) {
		return out, nil
	}
	o.unsent = append(o.unsent, o.Head...)
	if o.Audience.Format.events() {
		o.unsent = append(o.unsent, retryLine(o.reader.brief)...)
	}
	if o.catchUp(first) != nil {
		o.reader.end(disconnected, "")
	}
	return out, nil
}

// prepare does everything that can fail before the first byte: it asks for the right once more, and
// reads the first chunk of what was missed; nil when the group has it all.
func (o *handshake) prepare() (*chunk, error) {
	ctx, cancel := context.WithTimeout(o.ctx, readTimeout)
	defer cancel()
	if o.Check != nil {
		if err := o.Check(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if o.staleList, err = o.hub().unread.load(ctx, o.reader, o.Subscription); err != nil {
		return nil, err
	}
	if o.Room == uuid.Nil {
		o.After = FromNow
		return nil, nil
	}
	if err := o.reader.room.open(ctx); err != nil {
		return nil, err
	}
	return o.missed(ctx)
}

// missed reads the next chunk of what the reader missed; nil when the group has the rest. The chunk
// of a cursor from the future is empty, with the head that the room really has.
func (o *handshake) missed(ctx context.Context) (*chunk, error) {
	g, rm := o.reader.group, o.reader.room
	if o.After != FromNow && o.After > g.revision() {
		if err := rm.catchUp(ctx, o.After); err != nil {
			return nil, err
		}
	}
	head := g.revision()
	switch {
	case o.After > head:
		return &chunk{revision: head, head: head}, nil
	case g.reaches(o.After):
		return nil, nil
	}
	p, err := rm.chunk(g, o.After)
	return &p, err
}

// catchUp sends what was missed, chunk by chunk, until the group admits the reader.
func (o *handshake) catchUp(p *chunk) error {
	for p != nil || !o.reader.group.admit(o.reader, o.unsent, o.After, o.ready) {
		if p != nil {
			o.sendChunk(p)
		}
		if err := o.ctx.Err(); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(o.ctx, readTimeout)
		var err error
		p, err = o.missed(ctx)
		cancel()
		if err != nil {
			return err
		}
	}
	o.watch()
	return nil
}

// watch asks for the events that admission did not send: who is online, where the group does not
// know it, how far they have read, and what is new in the list of rooms.
func (o *handshake) watch() {
	if o.Room != uuid.Nil && o.Audience.Format.events() && !o.reader.group.knowsOnline() {
		o.hub().presence.Watch(o.reader.room)
	}
	if o.Room != uuid.Nil && o.Audience.Format.events() && !o.reader.group.knowsMarks() {
		o.hub().mu.Lock()
		o.reader.room.marksDueLocked()
		o.hub().mu.Unlock()
	}
	o.hub().unread.open(o.reader, o.Except, o.staleList)
	o.hub().unread.openPartners(o.reader)
}

// sendChunk sends a chunk in slices, each when the one before has been taken, so that what was
// missed does not pile up in the queue. A reader that is too far behind, or whose cursor is from
// the future, is reset instead.
func (o *handshake) sendChunk(p *chunk) {
	if o.After > p.head || p.more && o.Audience.Format == HTML {
		o.After = p.head
		if o.Audience.Format.events() {
			o.unsent = append(o.unsent, o.reader.group.frame(revisionEvent(EventReset, o.After), o.After)...)
		}
		return
	}
	for _, f := range p.frames {
		o.unsent = append(o.unsent, f.bytes...)
		if len(o.unsent) >= sliceBytes {
			o.send()
		}
	}
	o.After = p.revision
	if p.more {
		o.send()
	}
}

func (o *handshake) send() {
	o.reader.push(o.unsent)
	o.unsent = nil // the reader may keep it
	o.reader.awaitDrained()
}

// ready returns the ready event at a revision; nothing for formats without events.
func (o *handshake) ready(revision int64) []byte {
	if !o.Audience.Format.events() {
		return nil
	}
	id := revision
	if o.Room == uuid.Nil {
		id = noID
	}
	return o.reader.group.frame(revisionEvent(EventReady, revision), id)
}

// responseHead returns the head of a response that ends with its connection (RFC 9112, section
// 6.3).
func responseHead(h http.Header) []byte {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	h.Set("Connection", "close")
	h.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}
