package bus

import (
	"testing"
	"testing/synctest"
)

func TestLettersThatDidNotGoOutAreApologizedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counters
		broken, apologies, sent := true, 0, 0
		o := newOutbox(&c, func(letters []Letter) int {
			if broken {
				return len(letters)
			}
			for _, l := range letters {
				if l.Lost {
					apologies++
				} else {
					sent++
				}
			}
			return 0
		})
		o.publish(make([]Letter, 3))
		synctest.Wait()
		o.apologize()
		synctest.Wait()
		broken = false
		o.publish(make([]Letter, 2))
		synctest.Wait()
		if apologies != 1 || sent != 2 || c.Stats().Dropped != 4 {
			t.Errorf("%d apologies, %d letters sent, %d dropped", apologies, sent, c.Stats().Dropped)
		}
		o.apologize() // nothing is owed any more
		synctest.Wait()
		if apologies != 1 {
			t.Errorf("%d apologies", apologies)
		}
	})
}

func TestAFullQueueRefusesAndWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counters
		jam := make(chan struct{})
		o := newOutbox(&c, func([]Letter) int { <-jam; return 0 })
		o.publish(make([]Letter, 1))
		synctest.Wait() // it is being sent
		o.publish(make([]Letter, queueBound))
		o.publish(make([]Letter, 7))
		if got := c.Stats().Dropped; got != 7 {
			t.Errorf("%d dropped, want 7", got)
		}
		close(jam)
		o.letters.close()
	})
}
