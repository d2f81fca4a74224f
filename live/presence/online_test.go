package presence

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sarangbang/live/bus"
)

// onlineFixture is an onlineSet with a clock.
type onlineFixture struct {
	t *testing.T
	onlineSet
	now time.Time
}

func newOnlineFixture(t *testing.T) *onlineFixture {
	return &onlineFixture{t: t, onlineSet: newOnlineSet(), now: time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC)}
}

func (f *onlineFixture) hears(from string, p bus.Presence) { f.hear(from, &p, f.now) }

// wants compares who is online, and who has changed since the last time.
func (f *onlineFixture) wants(what string, online []int64, changed ...int64) {
	f.t.Helper()
	if got := slices.Sorted(maps.Keys(f.counts)); !slices.Equal(got, online) {
		f.t.Errorf("%s: %v are online, want %v", what, got, online)
	}
	if got := slices.Sorted(maps.Keys(f.changed)); !slices.Equal(got, changed) {
		f.t.Errorf("%s: told of %v, want %v", what, got, changed)
	}
	clear(f.changed)
}

func TestOnline_AsLongAsAnyProcessSaysSo(t *testing.T) {
	f := newOnlineFixture(t)
	f.hears("a", bus.Presence{Online: []int64{1, 2}})
	f.hears("b", bus.Presence{Online: []int64{1}})
	f.hears("a", bus.Presence{Online: []int64{1}}) // doubled
	f.wants("two processes", []int64{1, 2}, 1, 2)
	f.hears("a", bus.Presence{Offline: []int64{1, 2}})
	f.wants("gone from one", []int64{1}, 2)
	f.hears("b", bus.Presence{Offline: []int64{1, 9}})
	f.wants("gone from both", nil, 1)
}

func TestFullState_RepairsWhatWasLost(t *testing.T) {
	f := newOnlineFixture(t)
	part := func(number int64, part int, users ...int64) {
		f.hears("a", bus.Presence{FullState: &bus.FullState{Number: number, Part: part, Parts: 2, Users: users}})
	}
	f.hears("a", bus.Presence{Online: []int64{1, 2, 3}})
	f.wants("at first", []int64{1, 2, 3}, 1, 2, 3)
	part(1, 0, 1)
	part(1, 0, 1) // doubled
	f.wants("half a state", []int64{1, 2, 3})
	f.hears("a", bus.Presence{Online: []int64{5}, Offline: []int64{3}})
	f.wants("a delta between", []int64{1, 2, 5}, 3, 5)
	part(1, 1, 4)
	f.wants("a whole state", []int64{1, 4, 5}, 2, 4)
	part(2, 0, 1)
	part(3, 1, 4, 5)
	f.wants("two halves of different ones", []int64{1, 4, 5})
	part(3, 0)
	f.wants("the other half", []int64{4, 5}, 1)
}

func TestPeer_IsForgottenWhenSilent(t *testing.T) {
	f := newOnlineFixture(t)
	f.hears("a", bus.Presence{Online: []int64{1, 2}})
	f.hears("b", bus.Presence{Online: []int64{2}})
	f.wants("at first", []int64{1, 2}, 1, 2)
	for range 4 {
		f.now = f.now.Add(AnnounceEvery)
		f.hears("b", bus.Presence{FullState: &bus.FullState{Number: f.now.Unix(), Parts: 1, Users: []int64{2}}})
		f.forgetSilent(f.now.Add(-missedLimit * AnnounceEvery))
	}
	f.wants("one was silent", []int64{2}, 1)
	f.hears("b", bus.Presence{Goodbye: true})
	f.wants("the other said goodbye", nil, 2)
	if len(f.peers) > 0 {
		t.Errorf("left behind: %v", f.peers)
	}
}

func TestFullState_OfManyComesInParts(t *testing.T) {
	f, there := newOnlineFixture(t), newOnlineFixture(t)
	var all []int64
	for id := range int64(2*bus.MaxUsers + 1) {
		f.join(id + 1)
		all = append(all, id+1)
	}
	if deltas := f.deltas(); len(deltas) != 3 || len(f.deltas()) != 0 {
		t.Errorf("%d messages tell the delta, want 3, and none again", len(deltas))
	}
	state := f.fullState(1)
	if len(state) != 3 {
		t.Errorf("%d messages, want 3", len(state))
	}
	for _, m := range state {
		there.hears("a", *m.Presence)
	}
	there.wants("the whole state", all, all...)
	there.hears("a", *newOnlineFixture(t).fullState(2)[0].Presence)
	there.wants("the state of nobody", nil, all...)
}
