// Package webtest lets tests use a running service as people do: with a cookie jar, forms, JSON and
// streams.
package webtest

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Password is the password of everybody in tests.
const Password = "moon over the yard"

// Form is the fields of a form.
type Form map[string]string

// Person is a browser, or a script with a token.
type Person struct {
	TB     testing.TB
	Base   string // address of the service, without a slash at the end
	Name   string
	Client *http.Client
	// Header is sent with every request. A Host there replaces that of Base.
	Header http.Header
}

// Visitor returns a person with an empty cookie jar. Redirects are not followed, so that tests see
// them.
func Visitor(tb testing.TB, base string) *Person {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	tb.Cleanup(client.CloseIdleConnections)
	return &Person{TB: tb, Base: base, Client: client, Header: http.Header{"Accept": {"text/html,application/xhtml+xml"}}}
}

// SignUp returns a person with a new account, by invitation where code is not empty.
func SignUp(tb testing.TB, base, name, code string) *Person {
	tb.Helper()
	p := Visitor(tb, base)
	p.Name = name
	p.Post("/signup", Form{"name": name, "password": Password, "invite": code}).Wants(http.StatusSeeOther)
	return p
}

// AsProgram returns the same person asking for JSON.
func (p *Person) AsProgram() *Person {
	program := *p
	program.Header = p.Header.Clone()
	program.Header.Set("Accept", "application/json")
	return &program
}

// AsHTMX returns the same person sending the requests of htmx, which asks for fragments.
func (p *Person) AsHTMX() *Person {
	htmx := *p
	htmx.Header = p.Header.Clone()
	htmx.Header.Set("HX-Request", "true")
	return &htmx
}

// WithToken returns a script of the same person, with a personal access token instead of cookies.
func (p *Person) WithToken() *Person {
	p.TB.Helper()
	var token struct {
		Token string `json:"token"`
	}
	p.AsProgram().Post("/tokens", Form{"title": "test"}).Wants(http.StatusCreated).JSON(&token)
	script := Visitor(p.TB, p.Base)
	script.Name = p.Name
	script.Header = http.Header{"Authorization": {"Bearer " + token.Token}}
	return script
}

// Get requests a page.
func (p *Person) Get(path string) *Answer {
	p.TB.Helper()
	return p.Do(http.MethodGet, path, nil, "")
}

// Post posts a form.
func (p *Person) Post(path string, form Form) *Answer {
	p.TB.Helper()
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	return p.Do(http.MethodPost, path, strings.NewReader(values.Encode()), "application/x-www-form-urlencoded")
}

// PostJSON posts a JSON object.
func (p *Person) PostJSON(path string, body any) *Answer {
	p.TB.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		p.TB.Fatal(err)
	}
	return p.Do(http.MethodPost, path, strings.NewReader(string(data)), "application/json")
}

// Do sends any request and reads the whole answer.
func (p *Person) Do(method, path string, body io.Reader, contentType string) *Answer {
	p.TB.Helper()
	resp := p.send(method, path, body, contentType)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.TB.Fatalf("%s %s: %v", method, path, err)
	}
	return &Answer{tb: p.TB, base: p.Base, what: method + " " + path, Status: resp.StatusCode, Header: resp.Header, Body: string(text)}
}

func (p *Person) send(method, path string, body io.Reader, contentType string) *http.Response {
	p.TB.Helper()
	req, err := http.NewRequestWithContext(p.TB.Context(), method, p.Base+path, body)
	if err != nil {
		p.TB.Fatal(err)
	}
	for name, values := range p.Header {
		req.Header[name] = values
	}
	req.Host = cmp.Or(p.Header.Get("Host"), req.Host)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := p.Client.Do(req)
	if err != nil {
		p.TB.Fatalf("%s %s: %v", method, path, err)
	}
	return resp
}

// Answer is an answer whose body has been read.
type Answer struct {
	tb     testing.TB
	base   string // of who asked
	what   string
	Status int
	Header http.Header
	Body   string
	page   *goquery.Document
}

// Wants fails the test unless the answer has a status. It returns the answer.
func (a *Answer) Wants(status int) *Answer {
	a.tb.Helper()
	if a.Status != status {
		a.tb.Fatalf("%s: status %d, want %d\n%s", a.what, a.Status, status, head(a.Body))
	}
	return a
}

// Location returns the address that a redirect leads to; without the path of the person's Base, as
// Get takes it. The test fails for other answers.
func (a *Answer) Location() string {
	a.tb.Helper()
	to := a.Header.Get("Location")
	if to == "" {
		a.tb.Fatalf("%s: no redirect, status %d\n%s", a.what, a.Status, head(a.Body))
	}
	base, err := url.Parse(a.base)
	if err != nil {
		a.tb.Fatal(err)
	}
	return strings.TrimPrefix(to, base.Path)
}

// JSON decodes the body into a value. It returns the answer.
func (a *Answer) JSON(into any) *Answer {
	a.tb.Helper()
	if err := json.Unmarshal([]byte(a.Body), into); err != nil {
		a.tb.Fatalf("%s: %v\n%s", a.what, err, head(a.Body))
	}
	return a
}

// Find returns the elements of the page that a selector finds.
func (a *Answer) Find(selector string) *goquery.Selection {
	a.tb.Helper()
	if a.page == nil {
		page, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
		if err != nil {
			a.tb.Fatalf("%s: %v", a.what, err)
		}
		a.page = page
	}
	return a.page.Find(selector)
}

// Shows fails the test unless selector finds an element with text in it. It returns the answer.
func (a *Answer) Shows(selector, text string) *Answer {
	a.tb.Helper()
	if found := a.Find(selector).Text(); !strings.Contains(found, text) {
		a.tb.Fatalf("%s: %q shows %q, want %q", a.what, selector, found, text)
	}
	return a
}

// Lacks fails the test when selector finds an element with text in it. It returns the answer.
func (a *Answer) Lacks(selector, text string) *Answer {
	a.tb.Helper()
	if found := a.Find(selector).Text(); strings.Contains(found, text) {
		a.tb.Fatalf("%s: %q shows %q, which should not be there", a.what, selector, text)
	}
	return a
}

func head(body string) string {
	const enough = 2000
	if len(body) > enough {
		return body[:enough] + " …"
	}
	return body
}
