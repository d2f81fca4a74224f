package live

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// marksPace is the least time between two events of a room's read marks: fifty people who read one
// message cost a few events, not fifty.
const marksPace = 500 * time.Millisecond

// marksDueLocked has the readers told how far the members have read. Hub.mu is held.
func (rm *room) marksDueLocked() {
	if rm.id == uuid.Nil || rm.hub.closed {
		return
	}
	rm.mu.Lock()
	defer rm.mu.Unlock()
	rm.marks.due = true
	if !rm.marks.working {
		rm.marks.working = true
		rm.hub.work.Go(rm.tellMarks)
	}
}

// marksNews is what is to be told of a room's read marks.
type marksNews struct {
	due     bool // the marks are to be read and sent
	working bool // tellMarks is at work
}

// tellMarks reads the marks and sends them, until no more are due, at the pace of marksPace.
func (rm *room) tellMarks() {
	for rm.takeMarks() {
		pause := marksPace
		marks, err := rm.readMarks()
		switch {
		case err == nil:
			for _, g := range rm.current() {
				g.showMarks(marks)
			}
		case rm.ctx.Err() == nil:
			rm.hub.logger.Error("reading how far a room's members have read", "room", rm.id, "again_in", lastRetry, "error", err)
			pause = lastRetry
			rm.mu.Lock()
			rm.marks.due = true
			rm.mu.Unlock()
		}
		select {
		case <-time.After(pause):
		case <-rm.ctx.Done():
		}
	}
}

// takeMarks reports whether marks are due, and ends the work where none are.
func (rm *room) takeMarks() bool {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	due := rm.marks.due && rm.ctx.Err() == nil
	rm.marks = marksNews{working: due}
	return due
}

func (rm *room) readMarks() ([]db.MemberMark, error) {
	ctx, cancel := context.WithTimeout(rm.ctx, readTimeout)
	defer cancel()
	return rm.hub.store.MemberMarks(ctx, rm.id)
}

// showMarks sends the readers the marks, unless it is what they were sent last. Readers who come
// later are told by admit.
func (g *group) showMarks(marks []db.MemberMark) {
	if !g.audience.Format.events() {
		return
	}
	event := g.frame(g.hub.presenter.Marks(g.audience, marks), noID)
	g.mu.Lock()
	defer g.mu.Unlock()
	if bytes.Equal(g.marks, event) {
		return
	}
	g.marks = event
	g.appendLocked(event)
	g.scheduleFlushLocked()
}

// knowsMarks reports whether the readers have been told how far the members have read.
func (g *group) knowsMarks() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.marks != nil
}
