package live

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/internal/testseed"
	"sarangbang/live/bus"
)

var seeds = flag.Int("seeds", 40, "how many random histories TestModel goes through; 5 with -short")

// TestModel lets writers, readers, cuts, restarts, stalls, failing reads and strange notices happen
// at random, in one process and in three between which messages are lost, doubled and late. It
// compares what each reader has at the end with the store. The seed is in the name of the case;
// -seed repeats it.
func TestModel(t *testing.T) {
	for _, processes := range []int{1, 3} {
		for _, seed := range modelSeeds(t) {
			t.Run(fmt.Sprint(processes, " processes, seed ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { newModel(t, seed, processes).run() })
			})
		}
	}
}

// modelSeeds returns the seed that -seed sets, or else the first ones, which are the same each
// time.
func modelSeeds(t *testing.T) (list []uint64) {
	if flag.Lookup("seed").Value.String() != "0" {
		return []uint64{testseed.New(t)}
	}
	n := *seeds
	if testing.Short() {
		n = min(n, 5)
	}
	for seed := range uint64(n) {
		list = append(list, seed+1)
	}
	return list
}

// model is a room with writers and readers in some processes, to which random operations happen.
type model struct {
	*cluster
	t         *testing.T
	random    *rand.Rand
	room      uuid.UUID
	followers []*follower
	late      sync.WaitGroup // notices on their way
}

// follower is a program or page that follows the room: it loads the state once, then applies what
// its streams say.
type follower struct {
	format Format
	user   int64
	shown  map[string]string
	cursor int64
	st     *stream
	last   int64 // the newest id of this stream
}

func newModel(t *testing.T, seed uint64, processes int) *model {
	m := &model{cluster: newCluster(t, processes), t: t, random: rand.New(rand.NewPCG(seed, 1))}
	m.exchange.InjectFault(badly(rand.New(rand.NewPCG(seed, 5))))
	m.store.after = slowly(rand.New(rand.NewPCG(seed, 3)))
	m.room = m.store.room("a", 1, 2, 3)
	for range 10 {
		m.store.post(m.room, 1, "x")
	}
	for i := range 6 {
		f := &follower{format: []Format{JSON, HTML}[i%2], user: int64(i%3) + 1}
		f.shown, f.cursor = m.store.state(m.room)
		m.followers = append(m.followers, f)
	}
	return m
}

// slowly makes a store take up to two seconds now and then.
func slowly(random *rand.Rand) func(string) {
	var mu sync.Mutex
	return func(string) {
		mu.Lock()
		pause := max(0, random.IntN(8)-5)
		mu.Unlock()
		time.Sleep(time.Duration(pause) * time.Second)
	}
}

// badly makes a bus lose, double and delay messages.
func badly(random *rand.Rand) func(bus.Message) []time.Duration {
	var mu sync.Mutex
	return func(bus.Message) (arrivals []time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		for range []int{0, 1, 1, 1, 1, 2}[random.IntN(6)] {
			arrivals = append(arrivals, time.Duration(max(0, random.IntN(4000)-2000))*time.Millisecond)
		}
		return arrivals
	}
}

func (m *model) run() {
	for range 60 {
		m.op()
	}
	m.store.fail(nil)
	m.late.Wait()
	_, revision := m.store.state(m.room)
	for _, f := range m.followers {
		m.reopen(f)
	}
	if len(m.nodes) == 1 { // nobody else looks whether the last notice was lost
		m.nodes[0].hub.Notify(db.Notice{Room: m.room, Revision: revision})
	}
	time.Sleep(time.Minute) // the store is slow, and may be in the pause after a failure
	want, revision := m.store.state(m.room)
	for i, f := range m.followers {
		m.absorb(f)
		if diff := cmp.Diff(f.shown, want); diff != "" || f.cursor != revision {
			m.t.Errorf("reader %d (%s) is at %d of %d; shown and stored:\n%s", i, f.format, f.cursor, revision, diff)
		}
	}
	m.close()
}

// op lets one random operation happen.
func (m *model) op() {
	f := m.followers[m.random.IntN(len(m.followers))]
	switch n := m.random.IntN(20); {
	case n < 9:
		m.burst(1 + m.random.IntN(8))
	case n < 10:
		m.burst(150 + m.random.IntN(150))
	case n < 14:
		m.cut(f)
		m.open(f)
	case n < 15 && f.st != nil:
		f.st.stall()
	case n < 16:
		m.store.fail([]error{nil, errStore}[m.random.IntN(2)])
	case n < 17:
		m.restart()
	default:
		time.Sleep(time.Duration(m.random.IntN(4000)) * time.Millisecond)
	}
	if m.random.IntN(2) == 0 {
		synctest.Wait()
	}
}

// burst lets some writers write at the same time, while streams may be in their handshakes.
func (m *model) burst(changes int) {
	var writers sync.WaitGroup
	for range min(changes, 4) {
		random := rand.New(rand.NewPCG(m.random.Uint64(), 2))
		writers.Go(func() {
			for range (changes + 3) / 4 {
				m.notify(random, m.write(random))
			}
		})
	}
	writers.Wait()
}

func (m *model) write(random *rand.Rand) db.Notice {
	position := 1 + random.Int64N(10)
	switch random.IntN(8) {
	case 0:
		return m.store.remove(m.room, position)
	case 1, 2:
		return m.store.edit(m.room, position, fmt.Sprint("edited ", random.IntN(100)))
	case 3:
		return m.store.rename(m.room, fmt.Sprint("b", random.IntN(100)))
	default:
		return m.store.post(m.room, 1+random.Int64N(3), fmt.Sprint("said ", random.IntN(100)))
	}
}

// notify sends a notice as a bad bus does.
func (m *model) notify(random *rand.Rand, n db.Notice) {
	hub := m.nodes[random.IntN(len(m.nodes))].hub
	switch random.IntN(10) {
	case 0: // lost
	case 1:
		hub.Notify(n)
		hub.Notify(n)
	case 2:
		n.Message, n.Changed = nil, nil
		hub.Notify(n)
	case 3, 4:
		pause := time.Duration(random.IntN(3000)) * time.Millisecond
		m.late.Go(func() {
			time.Sleep(pause)
			hub.Notify(n)
		})
	default:
		hub.Notify(n)
	}
}

func (m *model) open(f *follower) {
	st := &stream{}
	if m.random.IntN(2) == 0 {
		st.random = rand.New(rand.NewPCG(m.random.Uint64(), 4))
	}
	f.st, f.last = m.nodes[m.random.IntN(len(m.nodes))].openOn(st, reads(f.user, m.room, f.cursor).as(f.format)), f.cursor
}

// cut ends a stream; the last of what was sent does not arrive.
func (m *model) cut(f *follower) {
	if f.st == nil {
		return
	}
	f.st.cancel()
	<-f.st.done
	events := parse(f.st.next())
	m.apply(f, events[:len(events)-m.random.IntN(1+min(3, len(events)))])
	f.st = nil
}

// reopen opens a stream that works, whatever became of the last one.
func (m *model) reopen(f *follower) {
	m.cut(f)
	m.open(f)
}

func (m *model) absorb(f *follower) { m.apply(f, parse(f.st.next())) }

func (m *model) apply(f *follower, events []event) {
	for _, e := range events {
		if e.id == nil {
			continue
		}
		id, err := strconv.ParseInt(*e.id, 10, 64)
		if err != nil || id < f.last || id == f.last && e.name != EventReady {
			m.t.Errorf("%s %q has id %s after %d", e.name, e.data, *e.id, f.last)
		}
		f.last, f.cursor = id, max(f.cursor, id)
		switch e.name {
		case EventReset:
			f.shown, _ = m.store.state(m.room) // newer than the event, whose id stays the cursor
		case EventReady:
		default:
			put(f.shown, e.data)
		}
	}
}

// restart is another process with the same store.
func (m *model) restart() {
	i := m.random.IntN(len(m.nodes))
	m.nodes[i].hub.Close()
	m.endpoints[i].Close()
	m.endpoints[i], m.nodes[i] = m.newNode(m.t, plainPresenter{})
	for _, f := range m.followers {
		if m.random.IntN(2) == 0 {
			m.reopen(f)
		}
	}
}
