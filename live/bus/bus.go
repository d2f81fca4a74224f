// Package bus carries messages between the processes of one service: over PostgreSQL's NOTIFY, over
// NATS, or between hubs of one program.
//
// A message may be lost, doubled or late; its receivers are made for that. What one process
// publishes for a room arrives in the order of publishing. Publishing never waits for a slow
// process. Whoever can write to the database or to the NATS server can forge messages, and whoever
// can read there can read them.
package bus

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// Message is what one process tells the others. Exactly one of Notice, Presence, Typing and Lost is
// set. A published or received message belongs to nobody: what it points to is not changed any
// more.
type Message struct {
	Notice   *db.Notice `json:"n,omitempty"`
	Presence *Presence  `json:"on,omitempty"`
	Typing   *Typing    `json:"ty,omitempty"`
	// Lost says that earlier messages of this process were dropped. Its receivers do not see it:
	// their bus calls missed instead.
	Lost bool `json:"lost,omitempty"`

	// From is the random id of the sending process; set on received messages.
	From string `json:"-"`
	// Published is when Publish was called, by the sender's clock; set by Publish. Received, it is
	// that of the first message in the same packet, in microseconds.
	Published time.Time `json:"-"`
}

// Presence tells which users have a stream open in the sending process. A user whom a process has
// reported online stays so until that process reports otherwise, says goodbye, or has been silent
// for too long. Each process sends its FullState again and again, which repairs lost messages.
type Presence struct {
	// Online and Offline are the ids of users who came or left since the last message.
	Online  []int64 `json:"on,omitempty"`
	Offline []int64 `json:"off,omitempty"`
	// FullState is a part of the list of everybody online in the process.
	FullState *FullState `json:"roll,omitempty"`
	// Ask requests the full state of every process: the sender is new, or may have missed
	// something.
	Ask bool `json:"ask,omitempty"`
	// Goodbye is the last message of a process: nobody is online there any more.
	Goodbye bool `json:"bye,omitempty"`
}

// FullState is one part of the list of all users who are online in a process. The list is complete
// when all Parts of the same Number have arrived.
type FullState struct {
	Number int64   `json:"n"`  // rises from list to list
	Part   int     `json:"i"`  // 0 to Parts-1
	Parts  int     `json:"of"` // at least 1
	Users  []int64 `json:"u,omitempty"`
}

// MaxUsers is how many user ids one Presence may carry, so that it fits into a packet of every bus:
// 300 ids of at most 20 bytes each are less than NOTIFY's 8,000 bytes.
const MaxUsers = 300

// Typing tells that a user is typing in a room.
type Typing struct {
	Room uuid.UUID `json:"r"`
	User int64     `json:"u"`
}

// Stats count the messages of a bus since it was made.
type Stats struct {
	Published int64 // given to Publish
	Dropped   int64 // of those, not sent: a queue was full, the server gone, the message too big
	Received  int64 // from other processes
	Missed    int64 // how often messages of others may have been lost
}

// counters are the Stats of a bus in use.
type counters struct {
	published, dropped, received, missed atomic.Int64
}

// Stats returns the counts up to now.
func (c *counters) Stats() Stats {
	return Stats{
		Published: c.published.Load(), Dropped: c.dropped.Load(),
		Received: c.received.Load(), Missed: c.missed.Load(),
	}
}

// receiver is the receiving half of every bus: it decodes packets, counts, and calls what Open was
// given.
type receiver struct {
	counters
	process   string // this process's id
	onMessage func(Message)
	onMissed  func()
}

// accept passes the messages of a packet on, in order. Packets of this process are skipped. It is
// called by one goroutine at a time; an error means that nothing of the packet was understood.
func (r *receiver) accept(packet []byte) error {
	if bytes.HasPrefix(packet, []byte(packetStart(r.process))) {
		return nil
	}
	messages, err := decode(packet)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Lost {
			r.reportMissed()
			continue
		}
		r.counters.received.Add(1)
		r.onMessage(m)
	}
	return nil
}

// reportMissed tells the hub that messages may have been lost.
func (r *receiver) reportMissed() {
	r.counters.missed.Add(1)
	r.onMissed()
}

// split calls each up to three times: with what concerns a room, with a read mark in a room, and,
// with the zero room, with what concerns users wherever they are. Buses that address rooms
// separately need it.
func split(m Message, each func(room uuid.UUID, m Message)) {
	switch {
	case m.Typing != nil:
		each(m.Typing.Room, m)
	case m.Notice != nil:
		inRoom := *m.Notice
		ofUsers := db.Notice{Users: inRoom.Users, Ended: inRoom.Ended}
		mark := db.Notice{Read: inRoom.Read}
		inRoom.Users, inRoom.Ended, inRoom.Read = nil, nil, nil
		if inRoom.Room != uuid.Nil {
			each(inRoom.Room, Message{Notice: &inRoom, Published: m.Published})
		}
		if mark.Read != nil {
			each(mark.Read.Room, Message{Notice: &mark, Published: m.Published})
		}
		if len(ofUsers.Users)+len(ofUsers.Ended) > 0 {
			each(uuid.Nil, Message{Notice: &ofUsers, Published: m.Published})
		}
	default:
		each(uuid.Nil, m)
	}
}
