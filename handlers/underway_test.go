package handlers

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

func TestUnderWay_BoundsRequestsAndBytes(t *testing.T) {
	u := newUnderWay(requestsUnderWay, answersUnderWay)
	var open []*passage
	for range requestsUnderWay {
		p := u.begin("user 1")
		if p == nil {
			t.Fatal("refused before the bound")
		}
		open = append(open, p)
	}
	if u.begin("user 1") != nil {
		t.Error("one too many")
	}
	other := u.begin("user 2")
	if other == nil {
		t.Error("somebody else is refused")
	}
	for _, p := range open {
		p.end()
		p.end()
	}
	other.holds(answersUnderWay)
	if u.begin("user 2") != nil {
		t.Error("one more, with as many bytes as are allowed")
	}
	other.end()
	other.holds(answersUnderWay) // too late
	(*passage)(nil).holds(1)
	(*passage)(nil).end()
	if len(u.keys) != 0 {
		t.Errorf("%d keys are left behind", len(u.keys))
	}
	if again := u.begin("user 2"); again == nil || again.load.bytes != 0 {
		t.Errorf("afterwards: %+v", again)
	}
}

// Of one person's requests some are worked on at a time, in their order; nobody else waits for
// them.
func TestUnderWay_WorksOnAFewAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnderWay(requestsUnderWay, answersUnderWay)
		var working []*passage
		for range turns() {
			p := u.begin("user 1")
			p.work(t.Context())
			p.work(t.Context()) // it has its turn already
			working = append(working, p)
		}
		var order []int
		next := make([]*passage, 3)
		for i := range next {
			next[i] = u.begin("user 1")
			go func() {
				next[i].work(t.Context())
				order = append(order, i)
			}()
			synctest.Wait()
		}
		start := time.Now()
		u.begin("user 2").work(t.Context())
		(*passage)(nil).work(t.Context())
		if len(order) > 0 || time.Since(start) > 0 {
			t.Fatalf("%v are worked on, and somebody else after %v", order, time.Since(start))
		}
		working[0].holds(1) // the answer is being sent
		working[0].end()
		synctest.Wait()
		if !slices.Equal(order, []int{0}) {
			t.Errorf("then %v, want the first", order)
		}
		next[0].end()
		synctest.Wait()
		if !slices.Equal(order, []int{0, 1}) {
			t.Errorf("then %v, want the second too", order)
		}
		time.Sleep(turnWithin) // the others wait for something that does not come
		synctest.Wait()
		if !slices.Equal(order, []int{0, 1, 2}) {
			t.Errorf("after %v %v, want all", turnWithin, order)
		}
		next[2].end() // it had no turn to give back
		if got := len(next[1].load.turns); got != turns() {
			t.Errorf("%d turns are taken, want %d", got, turns())
		}
	})
}

// TestRequests_UnderWayAreBounded leaves bodies half-sent until no more are taken.
func TestRequests_UnderWayAreBounded(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	jimin, minsu := s.first(), s.signUp("minsu")
	script := jimin.WithToken()
	for range requestsUnderWay {
		clock.Advance(time.Second) // so fast writes would be refused
		wantReading(t, halfSent(t, script, "/profile", "application/json", "{"))
	}
	refused := jimin.Get("/").Wants(http.StatusTooManyRequests)
	if refused.Header.Get("Retry-After") == "" || len(refused.Body) > 8<<10 || refused.Find("#my-rooms").Length() > 0 {
		t.Errorf("a refusal of %d bytes, Retry-After %q", len(refused.Body), refused.Header.Get("Retry-After"))
	}
	jimin.AsProgram().Get("/rooms").Wants(http.StatusTooManyRequests)
	minsu.Get("/").Wants(http.StatusOK)
	webtest.Visitor(t, s.url).Get("/login").Wants(http.StatusOK)
}

// halfSent sends a request with the beginning of its body, and returns what reads the answer.
func halfSent(t *testing.T, script *webtest.Person, path, mediaType, body string) *bufio.Reader {
	t.Helper()
	address := strings.TrimPrefix(script.Base, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nExpect: 100-continue\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n%s",
		path, address, script.Header.Get("Authorization"), mediaType, body)
	return bufio.NewReader(conn)
}

// wantReading waits until the handler reads the body.
func wantReading(t *testing.T, answer *bufio.Reader) {
	t.Helper()
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := answer.ReadString('\n'); err != nil || line != want {
			t.Fatalf("%q, %v", line, err)
		}
	}
}

func TestBody_ThatTricklesIsRefused(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{patience: 50 * time.Millisecond})
	script := s.first().WithToken()
	for _, mediaType := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		answer := halfSent(t, script, "/profile", mediaType, "--x\r\n")
		wantReading(t, answer)
		resp, err := http.ReadResponse(answer, nil)
		if err != nil || resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%s: %v, %v", mediaType, resp, err)
		}
	}
}
