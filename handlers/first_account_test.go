package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

const testSetupCode = "ABCDEFGH23"

// A stranger who comes by before the operator does not become administrator.
func TestFirstAccount_FromElsewhereNeedsTheCode(t *testing.T) {
	elsewhere := []struct {
		name    string
		options Options
		headers map[string]string
		host    string // of the request; empty: the machine's own
	}{
		{name: "a name that leads here", host: "evil.example"},
		{name: "a page whose name leads here", host: "evil.example:8080", headers: map[string]string{"Origin": "http://evil.example:8080"}},
		{name: "through a proxy", headers: map[string]string{"X-Forwarded-For": "203.0.113.7"}},
		{name: "through a proxy, by RFC 7239", headers: map[string]string{"Forwarded": "for=203.0.113.7"}},
		{name: "a public address", options: Options{BaseURL: "https://chat.example.org"}, host: "chat.example.org"},
		{name: "a public address, behind nginx as it comes", options: Options{BaseURL: "https://chat.example.org"}},
		{name: "where everybody may sign up", options: Options{Registration: RegistrationOpen}, host: "evil.example"},
		{name: "where nobody may sign up", options: Options{Registration: RegistrationClosed}, host: "evil.example"},
	}
	for _, c := range elsewhere {
		t.Run(c.name, func(t *testing.T) {
			c.options.SetupCode = testSetupCode
			s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), c.options)
			p := webtest.Visitor(t, s.url)
			p.Header.Set("Host", c.host)
			for name, value := range c.headers {
				p.Header.Set(name, value)
			}
			signUp := func(code string) *webtest.Answer {
				return p.Post("/signup", webtest.Form{"name": "jimin", "password": webtest.Password, "setup_code": code})
			}
			form := p.Get("/signup").Wants(http.StatusOK)
			if form.Find(`input[name="setup_code"]`).Length() != 1 {
				t.Error("the form does not ask for the code")
			}
			for _, code := range []string{"", "ABCDEFGH2", "ABCDEFGH24", strings.Repeat("A", 5000)} {
				refused := signUp(code).Wants(http.StatusUnprocessableEntity)
				if refused.Find(`#setup_code-error`).Length() != 1 || refused.Find(`input[name="name"]`).AttrOr("value", "") != "jimin" {
					t.Errorf("code %.12q: the form does not say what is wrong, or forgets the name", code)
				}
			}
			if got := p.Get("/signup?setup_code="+testSetupCode).Find(`input[name="setup_code"]`).AttrOr("value", ""); got != testSetupCode {
				t.Errorf("the printed address fills in %q", got)
			}
			signUp(" " + strings.ToLower(testSetupCode)).Wants(http.StatusSeeOther)
			again := webtest.Visitor(t, s.url)
			again.Header.Set("Host", c.host)
			if again.Get("/signup").Find(`input[name="setup_code"]`).Length() != 0 {
				t.Error("the form asks for the code after the first account")
			}
		})
	}
}

func TestFirstAccount_FromTheMachineItselfNeedsNoCode(t *testing.T) {
	for _, host := range []string{"", "localhost:8080", "sarangbang.localhost", "[::1]:8080", "127.0.0.1"} {
		s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{SetupCode: testSetupCode})
		p := webtest.Visitor(t, s.url)
		p.Header.Set("Host", host)
		if p.Get("/signup").Wants(http.StatusOK).Find(`input[name="setup_code"]`).Length() != 0 {
			t.Errorf("host %q: the form asks for the code", host)
		}
		p.Post("/signup", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusSeeOther)
	}
}

func TestSetupCode_IsThatOfTheKey(t *testing.T) {
	one, err := SetupCode([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := SetupCode([]byte(strings.Repeat("k", 32)))
	other, _ := SetupCode([]byte(strings.Repeat("l", 32)))
	if len(one) != 10 || one != again || one == other {
		t.Errorf("codes %q, %q and with another key %q", one, again, other)
	}
}
