package live

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sarangbang/live/bus"
)

// sheet is a roster whose changes are written down.
type sheet struct {
	t *testing.T
	roster
	now     time.Time
	changed []int64
}

func newSheet(t *testing.T) *sheet {
	return &sheet{t: t, roster: newRoster(), now: time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC)}
}

func (s *sheet) note(user int64) { s.changed = append(s.changed, user) }

func (s *sheet) hears(from string, p bus.Presence) { s.hear(from, &p, s.now, s.note) }

func (s *sheet) wants(what string, online []int64, changed ...int64) {
	s.t.Helper()
	if got := slices.Sorted(maps.Keys(s.online)); !slices.Equal(got, online) {
		s.t.Errorf("%s: %v are online, want %v", what, got, online)
	}
	slices.Sort(s.changed)
	if !slices.Equal(s.changed, changed) {
		s.t.Errorf("%s: told of %v, want %v", what, s.changed, changed)
	}
	s.changed = nil
}

func TestSomebodyIsOnlineAsLongAsAnyProcessSaysSo(t *testing.T) {
	s := newSheet(t)
	s.hears("a", bus.Presence{Online: []int64{1, 2}})
	s.hears("b", bus.Presence{Online: []int64{1}})
	s.hears("a", bus.Presence{Online: []int64{1}}) // doubled
	s.wants("two processes", []int64{1, 2}, 1, 2)
	s.hears("a", bus.Presence{Offline: []int64{1, 2}})
	s.wants("gone from one", []int64{1}, 2)
	s.hears("b", bus.Presence{Offline: []int64{1, 9}})
	s.wants("gone from both", nil, 1)
}

func TestTheRollMendsWhatWasLost(t *testing.T) {
	s := newSheet(t)
	part := func(number int64, part int, users ...int64) {
		s.hears("a", bus.Presence{Roll: &bus.Roll{Number: number, Part: part, Parts: 2, Users: users}})
	}
	s.hears("a", bus.Presence{Online: []int64{1, 2, 3}})
	s.wants("at first", []int64{1, 2, 3}, 1, 2, 3)
	part(1, 0, 1)
	part(1, 0, 1) // doubled
	s.wants("half a roll", []int64{1, 2, 3})
	s.hears("a", bus.Presence{Online: []int64{5}, Offline: []int64{3}})
	s.wants("news between", []int64{1, 2, 5}, 3, 5)
	part(1, 1, 4)
	s.wants("a whole roll", []int64{1, 4, 5}, 2, 4)
	part(2, 0, 1)
	part(3, 1, 4, 5)
	s.wants("two halves of different ones", []int64{1, 4, 5})
	part(3, 0)
	s.wants("the other half", []int64{4, 5}, 1)
}

func TestAProcessThatIsSilentIsForgotten(t *testing.T) {
	s := newSheet(t)
	s.hears("a", bus.Presence{Online: []int64{1, 2}})
	s.hears("b", bus.Presence{Online: []int64{2}})
	s.wants("at first", []int64{1, 2}, 1, 2)
	for range 4 {
		s.now = s.now.Add(rollCall)
		s.hears("b", bus.Presence{Roll: &bus.Roll{Number: s.now.Unix(), Parts: 1, Users: []int64{2}}})
		s.sweep(s.now.Add(-silentCalls*rollCall), s.note)
	}
	s.wants("one was silent", []int64{2}, 1)
	s.hears("b", bus.Presence{Goodbye: true})
	s.wants("the other said goodbye", nil, 2)
	if len(s.others) > 0 {
		t.Errorf("left behind: %v", s.others)
	}
}

func TestTheRollOfManyComesInParts(t *testing.T) {
	s, there := newSheet(t), newSheet(t)
	var all []int64
	for id := range int64(2*bus.RollPart + 1) {
		s.arrive(id + 1)
		all = append(all, id+1)
	}
	if letters := s.tidings(); len(letters) != 3 || len(s.tidings()) != 0 {
		t.Errorf("%d letters tell of the news, want 3, and none again", len(letters))
	}
	letters := s.call(1)
	if len(letters) != 3 {
		t.Errorf("%d letters, want 3", len(letters))
	}
	for _, l := range letters {
		there.hears("a", *l.Presence)
	}
	there.wants("the whole roll", all, all...)
	there.hears("a", *newSheet(t).call(2)[0].Presence)
	there.wants("the roll of nobody", nil, all...)
}
