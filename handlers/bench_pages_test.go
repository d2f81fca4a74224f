package handlers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// The pages that people look at most, each beside the limit: the same gin that sends the same bytes
// from memory. Both are asked over one connection by a client that does next to nothing. With -cpu
// 1 the difference of the two is what a page costs:
//
//	go test ./handlers -run '^$' -bench 'Page' -cpu 1
func BenchmarkRoomPage(b *testing.B)        { benchPage(b, served, roomPath60) }
func BenchmarkRoomPageGzip(b *testing.B)    { benchPage(b, served, roomPath60, acceptGzip) }
func BenchmarkRoomPageBrotli(b *testing.B)  { benchPage(b, served, roomPath60, acceptBrotli) }
func BenchmarkRoomInPlace(b *testing.B)     { benchPage(b, served, roomPath60, askInPlace) }
func BenchmarkRoomInPlaceGzip(b *testing.B) { benchPage(b, served, roomPath60, askInPlace, acceptGzip) }
func BenchmarkRoomInPlaceBrotli(b *testing.B) {
	benchPage(b, served, roomPath60, askInPlace, acceptBrotli)
}
func BenchmarkRoomPageFromMemory(b *testing.B)    { benchPage(b, fromMemory, roomPath60) }
func BenchmarkHistoryPage(b *testing.B)           { benchPage(b, served, historyPath60) }
func BenchmarkHistoryPageFromMemory(b *testing.B) { benchPage(b, fromMemory, historyPath60) }
func BenchmarkHomePage(b *testing.B)              { benchPage(b, served, homePath) }
func BenchmarkHomePageFromMemory(b *testing.B)    { benchPage(b, fromMemory, homePath) }

func roomPath60(room string) string    { return room }
func historyPath60(room string) string { return room + "/messages?before=51" }
func homePath(string) string           { return "/" }

const (
	served     = false
	fromMemory = true
)

// Headers of requests.
const (
	acceptGzip   = "Accept-Encoding: gzip\r\n"
	acceptBrotli = "Accept-Encoding: br\r\n"
	askInPlace   = headerHTMX + ": true\r\n" + headerTarget + ": " + mainTarget + "\r\n"
)

func benchPage(b *testing.B, memory bool, path func(room string) string, headers ...string) {
	benchServer(b, func(b *testing.B, s *testServer, room string) {
		s.signUp("minsu")
		for i := range 9 {
			talk(s, s.admin, s.room(s.admin, fmt.Sprint("방 ", i), db.KindOpen), 1)
		}
		page := s.admin.Get(path(room)).Wants(http.StatusOK)
		address := s.url
		if memory {
			address = sameBytes(b, page)
		}
		asks := dialPage(b, address, path(room), cookieHeader(s), headers...)
		asks(b) // what is rendered once is rendered now
		b.SetBytes(int64(len(page.Body)))
		b.ReportAllocs()
		for b.Loop() {
			asks(b)
		}
	})
}

// What a page costs when somebody has said something since, in its room or in another one.
func BenchmarkRoomPageAfterMessageHere(b *testing.B)      { benchPageAfterMessage(b, true) }
func BenchmarkRoomPageAfterMessageElsewhere(b *testing.B) { benchPageAfterMessage(b, false) }

func benchPageAfterMessage(b *testing.B, here bool) {
	benchServer(b, func(b *testing.B, s *testServer, room string) {
		author, rooms := s.user(s.signUp("minsu")), []string{room}
		for i := range 9 {
			rooms = append(rooms, s.room(s.admin, fmt.Sprint("방 ", i), db.KindOpen))
		}
		said := rooms[9]
		if here {
			said = room
		}
		asks := dialPage(b, s.url, room, cookieHeader(s))
		if _, err := s.store.Visit(b.Context(), author, roomIn(b, said)); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			b.StopTimer()
			if _, _, err := s.store.PostMessage(b.Context(), author, roomIn(b, said), "안녕", ""); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			asks(b)
		}
	})
}

// sameBytes starts a server that sends a recorded answer with the same headers, and returns its
// address.
func sameBytes(b *testing.B, page *webtest.Answer) string {
	b.Helper()
	body, header := []byte(page.Body), page.Header.Clone()
	header.Del("Date")
	header.Del("Content-Length")
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/*page", func(c *gin.Context) {
		for name := range header {
			c.Header(name, header.Get(name))
		}
		c.Data(http.StatusOK, header.Get("Content-Type"), body)
	})
	server := httptest.NewServer(engine)
	b.Cleanup(server.Close)
	return server.URL
}

func cookieHeader(s *testServer) string {
	var pairs []string
	for _, cookie := range s.admin.Client.Jar.Cookies(mustURL(s.tb, s.url)) {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}

// dialPage returns a function that requests a page over a connection of its own and reads the whole
// answer. It fails the benchmark for any other status than 200: an error would be quick.
func dialPage(b *testing.B, address, path, cookies string, headers ...string) func(*testing.B) {
	b.Helper()
	host := strings.TrimPrefix(address, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\nCookie: " + cookies + "\r\n" + strings.Join(headers, "") + "\r\n")
	lines := bufio.NewReaderSize(conn, 1<<16)
	return func(b *testing.B) {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		length, err := readHeader(lines)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, lines, length); err != nil {
			b.Fatal(err)
		}
	}
}

// readHeader reads the status line and headers of an answer without allocating, and returns the
// length of its body.
func readHeader(lines *bufio.Reader) (length int64, err error) {
	const name = "Content-Length: "
	for first := true; ; first = false {
		line, err := lines.ReadSlice('\n')
		switch {
		case err != nil:
			return 0, err
		case first && string(line) != "HTTP/1.1 200 OK\r\n":
			return 0, fmt.Errorf("answered %q", line)
		case len(line) == 2:
			return length, nil
		case len(line) > len(name) && string(line[:len(name)]) == name:
			for _, digit := range line[len(name) : len(line)-2] {
				length = 10*length + int64(digit-'0')
			}
		}
	}
}
