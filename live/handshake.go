package live

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// sliceBytes is how much of what was missed is handed over at once: the next slice follows when the reader has taken it.
const sliceBytes = 64 << 10

// handshake is a stream between the request and the moment its reader has a seat. It runs in the request's goroutine, and what it
// needs is gone afterwards.
type handshake struct {
	Subscription
	reader *reader
	ctx    context.Context
	unsent []byte // of the reader's own bytes
}

func newReader(h *Hub, s Subscription, stop func()) *reader {
	r := &reader{
		hub: h, session: s.Session, token: s.Token, epoch: s.Epoch,
		tail: s.Tail, index: noIndex, userIndex: noIndex, heapIndex: noIndex, left: math.MaxInt64, stop: stop,
	}
	if s.Bytes > 0 {
		r.left = s.Bytes
	}
	life := s.Audience.Format.lifetime()
	if !s.Expires.IsZero() && time.Until(s.Expires) < life {
		life, r.rightExpires = time.Until(s.Expires), true
	}
	r.until = h.deadlines.now().add(life)
	h.deadlines.set(r, r.until)
	return r
}

// open answers the request. Without an transport nothing has been written, and the error says why.
func (o *handshake) open(w http.ResponseWriter, req *http.Request) (transport, error) {
	o.reader.expire() // its right may have expired already
	first, err := o.prepare()
	why, _ := o.reader.why()
	switch {
	case why == shutdown:
		return nil, ErrClosed
	case err != nil && why != revoked:
		return nil, err
	}
	setHeaders(w.Header(), o.Audience.Format)
	out, err := o.hub().connect(o.reader, w, req)
	if err != nil {
		return nil, err
	}
	defer o.reader.opened()
	if !o.reader.begin(out) {
		return out, nil
	}
	o.unsent = append(o.unsent, o.Head...)
	if o.Audience.Format.events() {
		o.unsent = append(o.unsent, retryLine()...)
	}
	if o.catchUp(first) != nil {
		o.reader.end(disconnected, "")
	}
	return out, nil
}

func (o *handshake) hub() *Hub { return o.reader.hub }

// prepare does everything that can fail before the first byte: it asks for the right once more, and reads the first page of what was
// missed, nil where the group has it.
func (o *handshake) prepare() (*chunk, error) {
	ctx, cancel := context.WithTimeout(o.ctx, readTimeout)
	defer cancel()
	if o.Check != nil {
		if err := o.Check(ctx); err != nil {
			return nil, err
		}
	}
	if err := o.hub().loadRooms(ctx, o.reader); err != nil {
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

// missed reads the next page of what the reader missed; nil where the group has it, or nobody has.
func (o *handshake) missed(ctx context.Context) (*chunk, error) {
	g, rm := o.reader.group, o.reader.room
	if o.After != FromNow && o.After > g.revision() {
		if err := rm.meet(ctx, o.After); err != nil {
			return nil, err
		}
	}
	head := g.revision()
	switch {
	case o.After > head:
		return &chunk{revision: head, head: head}, nil // from the future
	case g.has(o.After):
		return nil, nil
	}
	p, err := rm.chunk(g, o.After)
	return &p, err
}

// catchUp sends what was missed, page by page, until the reader can take a seat.
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
	if rm := o.reader.room; rm.id != uuid.Nil && o.Audience.Format.events() && !o.reader.group.knowsOnline() {
		o.hub().presence.Watch(rm)
	}
	if o.Audience.Format == HTML {
		o.hub().markReaderStale(o.reader) // of its rooms: a page that was hidden and had no stream is exact again when it is shown
	}
	return nil
}

// sendChunk sends a page in slices, each when the one before has been taken: what was missed does not pile up in the queue.
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
	o.reader.settle()
}

// ready says that there is nothing more to catch up on.
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

// responseHead is the head of a response that ends with its connection.
func responseHead(h http.Header) []byte {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	h.Set("Connection", "close")
	h.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}
