package live

import (
	"fmt"
	"testing"
)

func TestUser_LetsFewStreamsOfASessionLast(t *testing.T) {
	u := &user{}
	for i := range scarceBound {
		if !u.takeLocked("one") {
			t.Fatalf("stream %d of a session is brief, want %d that last", i+1, scarceBound)
		}
	}
	if u.takeLocked("one") {
		t.Errorf("more than %d streams of a session last", scarceBound)
	}
	if !u.takeLocked("other") {
		t.Error("another session has no stream that lasts")
	}
	u.releaseLocked("one")
	if !u.takeLocked("one") {
		t.Error("a stream that ended left no room for the next")
	}
	for range scarceBound {
		u.releaseLocked("one")
	}
	u.releaseLocked("other")
	if len(u.lasting) > 0 {
		t.Errorf("nothing lasts, and %s is kept", fmt.Sprint(u.lasting))
	}
}
