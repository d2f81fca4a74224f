package live

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// churnLog notes the calls of Options.OnChurn.
type churnLog struct {
	mu    sync.Mutex
	calls []bool
}

func (l *churnLog) note(busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, busy)
}

func (l *churnLog) wants(t *testing.T, what string, calls ...bool) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.calls, calls) {
		t.Errorf("%s: OnChurn was called with %v, want %v", what, l.calls, calls)
	}
}

// openAndLeave makes streams come and go.
func (f *fixture) openAndLeave(streams int) {
	for range streams {
		st := f.open(reads(1, uuid.Nil, FromNow).as(Text))
		synctest.Wait()
		st.cancel()
		<-st.done
	}
}

func TestChurn_IsReportedWhenItBeginsAndIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log churnLog
		f := newFixture(t, func(o *Options) { o.OnChurn = log.note })
		f.openAndLeave(churnStreams/2 - 1)
		time.Sleep(time.Minute)
		log.wants(t, "a few streams")
		f.openAndLeave(1)
		log.wants(t, "many", true)
		for range 10 {
			f.openAndLeave(1)
			time.Sleep(churnQuiet - 1)
		}
		log.wants(t, "more and more", true)
		time.Sleep(2 * churnQuiet)
		log.wants(t, "quiet again", true, false)
		f.openAndLeave(churnStreams / 2)
		log.wants(t, "once more", true, false, true)
		f.hub.Close()
		log.wants(t, "the hub is closed", true, false, true, false)
	})
}
