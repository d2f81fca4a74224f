package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// pageRooms, pageMembers and pageMessages are the size of the fixture whose pages are measured.
	pageRooms, pageMembers, pageMessages = 20, 10, 1000
	// pageConnections ask for pages at once.
	pageConnections = 16
	// pageShare is the part of the rate from memory that room and history pages are to reach.
	pageShare = 0.5
)

// measurePages asks for pages as a browser does, of the real program and of gin that has the same
// bytes in memory.
func measurePages(ctx context.Context, b *bench) {
	f := b.newFixture(ctx, "pages", shape{pageRooms, pageMembers}, pageMessages)
	program := b.startProgram(f.database, anyPort)
	defer finish(program.stop)
	visitor := signUp(program.address)
	room, newest := "/rooms/"+f.rooms[0], marker(pageMessages)
	for _, room := range f.rooms { // which joins it
		visitor.expect("/rooms/"+room, newest)
	}
	for _, page := range []struct {
		name, path, marker string
		goal               goal
	}{
		{"room pages", room, newest, goal{Ratio: pageShare}},
		{"history pages", room + "/messages?before=500", marker(499), goal{Ratio: pageShare}},
		{"home pages", "/", room, goal{}},
	} {
		b.measurePage(ctx, program, page.name, visitor.expect(page.path, page.marker), page.goal)
	}
	b.measureBusyPages(ctx, program, f)
}

// marker returns the text by which a page is known to hold the message at a position.
func marker(position int64) string { return fmt.Sprintf(`id="m%d"`, position) }

// measurePage asks for the same page again and again, with nothing else going on, so that
// everything that can be cached is.
func (b *bench) measurePage(ctx context.Context, program *server, name string, p *expectedPage, g goal) {
	bare := b.startBare(roleBarePages, p)
	defer finish(bare.stop)
	servers := []*server{program, bare}
	rates := interleave(b, len(servers), throughput.perSecond, func(i int) throughput {
		fetch := func(c *client, n int) error { return p.fetch(c, n%compareEvery == 0) }
		return servers[i].pages(ctx, b.trialSpan(), fetch)
	})
	unchanged := program.pages(ctx, b.trialSpan(), func(c *client, _ int) error {
		_, err := c.do(p.Conditional, 304)
		return err
	})
	note := fmt.Sprintf("%s bytes; %d µs of the core each, from memory %d µs, a 304 %d µs",
		grouped(float64(len(p.Body))), rates[0].CPU.Microseconds(), rates[1].CPU.Microseconds(), unchanged.CPU.Microseconds())
	b.add(row{What: name, Unit: unitRate, Ours: rates[0].PerSecond, Limit: rates[1].PerSecond,
		LimitIs: "gin, from memory", Goal: g, Note: note})
}

// pages measures how often in a second a server answers fetch, which is called with the number of
// the request.
func (s *server) pages(ctx context.Context, span time.Duration, fetch func(c *client, n int) error) throughput {
	var asked atomic.Int64
	return must(measureThroughput(ctx, s.pid(), span, pageConnections, func(int) (operation, error) {
		c, err := dial(s.address)
		if err != nil {
			return operation{}, err
		}
		return operation{close: c.close, do: func(context.Context) error { return fetch(c, int(asked.Add(1))) }}, nil
	}))
}

// busyVisitors look at the rooms, in which busyPosts messages a second are written.
const busyVisitors, busyPosts = 5, 50

// measureBusyPages asks for the pages of all rooms for several people while others write, so that
// hardly any page is the one asked for before.
func (b *bench) measureBusyPages(ctx context.Context, program *server, f *fixture) {
	var requests [][]byte
	for range busyVisitors {
		visitor := signUp(program.address)
		for _, room := range f.rooms {
			requests = append(requests, visitor.request("/rooms/"+room))
		}
	}
	newest := make([]atomic.Int64, len(requests)) // position, by request
	var got throughput
	post := func(ctx context.Context) error {
		return newPoster(program.address, false, f, 80).atRate(ctx, busyPosts, 4)
	}
	alongside(ctx, post, func(ctx context.Context) {
		got = program.pages(ctx, b.span(), func(c *client, n int) error {
			return fetchBusy(c, requests[n%len(requests)], &newest[n%len(requests)])
		})
	})
	b.add(row{
		What: "room pages while people write", Unit: unitRate, Ours: got.PerSecond,
		Note: fmt.Sprintf("%d rooms, %d people, %d posts/s; %d µs of the core each",
			len(f.rooms), busyVisitors, busyPosts, got.CPU.Microseconds()),
	})
}

// messageMark is a message of a page.
var messageMark = regexp.MustCompile(`\bid="m(\d+)"`)

// fetchBusy fetches a page. Its newest message must not be older than that of a page fetched
// before.
func fetchBusy(c *client, request []byte, newest *atomic.Int64) error {
	before := newest.Load()
	body, err := c.do(request, 200)
	if err != nil {
		return err
	}
	marks := messageMark.FindAllSubmatch(body, -1)
	if len(marks) == 0 || !bytes.Contains(body, []byte("</html>")) {
		return fmt.Errorf("no page of a room: %.300s", body)
	}
	digits := marks[len(marks)-1][1]
	position, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || position < before {
		return fmt.Errorf("a page ends with message %q, after one that ended with %d", digits, before)
	}
	for before < position && !newest.CompareAndSwap(before, position) {
		before = newest.Load()
	}
	return nil
}

// browser is a browser in which somebody has signed in.
type browser struct {
	address string
	cookies string // a header
}

// signUp makes an account, as a person would.
func signUp(address string) *browser {
	c := must(dial(address))
	defer c.close()
	name := fmt.Sprintf("visitor%d", time.Now().UnixNano())
	form := url.Values{"name": {name}, "password": {"a warm floor in winter"}}.Encode()
	must(c.do(newRequest("POST", "/signup", form, "Accept: text/html",
		"Content-Type: application/x-www-form-urlencoded"), 303))
	return &browser{address, c.response.cookies()}
}

// request returns a request for a page as a browser makes it that has no copy of the page.
func (b *browser) request(path string, headers ...string) []byte {
	return newRequest("GET", path, "", append([]string{"Accept: text/html,application/xhtml+xml", "Accept-Language: en",
		"User-Agent: bench", b.cookies}, headers...)...)
}

const (
	// compareEvery is how seldom a page is compared byte for byte. Its status, its length and its
	// end are looked at every time.
	compareEvery = 100
	// looks is how often a page is fetched to learn which of its bytes are new each time.
	looks = 12
)

// expectedPage is a page as it is known to be right.
type expectedPage struct {
	Request []byte
	// Conditional is the request of a browser that has the page already.
	Conditional []byte
	Headers     map[string]string // of the response, but for those that any server sets
	Body        []byte
	// Varies marks the bytes that differ from response to response: keys and ids.
	Varies []bool
}

// expect fetches a page often enough to know it. It has to hold marker, so that no other page is
// taken for it.
func (b *browser) expect(path, marker string) *expectedPage {
	c := must(dial(b.address))
	defer c.close()
	p := &expectedPage{Request: b.request(path), Headers: map[string]string{}}
	for range looks {
		body := must(c.do(p.Request, 200))
		if !bytes.Contains(body, []byte(marker)) || !bytes.Contains(body, []byte("</html>")) {
			check(fmt.Errorf("GET %s: a page without %s: %.300s", path, marker, body))
		}
		check(p.learn(body))
	}
	for name, value := range c.response.headers() {
		if name != "Date" && name != "Content-Length" && name != "Transfer-Encoding" {
			p.Headers[name] = value
		}
	}
	p.Conditional = b.request(path, "If-None-Match: "+p.Headers["Etag"])
	return p
}

// learn compares another body with the first.
func (p *expectedPage) learn(body []byte) error {
	if p.Body == nil {
		p.Body, p.Varies = bytes.Clone(body), make([]bool, len(body))
	}
	if len(body) != len(p.Body) {
		return fmt.Errorf("the page has %d bytes, and then %d", len(p.Body), len(body))
	}
	for i := range body {
		p.Varies[i] = p.Varies[i] || body[i] != p.Body[i]
	}
	return nil
}

// fetch fetches the page on a connection and checks it, byte for byte if whole is set.
func (p *expectedPage) fetch(c *client, whole bool) error {
	body, err := c.do(p.Request, 200)
	switch {
	case err != nil:
		return err
	case len(body) != len(p.Body):
		return fmt.Errorf("the page has %d bytes, want %d", len(body), len(p.Body))
	case !bytes.HasSuffix(body, p.Body[len(p.Body)-min(16, len(p.Body)):]):
		return errors.New("the page ends otherwise")
	case whole:
		return p.compare(body)
	}
	return nil
}

// compare checks each byte but for those that always differ.
func (p *expectedPage) compare(body []byte) error {
	for i := range body {
		if body[i] != p.Body[i] && !p.Varies[i] {
			return fmt.Errorf("the page differs at byte %d: %.100q instead of %.100q", i, body[i:], p.Body[i:])
		}
	}
	return nil
}

// servePage is the limit of pages: gin, with the bytes of one page in memory.
func servePage(in io.Reader, out io.Writer) {
	var p expectedPage
	check(json.NewDecoder(in).Decode(&p))
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	serve := func(c *gin.Context) {
		for name, value := range p.Headers {
			c.Header(name, value)
		}
		c.Data(http.StatusOK, p.Headers["Content-Type"], p.Body)
	}
	for _, path := range strings.Fields("/ /rooms/:room /rooms/:room/messages") {
		engine.GET(path, serve)
	}
	serveBare(engine, out)
}
