package live

import (
	"maps"
	"slices"
	"time"

	"sarangbang/live/bus"
)

const (
	// rollCall is how often a process tells all that are online there; after silentCalls times without that it is believed to be dead.
	// Together with minding they keep the people of a killed process online for less than a minute.
	rollCall    = 15 * time.Second
	silentCalls = 3
	// A part of the time between two calls, one of lingers, is how long somebody whose last stream has ended stays online: pages are
	// reloaded, and networks change.
	lingers = 3
)

// roster is who is online, by process.
type roster struct {
	here    map[int64]struct{}  // who is online here
	leaving map[int64]time.Time // of those, who has no stream any more, and when that counts
	others  map[string]*absentees
	online  map[int64]int // in how many processes
	// news are changes here that the other processes have not been told of: who came, or left.
	news map[int64]bool
}

// absentees are the people of another process.
type absentees struct {
	users map[int64]struct{}
	heard time.Time
	// roll is the number of the list that is being received, called the people in it so far, and parts how much of it has come.
	roll   int64
	called map[int64]struct{}
	parts  map[int]struct{}
}

func newRoster() roster {
	return roster{
		here: map[int64]struct{}{}, leaving: map[int64]time.Time{}, others: map[string]*absentees{}, online: map[int64]int{}, news: map[int64]bool{},
	}
}

// count notes that somebody is online in one more or less process, and tells whether that makes a difference to others.
func (r *roster) count(user int64, by int) (changed bool) {
	before := r.online[user]
	if r.online[user] = before + by; before+by == 0 {
		delete(r.online, user)
	}
	return before == 0 || before+by == 0
}

// arrive is somebody's first stream here.
func (r *roster) arrive(user int64) (changed bool) {
	delete(r.leaving, user)
	if _, here := r.here[user]; here {
		return false
	}
	r.here[user] = struct{}{}
	r.news[user] = true
	return r.count(user, 1)
}

// depart is the end of somebody's last stream here, which counts from a time on.
func (r *roster) depart(user int64, from time.Time) { r.leaving[user] = from }

// settle lets those go whose time here is over. wait tells whether there are others who will.
func (r *roster) settle(now time.Time, changed func(int64)) (wait bool) {
	for user, until := range r.leaving {
		if now.Before(until) {
			wait = true
			continue
		}
		delete(r.leaving, user)
		delete(r.here, user)
		r.news[user] = false
		if r.count(user, -1) {
			changed(user)
		}
	}
	return wait
}

// tidings are the letters that tell of the news.
func (r *roster) tidings() (letters []bus.Letter) {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(r.news)), bus.RollPart) {
		p := &bus.Presence{}
		for _, user := range some {
			if r.news[user] {
				p.Online = append(p.Online, user)
			} else {
				p.Offline = append(p.Offline, user)
			}
		}
		letters = append(letters, bus.Letter{Presence: p})
	}
	clear(r.news)
	return letters
}

// call is the roll of all who are online here.
func (r *roster) call(number int64) (letters []bus.Letter) {
	parts := slices.Collect(slices.Chunk(slices.Sorted(maps.Keys(r.here)), bus.RollPart))
	if len(parts) == 0 {
		parts = [][]int64{nil}
	}
	for i, users := range parts {
		roll := &bus.Roll{Number: number, Part: i, Parts: len(parts), Users: users}
		letters = append(letters, bus.Letter{Presence: &bus.Presence{Roll: roll}})
	}
	return letters
}

// hear takes what another process tells of its people.
func (r *roster) hear(from string, p *bus.Presence, now time.Time, changed func(int64)) {
	if p.Goodbye {
		r.forget(from, changed)
		return
	}
	o := r.others[from]
	if o == nil {
		o = &absentees{users: map[int64]struct{}{}}
		r.others[from] = o
	}
	o.heard = now
	for _, user := range p.Online {
		r.enter(o, user, changed)
	}
	for _, user := range p.Offline {
		delete(o.called, user)
		r.leave(o, user, changed)
	}
	if p.Roll != nil {
		r.called(o, p.Roll, changed)
	}
}

// called takes a part of a roll. When all have come, who was not called is gone.
func (r *roster) called(o *absentees, roll *bus.Roll, changed func(int64)) {
	if o.called == nil || o.roll != roll.Number {
		o.roll, o.called, o.parts = roll.Number, map[int64]struct{}{}, map[int]struct{}{}
	}
	for _, user := range roll.Users {
		r.enter(o, user, changed)
	}
	if o.parts[roll.Part] = struct{}{}; len(o.parts) < roll.Parts {
		return
	}
	for user := range o.users {
		if _, ok := o.called[user]; !ok {
			r.leave(o, user, changed)
		}
	}
	o.called = nil
}

func (r *roster) enter(o *absentees, user int64, changed func(int64)) {
	if o.called != nil {
		o.called[user] = struct{}{}
	}
	if _, ok := o.users[user]; ok {
		return
	}
	o.users[user] = struct{}{}
	if r.count(user, 1) {
		changed(user)
	}
}

func (r *roster) leave(o *absentees, user int64, changed func(int64)) {
	if _, ok := o.users[user]; !ok {
		return
	}
	delete(o.users, user)
	if r.count(user, -1) {
		changed(user)
	}
}

// forget lets all people of a process go.
func (r *roster) forget(process string, changed func(int64)) {
	if o := r.others[process]; o != nil {
		for user := range o.users {
			r.leave(o, user, changed)
		}
		delete(r.others, process)
	}
}

// sweep forgets the processes that were last heard of before a time, and tells whether there were any.
func (r *roster) sweep(before time.Time, changed func(int64)) (any bool) {
	for process, o := range r.others {
		if !o.heard.After(before) {
			r.forget(process, changed)
			any = true
		}
	}
	return any
}
