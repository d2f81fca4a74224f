package live

import (
	"fmt"
	"testing"
	"time"

	"sarangbang/db"
)

// marksPresenter renders how far the members have read as "1:5 2:3".
type marksPresenter struct{ plainPresenter }

func (marksPresenter) Marks(_ Audience, marks []db.MemberMark) Event {
	text := ""
	for _, m := range marks {
		text += fmt.Sprintf("%d:%d ", m.UserID, m.Position)
	}
	return Event{Name: EventReads, Data: []byte(text)}
}

func TestMarks_AreToldOnceForManyMoves(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.hub.presenter = marksPresenter{}
		room := f.store.room("a", 1, 2, 3)
		f.store.mark(room, 1, 4)
		st := f.open(reads(1, room, FromNow))
		time.Sleep(time.Second)
		st.wantsTold("at the beginning", EventReads, "1:4 ")

		calls := f.store.count("MemberMarks")
		for position := range int64(50) {
			f.hub.Notify(f.store.mark(room, 2, position+1))
		}
		time.Sleep(2 * marksPace)
		if n := f.store.count("MemberMarks") - calls; n < 1 || n > 2 {
			t.Errorf("fifty moves at once are read %d times", n)
		}
		told := st.told(EventReads)
		if len(told) == 0 || len(told) > 2 || told[len(told)-1] != "1:4 2:50 " {
			t.Errorf("fifty moves are told as %q", told)
		}
		f.hub.Notify(db.Notice{Read: &db.ReadMark{UserID: 2, Room: room}})
		time.Sleep(2 * marksPace)
		st.wantsTold("what has not changed", EventReads)

		later := f.open(reads(3, room, FromNow))
		time.Sleep(time.Second)
		later.wantsTold("to somebody who comes later", EventReads, "1:4 2:50 ")

		f.store.fail(errStore)
		f.hub.Notify(f.store.mark(room, 3, 50))
		time.Sleep(2 * marksPace)
		f.store.fail(nil)
		time.Sleep(2 * lastRetry)
		st.wantsTold("after the store has failed", EventReads, "1:4 2:50 3:50 ")
	})
}
