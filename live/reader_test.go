package live

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

// TestReader_SendsItsHeadFirst pushes what others have for a reader before its own handshake does.
func TestReader_SendsItsHeadFirst(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		st := &stream{random: rand.New(rand.NewPCG(1, 1)), done: make(chan struct{})}
		ctx, leave := context.WithCancel(context.Background())
		s := reads(1, f.store.room("a", 1), FromNow)
		r := newReader(f.hub, s, leave)
		if err := f.hub.attach(r, s); err != nil {
			t.Fatal(err)
		}
		r.start(&fakeSocket{st, r, ctx})
		r.push([]byte("data: a list of rooms\n\n"))
		r.push([]byte("data: its own\n\n"))
		r.awaitDrained()
		if got := st.written.String(); !strings.HasPrefix(got, fakeSocketHead+"data: a list") {
			t.Errorf("the stream begins with %q", got)
		}
		leave()
		<-st.done
	})
}

// TestReader_IsSmall bounds what each of a million streams costs. An allocation of 288 bytes is the
// next size class of Go's allocator; one byte more takes 320.
func TestReader_IsSmall(t *testing.T) {
	if got := unsafe.Sizeof(reader{}); got > 288 {
		t.Errorf("a reader takes %d bytes, want 288 at most", got)
	}
}
