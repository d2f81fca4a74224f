package presence

import (
	"maps"
	"slices"
	"time"

	"sarangbang/live/bus"
)

// onlineSet is the set of users who are online, by process. It has no lock: Tracker.mu guards it.
type onlineSet struct {
	local   map[int64]struct{}  // users who are online in this process
	leaving map[int64]time.Time // those of local without a stream, and when they count as offline
	peers   map[string]*peer    // the other processes, by name
	counts  map[int64]int       // in how many processes a user is online; never 0
	// delta holds the local users who came (true) or left (false) since the last call of deltas.
	delta map[int64]bool
	// changed holds the users who came or left in all processes together since it was last cleared.
	changed map[int64]struct{}
	// left holds the users who went offline in this process since it was last taken.
	left []int64
}

func newOnlineSet() onlineSet {
	return onlineSet{
		local:   map[int64]struct{}{},
		leaving: map[int64]time.Time{},
		peers:   map[string]*peer{},
		counts:  map[int64]int{},
		delta:   map[int64]bool{},
		changed: map[int64]struct{}{},
	}
}

// online reports whether a user is online in any process.
func (s *onlineSet) online(user int64) bool { return s.counts[user] > 0 }

// count adds n to the number of processes in which a user is online, and notes in changed when the
// user comes online by that, or goes offline.
func (s *onlineSet) count(user int64, n int) {
	before := s.counts[user]
	after := before + n
	if s.counts[user] = after; after == 0 {
		delete(s.counts, user)
	}
	if before == 0 || after == 0 {
		s.changed[user] = struct{}{}
	}
}

// join enters a user whose first stream in this process opens.
func (s *onlineSet) join(user int64) {
	delete(s.leaving, user)
	if _, ok := s.local[user]; ok {
		return
	}
	s.local[user] = struct{}{}
	s.delta[user] = true
	s.count(user, 1)
}

// leave notes that a user's last stream in this process ended. The user stays online until expire
// is called at or after the deadline, unless join is called before.
func (s *onlineSet) leave(user int64, deadline time.Time) { s.leaving[user] = deadline }

// expire removes the leaving users whose deadline has passed. It reports whether any are still
// leaving.
func (s *onlineSet) expire(now time.Time) (waiting bool) {
	for user, deadline := range s.leaving {
		if now.Before(deadline) {
			waiting = true
			continue
		}
		delete(s.leaving, user)
		delete(s.local, user)
		s.delta[user] = false
		s.left = append(s.left, user)
		s.count(user, -1)
	}
	return waiting
}

// deltas returns the messages that tell the peers who came and left in this process since the last
// call; none when nobody did.
func (s *onlineSet) deltas() (messages []bus.Message) {
	for users := range slices.Chunk(slices.Sorted(maps.Keys(s.delta)), bus.MaxUsers) {
		p := &bus.Presence{}
		for _, user := range users {
			if s.delta[user] {
				p.Online = append(p.Online, user)
			} else {
				p.Offline = append(p.Offline, user)
			}
		}
		messages = append(messages, bus.Message{Presence: p})
	}
	clear(s.delta)
	return messages
}

// fullState returns the messages that tell the peers all users who are online in this process: one
// at least. The number tells the parts of one state from those of another; it must rise.
func (s *onlineSet) fullState(number int64) (messages []bus.Message) {
	parts := slices.Collect(slices.Chunk(slices.Sorted(maps.Keys(s.local)), bus.MaxUsers))
	if len(parts) == 0 {
		parts = [][]int64{nil}
	}
	for i, users := range parts {
		state := &bus.FullState{Number: number, Part: i, Parts: len(parts), Users: users}
		messages = append(messages, bus.Message{Presence: &bus.Presence{FullState: state}})
	}
	return messages
}
