package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

const (
	// compareEvery is how seldom a page is compared byte for byte; its status, its length and its end are looked at every time.
	compareEvery = 100
	// looks is how often a page is fetched to learn which of its bytes are new each time.
	looks = 12
)

// page is a page as it is known to be right.
type page struct {
	Request []byte
	Headers map[string]string // of the answer, but for those that any server sets
	Body    []byte
	// Varies marks the bytes that differ from answer to answer: nonces, keys, ids.
	Varies []bool
}

// request asks for a page as a browser does.
func (v *visitor) request(path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: bench\r\nAccept: text/html,application/xhtml+xml\r\n"+
		"Accept-Language: en\r\nUser-Agent: bench\r\nCookie: %s\r\n\r\n", path, v.cookie)
}

// page fetches a page often enough to know it.
func (v *visitor) page(path string) (*page, error) {
	c, err := dial(v.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	p := &page{Request: v.request(path)}
	for range looks {
		status, body, err := c.do(p.Request)
		if err != nil {
			return nil, err
		}
		if status != 200 || !bytes.Contains(body, []byte("</html>")) {
			return nil, fmt.Errorf("GET %s: status %d: %.300s", path, status, body)
		}
		if err := p.learn(body); err != nil {
			return nil, fmt.Errorf("GET %s: %w", path, err)
		}
		p.Headers = headersOf(string(c.head))
	}
	return p, nil
}

// learn compares another answer with the first.
func (p *page) learn(body []byte) error {
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

// ask fetches the page on a connection and checks it.
func (p *page) ask(c *client, whole bool) error {
	status, body, err := c.do(p.Request)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("status %d: %.300s", status, body)
	case len(body) != len(p.Body):
		return fmt.Errorf("the page has %d bytes, want %d", len(body), len(p.Body))
	case !bytes.HasSuffix(body, p.Body[len(p.Body)-min(16, len(p.Body)):]):
		return errors.New("the page ends otherwise")
	case whole:
		return p.same(body)
	}
	return nil
}

func (p *page) same(body []byte) error {
	for i := range body {
		if body[i] != p.Body[i] && !p.Varies[i] {
			return fmt.Errorf("the page differs at byte %d: %.100q instead of %.100q", i, body[i:], p.Body[i:])
		}
	}
	return nil
}

// headersOf are the headers in a head that a server does not set by itself.
func headersOf(head string) map[string]string {
	headers := map[string]string{}
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, ok := strings.Cut(line, ": ")
		if ok && name != "Date" && name != "Content-Length" && name != "Transfer-Encoding" {
			headers[name] = value
		}
	}
	return headers
}

// cookieIn is what a browser sends back of the cookies in a head.
func cookieIn(head string) string {
	var cookies []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok && strings.EqualFold(name, "Set-Cookie") {
			cookie, _, _ := strings.Cut(value, ";")
			cookies = append(cookies, cookie)
		}
	}
	return strings.Join(cookies, "; ")
}

// servePages is the limit of pages: gin, with the bytes of one page in memory.
func servePages(in io.Reader, out io.Writer) error {
	var p page
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
	engine.GET("/", serve)
	engine.GET("/rooms/:room", serve)
	engine.GET("/rooms/:room/messages", serve)
	return serveBare(engine, out)
}
