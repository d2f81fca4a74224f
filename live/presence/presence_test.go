package presence

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

func TestTracker_ShowsMembersWhoAreOnline(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		r := f.room(1, 2, 3)
		f.Join(1)
		f.Join(9) // no member
		f.Watch(r)
		pass(aRound)
		r.wants(t, "at first", []int64{1}, nil)
		f.Join(2)
		f.Receive(bus.Message{From: "a", Presence: &bus.Presence{Online: []int64{3}}})
		pass(aRound)
		r.wants(t, "one came here, one elsewhere", []int64{1, 2, 3}, nil)
		f.Leave(2)
		pass(aRound)
		if !f.IsOnline(2) {
			t.Error("somebody who loads a page again goes offline")
		}
		pass(AnnounceEvery)
		r.wants(t, "one left", []int64{1, 3}, nil)
	})
}

func TestTracker_ShowsTypingUntilTheMessage(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		r := f.room(1, 2)
		f.Watch(r)
		f.Typing(r.id, 1)
		f.Receive(bus.Message{From: "a", Typing: &bus.Typing{Room: r.id, User: 2}})
		pass(aRound)
		r.wants(t, "two are typing", nil, []int64{1, 2})
		f.Changed(db.Notice{Room: r.id, Message: &db.Message{AuthorID: 1}})
		pass(aRound)
		r.wants(t, "one has posted", nil, []int64{2})
		pass(typingFor)
		r.wants(t, "the other gave up", nil, nil)
	})
}

func TestTracker_ReadsMembersAnewWhenTheyChange(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		r := f.room(1)
		f.Join(1)
		f.Join(2)
		f.Watch(r)
		pass(aRound)
		r.wants(t, "before", []int64{1}, nil)
		f.members[r.id] = []int64{1, 2}
		f.Changed(db.Notice{Room: r.id})
		pass(aRound)
		r.wants(t, "after", []int64{1, 2}, nil)
	})
}

func TestTracker_RepeatsARoundThatFailed(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		r := f.room(1)
		f.fail(errors.New("the disk is on fire"))
		f.Join(1)
		f.Watch(r)
		pass(3 * aRound)
		if shown := r.all(); len(shown) > 0 {
			t.Errorf("shown: %v", shown)
		}
		f.fail(nil)
		pass(2 * aRound)
		r.wants(t, "once the store works", []int64{1}, nil)
	})
}

func TestTracker_PublishesOnlyToPeers(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.Join(1)
		f.Typing(uuid.New(), 1)
		pass(aRound)
		if len(f.published) > 0 || f.HasPeers() {
			t.Errorf("published without peers: %v", f.published)
		}
		f.Receive(bus.Message{From: "a", Presence: &bus.Presence{Ask: true}})
		if f.wanted != 1 || !f.HasPeers() {
			t.Errorf("AnnounceSoon was called %d times, peers: %v", f.wanted, f.HasPeers())
		}
		if announced, died := f.Announce(); !announced || died || len(f.published) != 1 {
			t.Errorf("announced: %v, died: %v, published: %v", announced, died, f.published)
		}
		if announced, _ := f.Announce(); announced {
			t.Error("announced again at once")
		}
		f.Join(2)
		pass(aRound)
		if len(f.published) != 2 || !slices.Equal(f.published[1].Presence.Online, []int64{2}) {
			t.Errorf("published: %v", f.published)
		}
		pass(missedLimit * AnnounceEvery)
		if announced, died := f.Announce(); !announced || !died || f.HasPeers() {
			t.Errorf("announced: %v, died: %v, peers: %v", announced, died, f.HasPeers())
		}
	})
}

func TestTracker_LeavesNothingBehind(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		for range 3 {
			r := f.room(1, 2)
			f.Join(1)
			f.Receive(bus.Message{From: "a", Presence: &bus.Presence{Online: []int64{2}}})
			f.Watch(r)
			pass(aRound)
			f.Typing(r.id, 1)
			f.Leave(1)
			f.Receive(bus.Message{From: "a", Presence: &bus.Presence{Goodbye: true}})
			r.closed = true
			f.Forget(r)
			pass(AnnounceEvery)
		}
		late := f.room(1)
		late.closed = true
		f.Watch(late) // what the end of a handshake does, after its reader has left
		o := f.online
		if left := len(f.rooms) + len(f.busy) + len(o.local) + len(o.leaving) + len(o.peers) + len(o.counts) + len(o.delta) + len(o.changed); left > 0 ||
			f.working || f.typing.Load() != 0 {
			t.Errorf("left behind: %d rooms, %+v, working: %v, %d typing", len(f.rooms), o, f.working, f.typing.Load())
		}
	})
}

func TestTracker_StoresWhenSomebodyWentOffline(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		r := f.room(1, 2)
		f.Watch(r)
		f.Join(1)
		f.Join(2)
		time.Sleep(time.Minute)
		f.Leave(1) // and back at once, by another page
		f.Join(1)
		f.Leave(2)
		left := time.Now()
		pass(time.Minute)
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.seen) != 1 || f.seen[0].user != 2 || f.seen[0].at.Sub(left).Abs() > 2*time.Second {
			t.Errorf("seen %v, want user 2 at %v", f.seen, left)
		}
		shown := r.all()
		if got := shown[len(shown)-1].Online; got.Members != 2 || got.Count != 1 {
			t.Errorf("shown %+v, want 1 of 2 members", got)
		}
	})
}
