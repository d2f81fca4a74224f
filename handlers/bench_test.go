package handlers

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// benchServer runs a benchmark on every database, on a server with a room of 1,000 messages.
func benchServer(b *testing.B, bench func(b *testing.B, s *testServer, room string)) {
	b.Helper()
	dbtest.Bench(b, func(b *testing.B, store *db.Store) {
		s := newTestServer(b, store, Options{})
		room := s.room(s.first(), "마당", db.KindOpen)
		talk(s, s.admin, room, 1000)
		bench(b, s, room)
	})
}

// browser sends requests directly to the handler, without a network.
type browser struct {
	server  *testServer
	cookies []*http.Cookie
}

func browserOf(s *testServer) browser {
	return browser{s, s.admin.Client.Jar.Cookies(mustURL(s.tb, s.url))}
}

// ask sends a request. It fails the benchmark for another status: an error page would be quick.
func (br browser) ask(b *testing.B, method, path, body string, status int) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range br.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	br.server.handler.ServeHTTP(w, r)
	if w.Code != status {
		b.Errorf("%s %s: status %d, want %d\n%s", method, path, w.Code, status, w.Body)
	}
}

// BenchmarkPost posts from one browser after the other, and from many at once, which share the cost
// of a durable commit.
func BenchmarkPost(b *testing.B) {
	body := url.Values{"body": {"안녕하세요, **여러분**! https://example.com"}}.Encode()
	b.Run("one", func(b *testing.B) {
		benchServer(b, func(b *testing.B, s *testServer, room string) {
			visitor := browserOf(s)
			b.ReportAllocs()
			for b.Loop() {
				visitor.ask(b, http.MethodPost, room+"/messages", body, http.StatusSeeOther)
			}
		})
	})
	b.Run("many", func(b *testing.B) {
		benchServer(b, func(b *testing.B, s *testServer, room string) {
			visitor := browserOf(s)
			b.ReportAllocs()
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					visitor.ask(b, http.MethodPost, room+"/messages", body, http.StatusSeeOther)
				}
			})
		})
	})
}

const (
	benchReaders = 1000
	perReader    = 50 // streams of one user
)

// BenchmarkFanOut1000 measures one post until it has arrived at 1,000 open streams, over real
// sockets.
func BenchmarkFanOut1000(b *testing.B) {
	for _, format := range []string{"html", "json"} {
		b.Run(format, func(b *testing.B) {
			benchServer(b, func(b *testing.B, s *testServer, room string) {
				var arrived sync.WaitGroup
				arrived.Add(benchReaders) // of the event that says a stream is ready
				for _, script := range scripts(s, room, benchReaders/perReader) {
					for range perReader {
						openStream(b, s, script, room+"/stream?as="+format, &arrived)
					}
				}
				arrived.Wait()
				author, id := s.user(s.admin), roomIn(b, room)
				b.ReportAllocs()
				for b.Loop() {
					arrived.Add(benchReaders)
					if _, _, err := s.store.PostMessage(b.Context(), author, id, "안녕하세요, **여러분**!", ""); err != nil {
						b.Fatal(err)
					}
					arrived.Wait()
				}
				b.ReportMetric(float64(b.N)*benchReaders/b.Elapsed().Seconds(), "deliveries/s")
			})
		})
	}
}

// scripts returns n members of a room with tokens. All have joined before any of them opens a
// stream, which would receive the joining of the others.
func scripts(s *testServer, room string, n int) []*webtest.Person {
	s.tb.Helper()
	var all []*webtest.Person
	for i := range n {
		script := s.signUp("reader" + strconv.Itoa(i)).WithToken()
		script.Get(room).Wants(http.StatusOK)
		all = append(all, script)
	}
	return all
}

// openStream opens a stream on a connection of its own, and counts the events with an id that
// arrive.
func openStream(b *testing.B, s *testServer, script *webtest.Person, path string, arrived *sync.WaitGroup) {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: house\r\nAuthorization: %s\r\n\r\n", path, script.Header.Get("Authorization")); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewReader(conn)
	status, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(status, " 200 ") {
		b.Fatalf("%s: %s %v", path, status, err)
	}
	go func() {
		for {
			line, err := lines.ReadSlice('\n')
			if err != nil && err != bufio.ErrBufferFull {
				return
			}
			if bytes.HasPrefix(line, []byte("id: ")) {
				arrived.Done()
			}
		}
	}()
}
