package bus

import (
	"testing"
	"testing/synctest"
)

func TestOutbox_AnnouncesALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counters
		broken, announced, sent := true, 0, 0
		o := newOutbox(&c, func(messages []Message) int {
			if broken {
				return len(messages)
			}
			for _, m := range messages {
				if m.Lost {
					announced++
				} else {
					sent++
				}
			}
			return 0
		})
		o.publish(make([]Message, 3))
		synctest.Wait()
		o.announceLoss()
		synctest.Wait()
		broken = false
		o.publish(make([]Message, 2))
		synctest.Wait()
		if announced != 1 || sent != 2 || c.Stats().Dropped != 4 {
			t.Errorf("%d losses announced, %d messages sent, %d dropped", announced, sent, c.Stats().Dropped)
		}
		o.announceLoss() // no loss is pending any more
		synctest.Wait()
		if announced != 1 {
			t.Errorf("%d losses announced", announced)
		}
	})
}

func TestOutbox_DropsWhatFindsItFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counters
		jam := make(chan struct{})
		o := newOutbox(&c, func([]Message) int { <-jam; return 0 })
		o.publish(make([]Message, 1))
		synctest.Wait() // it is being sent
		o.publish(make([]Message, queueBound))
		o.publish(make([]Message, 7))
		if got := c.Stats().Dropped; got != 7 {
			t.Errorf("%d dropped, want 7", got)
		}
		close(jam)
		o.queue.close()
	})
}
