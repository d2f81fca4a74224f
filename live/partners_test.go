package live

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

func (plainPresenter) Partners(_ Audience, rooms []uuid.UUID) Event {
	return Event{Name: "partners", Data: fmt.Append(nil, rooms)}
}

// partners returns the data of the events in a stream that tell who is online, since the last call.
func (st *stream) partners() (data []string) {
	for _, e := range parse(st.next() + "\n\n") {
		if e.name == "partners" {
			data = append(data, e.data)
		}
	}
	return data
}

// wantsPartners lets time pass, and compares what a stream was told last, and how often at most.
func (st *stream) wantsPartners(what, want string) {
	st.t.Helper()
	time.Sleep(20 * time.Second)
	synctest.Wait()
	if told := st.partners(); len(told) == 0 || len(told) > 2 || told[len(told)-1] != want {
		st.t.Errorf("%s: told %q, want %q", what, told, want)
	}
}

func TestPartners_AreToldToPages(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		direct := f.store.directRoom("direct", 1, 2)
		yard := f.store.room("yard", 1, 2, 3)
		here := "[" + direct.String() + "]"

		page := f.open(reads(1, uuid.Nil, 0).as(HTML))
		page.wantsPartners("nobody is there", `[]`)
		program, stranger := f.open(reads(1, uuid.Nil, 0)), f.open(reads(3, yard, FromNow).as(HTML))
		other := f.open(reads(2, yard, FromNow).as(HTML))
		page.wantsPartners("the other came", here)
		other.wantsPartners("it sees who was there", here)
		again := f.open(reads(2, direct, FromNow).as(HTML))
		f.open(reads(1, yard, FromNow).as(HTML)).wantsPartners("another page", here)
		again.cancel()
		other.cancel()
		page.wantsPartners("the other left", `[]`)
		if told := append(program.partners(), stranger.partners()...); len(told) > 0 {
			t.Errorf("a program and a stranger were told %q", told)
		}
	})
}

// A list that is sent anew comes with who is online in rooms that are new in it.
func TestPartners_OfANewDirectRoom(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		page := f.open(reads(1, uuid.Nil, 0).as(HTML))
		other := f.open(reads(2, uuid.Nil, 0).as(HTML))
		time.Sleep(5 * time.Second)
		if told := append(page.partners(), other.partners()...); len(told) > 0 {
			t.Errorf("told %q without a direct room", told)
		}
		direct := f.store.directRoom("direct", 1, 2)
		f.hub.Notify(db.Notice{Users: []int64{1, 2}})
		page.wantsPartners("the new room", "["+direct.String()+"]")
	})
}
