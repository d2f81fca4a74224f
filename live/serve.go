package live

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// serve writes the stream of an attached reader. It answers with an error as long as nothing has been written.
func (r *reader) serve() error {
	first, err := r.prepare()
	why, _ := r.why()
	if why == shutdown {
		return ErrClosed
	}
	if err != nil && why != lost {
		return err
	}
	if err == nil {
		err = r.mayGoOn(time.Now())
	}
	setHeaders(r.writer.Header(), r.sub.Audience.Format)
	r.writer.WriteHeader(http.StatusOK)
	if err == nil {
		err = r.run(first)
	}
	r.finish(err)
	return nil
}

// prepare does everything that can fail before the first byte: it asks for the right once more, and reads the first page of changes
// (nil when there is none to read). The reader takes frames from before this reading on, so nothing lies between.
func (r *reader) prepare() (*db.RoomChanges, error) {
	ctx, cancel := context.WithTimeout(r.ctx, readTimeout)
	defer cancel()
	if r.sub.Check != nil {
		if err := r.sub.Check(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.hub.knowRooms(ctx, r); err != nil || r.sub.Room == uuid.Nil {
		return nil, err
	}
	if err := r.room.open(ctx); err != nil {
		return nil, err
	}
	r.listen(true)
	if r.sub.After < 0 {
		head, err := r.hub.store.Head(ctx, r.sub.Room)
		r.position = head
		return nil, err
	}
	r.position = r.sub.After
	return r.hub.store.Changes(ctx, r.sub.Room, r.position, pageSize)
}

// errEnd ends a stream that may not go on, for the reason in reader.ending.
var errEnd = errors.New("the stream ends")

// run writes the stream from its first byte on, until an error or its end.
func (r *reader) run(first *db.RoomChanges) error {
	r.extend()
	if err := r.write(r.sub.Head); err != nil {
		return err
	}
	if r.sub.Audience.Format.events() {
		if err := r.write(retryLine()); err != nil {
			return err
		}
	}
	if first != nil {
		if err := r.catchUp(first); err != nil {
			return err
		}
	}
	r.caughtUp = true
	if err := r.ready(); err != nil {
		return err
	}
	return r.follow()
}

// catchUp writes what the reader missed, page by page. It lets frames pass by meanwhile when there is much: they are found in the
// store in the end, and neither they nor the pages pile up.
func (r *reader) catchUp(c *db.RoomChanges) error {
	if c.Head < r.position || c.More && r.sub.Audience.Format == HTML {
		r.position = c.Head
		return r.control(revisionEvent(EventReset, r.position), r.position)
	}
	if err := r.writeChanges(c); err != nil {
		return err
	}
	for c.More {
		r.listen(false)
		for c.More {
			if err := r.nextPage(&c); err != nil {
				return err
			}
		}
		r.listen(true)
		if err := r.nextPage(&c); err != nil {
			return err
		}
	}
	return nil
}

// nextPage sends what is written and goes on with the changes after it.
func (r *reader) nextPage(c **db.RoomChanges) error {
	if err := r.flush(); err != nil {
		return err
	}
	if err := r.mayGoOn(time.Now()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.ctx, readTimeout)
	defer cancel()
	next, err := r.hub.store.Changes(ctx, r.sub.Room, r.position, pageSize)
	if err != nil {
		return err
	}
	*c = next
	r.extend()
	return r.writeChanges(next)
}

func (r *reader) writeChanges(c *db.RoomChanges) error {
	for _, change := range changesIn(c, r.position) {
		if err := r.event(change.render(r.hub.presenter, r.sub.Audience), change.revision); err != nil {
			return err
		}
	}
	r.position = max(r.position, c.Revision)
	return nil
}

// event writes an event of this reader alone.
func (r *reader) event(e Event, id int64) error { return r.write(r.group.frame(e, id)) }

// control writes an event that only event streams have.
func (r *reader) control(e Event, id int64) error {
	if !r.sub.Audience.Format.events() {
		return nil
	}
	return r.event(e, id)
}

// ready says that there is nothing more to catch up on. A page gets the list of the viewer's rooms at once:
// one that was hidden and had no stream is exact again when it is shown.
func (r *reader) ready() error {
	id := r.position
	if r.sub.Room == uuid.Nil {
		id = noID
	}
	if err := r.control(revisionEvent(EventReady, r.position), id); err != nil {
		return err
	}
	if err := r.flush(); err != nil || r.sub.Audience.Format != HTML {
		return err
	}
	ctx, cancel := context.WithTimeout(r.ctx, readTimeout)
	defer cancel()
	rooms, err := r.hub.store.RoomsOf(ctx, r.sub.Viewer)
	if r.ctx.Err() != nil {
		return errEnd
	}
	if err != nil {
		r.hub.retell(r)
		return nil
	}
	r.extend()
	if err := r.event(r.hub.presenter.Rooms(r.sub.Audience, r.sub.Viewer, rooms, r.sub.Room), noID); err != nil {
		return err
	}
	return r.flush()
}

// follow writes what comes, until the stream must end.
func (r *reader) follow() error {
	timer := time.NewTimer(r.nextTick())
	defer timer.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return errEnd
		case <-r.wake:
			if err := r.drain(); err != nil {
				return err
			}
			if err := r.mayGoOn(time.Now()); err != nil {
				return err
			}
		case now := <-timer.C:
			if err := r.tick(now); err != nil {
				return err
			}
			timer.Reset(r.nextTick())
		}
	}
}

// nextTick is how long until a heartbeat may be due, or the stream's end. Writing does not move the timer, which would cost
// something each time: a tick finds out how long the silence has been.
func (r *reader) nextTick() time.Duration {
	next := r.spoke.Add(silence)
	if r.until.Before(next) {
		next = r.until
	}
	if e := r.sub.Expires; !e.IsZero() && e.Before(next) {
		next = e
	}
	return time.Until(next)
}

func (r *reader) tick(now time.Time) error {
	if err := r.mayGoOn(now); err != nil || now.Sub(r.spoke) < silence {
		return err
	}
	r.extend()
	if err := r.write(r.sub.Audience.Format.heartbeat()); err != nil {
		return err
	}
	return r.flush()
}

// mayGoOn ends a stream that is too old, too long, or whose right has expired.
func (r *reader) mayGoOn(now time.Time) error {
	switch {
	case !r.sub.Expires.IsZero() && !now.Before(r.sub.Expires):
		r.end(lost, ReasonExpired)
	case !now.Before(r.until), r.sub.Bytes > 0 && r.written >= r.sub.Bytes:
		r.end(aged, "")
	}
	if why, _ := r.why(); why != running {
		return errEnd
	}
	return nil
}

// drain writes all that waits in one flush.
func (r *reader) drain() error {
	frames, rooms := r.take()
	r.extend()
	for _, f := range frames {
		if f.revision <= r.position {
			continue
		}
		if err := r.write(f.bytes); err != nil {
			return err
		}
		r.position = f.revision
	}
	r.giveBack(frames)
	if err := r.write(rooms); err != nil {
		return err
	}
	return r.flush()
}

// finish says the last words, where the stream's end is a polite one.
func (r *reader) finish(err error) {
	r.end(gone, "") // unless it ends for another reason already
	why, reason := r.why()
	r.hub.logger.Debug("stream ended", "user", r.sub.Viewer.ID, "room", r.sub.Room, "why", why, "reason", reason, "error", err)
	switch why {
	case lost:
		err = r.control(closeEvent(reason), noID)
	case aged, shutdown:
		if err = nil; r.caughtUp { // else it would step over what was not read yet
			err = r.drain()
		}
	default:
		return
	}
	if err == nil && r.write(r.sub.Tail) == nil {
		r.flush()
	}
}
