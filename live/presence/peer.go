package presence

import (
	"time"

	"sarangbang/live/bus"
)

// peer is another process, and the users who are online there as far as it has told.
type peer struct {
	users map[int64]struct{}
	heard time.Time // when its last message came

	// A full state is received in parts, between which deltas may come. received is nil while none
	// is being received; else the users in the parts so far and in the deltas since the first of
	// them.
	number   int64
	parts    map[int]struct{}
	received map[int64]struct{}
}

// hear applies a message of a peer. A peer that is heard for the first time is entered; one that
// says goodbye is forgotten.
func (s *onlineSet) hear(from string, p *bus.Presence, now time.Time) {
	if p.Goodbye {
		s.forget(from)
		return
	}
	o := s.peers[from]
	if o == nil {
		o = &peer{users: map[int64]struct{}{}}
		s.peers[from] = o
	}
	o.heard = now
	for _, user := range p.Online {
		s.add(o, user)
	}
	for _, user := range p.Offline {
		delete(o.received, user)
		s.remove(o, user)
	}
	if p.FullState != nil {
		s.hearFullState(o, p.FullState)
	}
}

// hearFullState applies one part of a peer's full state. With the last part, whichever that is, the
// users who were in none of them are offline there. A part of another state drops those before.
func (s *onlineSet) hearFullState(o *peer, state *bus.FullState) {
	if o.received == nil || o.number != state.Number {
		o.number, o.received, o.parts = state.Number, map[int64]struct{}{}, map[int]struct{}{}
	}
	for _, user := range state.Users {
		s.add(o, user)
	}
	if o.parts[state.Part] = struct{}{}; len(o.parts) < state.Parts {
		return
	}
	for user := range o.users {
		if _, ok := o.received[user]; !ok {
			s.remove(o, user)
		}
	}
	o.received = nil
}

// add enters a user as online at a peer.
func (s *onlineSet) add(o *peer, user int64) {
	if o.received != nil {
		o.received[user] = struct{}{}
	}
	if _, ok := o.users[user]; ok {
		return
	}
	o.users[user] = struct{}{}
	s.count(user, 1)
}

// remove enters a user as offline at a peer.
func (s *onlineSet) remove(o *peer, user int64) {
	if _, ok := o.users[user]; !ok {
		return
	}
	delete(o.users, user)
	s.count(user, -1)
}

// forget drops a peer; its users are offline there.
func (s *onlineSet) forget(name string) {
	if o := s.peers[name]; o != nil {
		for user := range o.users {
			s.remove(o, user)
		}
		delete(s.peers, name)
	}
}

// forgetSilent drops the peers that were last heard at or before a time. It reports whether there
// were any.
func (s *onlineSet) forgetSilent(before time.Time) (any bool) {
	for name, o := range s.peers {
		if !o.heard.After(before) {
			s.forget(name)
			any = true
		}
	}
	return any
}
