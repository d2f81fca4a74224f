// Package bus carries letters between the processes of one house. Letters may be lost, doubled or late, which those who read
// them can bear; but they never wait for a slow process, and of one sender they come in order where they come. Who can write to the database, or to NATS, can
// forge them, and who can read there reads them.
package bus

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// Letter is what one process tells the others: exactly one of Notice, Presence, Typing and Lost.
type Letter struct {
	Notice   *db.Notice
	Presence *Presence
	Typing   *Typing
	// Lost tells that letters before this one did not go out. Who gets it is told that it has missed something.
	Lost bool

	// From and Published are set where a letter is received: the process it comes from, and when it gave the letter to the bus,
	// by that machine's clock.
	From      string
	Published time.Time
}

// Presence tells of people who have a stream open in the process that sends it. Who was told to be online by a process is online
// there until that process says otherwise, says goodbye, or was not heard of for a while: each process calls its Roll again and
// again, so that a lost letter mends itself and a killed process's people go.
type Presence struct {
	// Online and Offline are people who came or left since the last letter.
	Online  []int64 `json:"on,omitempty"`
	Offline []int64 `json:"off,omitempty"`
	// Roll is a part of the list of all people online in the process.
	Roll *Roll `json:"roll,omitempty"`
	// Ask wants everybody to call the roll: the sender knows nothing, or may have missed something.
	Ask bool `json:"ask,omitempty"`
	// Goodbye is the last letter of a process: it has no people any more.
	Goodbye bool `json:"bye,omitempty"`
}

// Roll is one part of Parts, counted from 0, of a process's list of people. Parts belong together that have the same Number,
// which rises from one list to the next.
type Roll struct {
	Number int64   `json:"n"`
	Part   int     `json:"i"`
	Parts  int     `json:"of"`
	Users  []int64 `json:"u,omitempty"`
}

// RollPart is how many people one part of a roll, or the lists of a presence together, may have, so that it fits on every bus.
const RollPart = 300

// Typing tells that somebody is writing in a room.
type Typing struct {
	Room uuid.UUID `json:"r"`
	User int64     `json:"u"`
}

// Stats count what went over a bus since it began.
type Stats struct {
	Published int64 // letters handed to the bus
	Dropped   int64 // of those, letters that did not go out
	Received  int64 // letters of other processes
	Missed    int64 // how often letters of others may have been lost
}

// counters are Stats under way.
type counters struct {
	published, dropped, received, missed atomic.Int64
}

func (c *counters) Stats() Stats {
	return Stats{
		Published: c.published.Load(), Dropped: c.dropped.Load(), Received: c.received.Load(), Missed: c.missed.Load(),
	}
}

// receiver is who letters go to.
type receiver struct {
	counters
	process string
	receive func(Letter)
	missed  func()
}

// take hands on the letters of a text, unless they are this process's own.
func (r *receiver) take(text []byte) error {
	if bytes.HasPrefix(text, []byte(opening(r.process))) {
		return nil
	}
	letters, err := decode(text)
	if err != nil {
		return err
	}
	for _, l := range letters {
		if l.Lost {
			r.lost()
			continue
		}
		r.counters.received.Add(1)
		r.receive(l)
	}
	return nil
}

// lost tells that letters may have been lost.
func (r *receiver) lost() {
	r.counters.missed.Add(1)
	r.missed()
}

// split takes apart what concerns a room and what concerns people, for buses that deliver rooms to those alone who follow them.
// room is zero for what concerns people.
func split(l Letter, each func(room uuid.UUID, l Letter)) {
	switch {
	case l.Typing != nil:
		each(l.Typing.Room, l)
	case l.Notice != nil:
		n := *l.Notice
		people := db.Notice{Users: n.Users, Ended: n.Ended}
		n.Users, n.Ended = nil, nil
		if n.Room != uuid.Nil {
			each(n.Room, Letter{Notice: &n, Published: l.Published})
		}
		if len(people.Users)+len(people.Ended) > 0 {
			each(uuid.Nil, Letter{Notice: &people, Published: l.Published})
		}
	default:
		each(uuid.Nil, l)
	}
}
