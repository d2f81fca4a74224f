package live

import (
	"testing"
	"time"
)

func TestTyping_IsToldInEveryProcess(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2, 3)
		here, there := f.nodes[0].open(reads(1, a, 1)), f.nodes[1].open(reads(1, a, 1))
		time.Sleep(3 * time.Second)
		all := func(what string, want ...string) {
			t.Helper()
			for _, st := range []*stream{here, there} {
				st.wantsTold(what, EventTyping, want...)
			}
		}
		all("at first")
		f.nodes[0].hub.Typing(a, 2)
		all("one types", "1: 2")
		time.Sleep(3 * time.Second)
		f.nodes[1].hub.Typing(a, 2)
		all("goes on")
		time.Sleep(5 * time.Second)
		f.nodes[1].hub.Typing(a, 3)
		time.Sleep(aRound)
		got := here.told(EventTyping)
		if len(got) == 0 || got[len(got)-1] != "1: 3" && got[len(got)-1] != "2: 2 3" {
			t.Errorf("another types: %q", got)
		}
		f.nodes[0].post(a, 3, "what I wrote")
		time.Sleep(6*time.Second + aRound)
		if got := here.told(EventTyping); len(got) == 0 || got[len(got)-1] != "0:" {
			t.Errorf("said, or given up: %q", got)
		}
		f.nodes[1].open(reads(2, a, 2)).wantsTold("who comes then", EventTyping)
	})
}

func TestTyping_EndsWithTheMessage(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		reader := f.nodes[0].open(reads(1, a, 1))
		time.Sleep(3 * time.Second)
		reader.next()
		f.nodes[1].hub.Typing(a, 2)
		time.Sleep(aRound)
		reader.wantsTold("types", EventTyping, "1: 2")
		f.nodes[1].post(a, 2, "what I wrote")
		time.Sleep(aRound)
		reader.wantsTold("said", EventTyping, "0:")
	})
}
