package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// browser is a browser in which somebody has signed in.
type browser struct {
	address string
	cookies string // a header
}

// signUp makes an account, as a person would.
func signUp(address string) (*browser, error) {
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	name := fmt.Sprintf("visitor%d", time.Now().UnixNano())
	form := url.Values{"name": {name}, "password": {"a warm floor in winter"}}.Encode()
	_, err = c.do(newRequest("POST", "/signup", form, "Accept: text/html", "Content-Type: application/x-www-form-urlencoded"), 303)
	if err != nil {
		return nil, fmt.Errorf("signing up: %w", err)
	}
	return &browser{address, c.response.cookies()}, nil
}

// request returns a request for a page as a browser makes it that has no copy of the page.
func (b *browser) request(path string, headers ...string) []byte {
	return newRequest("GET", path, "", append([]string{"Accept: text/html,application/xhtml+xml", "Accept-Language: en",
		"User-Agent: bench", b.cookies}, headers...)...)
}

const (
	// compareEvery is how seldom a page is compared byte for byte. Its status, its length and its end are
	// looked at every time.
	compareEvery = 100
	// looks is how often a page is fetched to learn which of its bytes are new each time.
	looks = 12
)

// expectedPage is a page as it is known to be right.
type expectedPage struct {
	Request []byte
	Headers map[string]string // of the response, but for those that any server sets
	Body    []byte
	// Varies marks the bytes that differ from response to response: keys and ids.
	Varies []bool
}

// expect fetches a page often enough to know it. It has to hold marker, so that no other page is taken
// for it.
func (b *browser) expect(path, marker string) (*expectedPage, error) {
	c, err := dial(b.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	p := &expectedPage{Request: b.request(path), Headers: map[string]string{}}
	for range looks {
		body, err := c.do(p.Request, 200)
		if err == nil && !(bytes.Contains(body, []byte(marker)) && bytes.Contains(body, []byte("</html>"))) {
			err = fmt.Errorf("a page without %s: %.300s", marker, body)
		}
		if err == nil {
			err = p.learn(body)
		}
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", path, err)
		}
	}
	for name, value := range c.response.headers() {
		if name != "Date" && name != "Content-Length" && name != "Transfer-Encoding" {
			p.Headers[name] = value
		}
	}
	return p, nil
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
func servePage(in io.Reader, out io.Writer) error {
	var p expectedPage
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return err
	}
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
	return serveBare(engine, out)
}
