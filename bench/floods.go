package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"
)

const (
	// floodTimes is how many times longer a member may wait in a flood than without one.
	floodTimes = 3
	// floodMessages and floodReaders are the size of the room that the member looks at.
	floodMessages, floodReaders = 1000, 10
	// floodPause is the member's pause after a look and a post.
	floodPause = 10 * time.Millisecond
	// floodPicture is the width and height of a picture that is small to send and dear to decode.
	floodPicture = 5000
)

// flood is one kind of requests that somebody sends as fast as the service takes them. A flood
// whose requests do not end only holds its connections.
type flood struct {
	name        string
	connections int // 0: floodConnections
	endless     bool
	// request returns the n-th request.
	request func(f *fixture, n int) []byte
}

// floods are all kinds. What people without an account send is first.
var floods = []flood{
	{name: "wrong passwords", request: func(_ *fixture, n int) []byte {
		return post("/login", formType, fmt.Sprintf("name=visitor%d&password=wrong", n%100))
	}},
	{name: "new accounts", request: func(_ *fixture, n int) []byte {
		return post("/signup", formType, fmt.Sprintf("name=flood%d&password=a+warm+floor+in+winter", n))
	}},
	{name: "wrong tokens", request: func(_ *fixture, n int) []byte {
		return newRequest("GET", "/rooms", "", "Accept: application/json", bearer(fmt.Sprint("wrong", n)))
	}},
	{name: "pages of strangers", request: func(f *fixture, _ int) []byte {
		return newRequest("GET", "/rooms/"+f.rooms[0], "", "Accept: text/html")
	}},
	{name: "bodies that are too large", request: func(*fixture, int) []byte { return largeLogIn() }},
	{name: "heads that do not end", connections: 500, endless: true, request: func(*fixture, int) []byte {
		return []byte("GET / HTTP/1.1\r\nHost: bench\r\nX-Flood: ")
	}},
	{name: "a member's history pages", request: func(f *fixture, n int) []byte {
		path := fmt.Sprintf("/rooms/%s/messages?around=%d", f.rooms[0], 1+n*37%floodMessages)
		return newRequest("GET", path, "", "Accept: text/html", bearer(f.readers[0]))
	}},
	{name: "a member's searches for people", request: func(f *fixture, n int) []byte {
		return newRequest("GET", fmt.Sprintf("/users?q=%d", n), "", "Accept: text/html", bearer(f.readers[0]))
	}},
	{name: "a member's posts", request: func(f *fixture, _ int) []byte {
		return post("/rooms/"+f.rooms[0]+"/messages", formType, "body="+hardToRead, bearer(f.readers[0]))
	}},
	{name: "a member's streams", request: func(f *fixture, _ int) []byte {
		return newRequest("GET", "/rooms/"+f.rooms[0]+"/stream?as=html", "", "Accept: text/html", "Connection: close", bearer(f.readers[0]))
	}},
	{name: "a member's pictures", request: func(f *fixture, _ int) []byte {
		kind, body := pictureForm()
		return post("/profile", kind, body, bearer(f.readers[0]))
	}},
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// post returns a request with a body.
func post(path, kind, body string, headers ...string) []byte {
	return newRequest("POST", path, body, append(headers, "Content-Type: "+kind, "Accept: text/html")...)
}

// hardToRead is a long message full of marks.
var hardToRead = strings.Repeat("**a*_%60~~%5B", 700)

// largeLogIn returns a form with a name that is long, and gets longer when its case is folded.
var largeLogIn = sync.OnceValue(func() []byte {
	return post("/login", jsonType, `{"name":"`+strings.Repeat("\ufdfa", 165_000)+`","password":"x"}`)
})

// pictureForm returns the form with a picture of one colour, and its media type.
var pictureForm = sync.OnceValues(func() (kind, body string) {
	var out bytes.Buffer
	form := multipart.NewWriter(&out)
	file := must(form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="photo"; filename="p.png"`}, "Content-Type": {"image/png"},
	}))
	check(png.Encode(file, image.NewGray(image.Rect(0, 0, floodPicture, floodPicture))))
	check(form.Close())
	return form.FormDataContentType(), out.String()
})

// measureFloods measures how long a member's page and post take together while others flood the
// service, beside the same without a flood. Each flood has a service of its own, whose limits are
// on, so that none profits from what another has used up.
func measureFloods(ctx context.Context, b *bench) {
	for _, kind := range floods {
		step(kind.name, func() {
			f := b.newFixture(ctx, "floods", shape{1, floodReaders}, floodMessages)
			s := b.startProgram(f.database, anyPort, "RATE_LIMITS=on")
			defer finish(s.stop)
			m := member{address: s.address, f: f}
			quiet := m.visit(ctx, b.span())
			flooding := b.startFlood(kind.name, s.address, f)
			loud := m.visit(ctx, b.span())
			answered := must(flooding.stop())
			b.add(row{What: "page and post, beside " + kind.name, Unit: unitTime, Ours: inMilliseconds(loud.P50),
				Limit: inMilliseconds(quiet.P50), LimitIs: "without them", Goal: goal{Times: floodTimes},
				Note: fmt.Sprintf("p99 %.2f, without them %.2f ms; %s answered",
					inMilliseconds(loud.P99), inMilliseconds(quiet.P99), grouped(float64(answered)))})
		})
	}
}

// member looks at the page of the first room and posts there, as any of the writers in turn.
type member struct {
	address string
	f       *fixture
	posts   int
}

// visit returns the times of a page and a post together. Every writer comes at least once: a token
// that has never been right has to wait behind those that are wrong.
func (m *member) visit(ctx context.Context, span time.Duration) percentiles {
	c := must(dial(m.address))
	defer c.close()
	var times histogram
	path := "/rooms/" + m.f.rooms[0]
	for end := time.Now().Add(span); times.total < int64(len(m.f.writers)) || time.Now().Before(end) && ctx.Err() == nil; {
		m.posts++
		who := bearer(m.f.writers[m.posts%len(m.f.writers)])
		start := time.Now()
		must(c.do(newRequest("GET", path, "", "Accept: text/html", who), http.StatusOK))
		must(c.do(post(path+"/messages", formType, fmt.Sprint("body=", m.posts), who), http.StatusSeeOther))
		times.add(time.Since(start))
		wait(ctx, floodPause)
	}
	return times.percentiles()
}
