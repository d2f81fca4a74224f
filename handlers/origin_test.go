package handlers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// ask sends a request to a service, past the network: method and address, then headers and values.
// The peer is 192.0.2.1 unless the header "peer" names another.
func ask(s *testServer, method, address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, nil)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "peer" {
			r.RemoteAddr = headers[i+1] + ":4321"
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func TestOrigin_IsWhatTrustedProxiesSay(t *testing.T) {
	trusted, err := parseProxies([]string{"192.0.2.0/24", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{proxies: trusted}
	for _, c := range []struct {
		want    string
		headers []string
	}{
		{"http://chat.lan", nil},
		{"https://chat.lan", []string{"X-Forwarded-Proto", "https"}},
		{"https://chat.lan", []string{"X-Forwarded-Proto", "HTTPS"}},
		{"https://chat.lan", []string{"X-Forwarded-Proto", "wss"}},
		{"http://chat.lan", []string{"X-Forwarded-Proto", "gopher"}},
		{"https://chat.lan", []string{"X-Forwarded-Ssl", "on"}},
		{"https://chat.lan", []string{"Front-End-Https", "On"}},
		{"https://chat.lan", []string{"X-Forwarded-Scheme", "https"}},
		{"https://chat.lan", []string{"X-Forwarded-Port", "443"}},
		{"http://chat.lan:8081", []string{"X-Forwarded-Port", "8081"}},
		{"http://chat.lan", []string{"X-Forwarded-Port", "80"}},
		{"http://chat.lan", []string{"X-Forwarded-Port", "x"}},
		{"https://talk.example", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "Talk.Example", "X-Forwarded-Port", "443"}},
		{"https://talk.example", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "talk.example:443"}},
		{"https://talk.example:8443", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "talk.example:8443", "X-Forwarded-Port", "443"}},
		{"https://talk.example:8443", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "talk.example", "X-Forwarded-Port", "8443"}},
		{"http://chat.lan", []string{"X-Forwarded-Host", "<script>"}},
		{"https://talk.example", []string{"Forwarded", `for=198.51.100.7;Proto=HTTPS;host="talk.example"`}},
		{"https://[2001:db8::2]:8443", []string{"Forwarded", `host="[2001:db8::2]:8443";proto=https`}},
		// The nearest value counts, and those before it as far as the proxies are trusted.
		{"http://chat.lan", []string{"X-Forwarded-Proto", "https, http", "X-Forwarded-For", "198.51.100.7"}},
		{"https://chat.lan", []string{"X-Forwarded-Proto", "https, http", "X-Forwarded-For", "198.51.100.7, 192.0.2.9"}},
		{"https://chat.lan", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Proto", "http", "X-Forwarded-For", "198.51.100.7", "X-Forwarded-For", "192.0.2.9:80"}},
		{"https://b.example", []string{"X-Forwarded-Proto", "http,https,http", "X-Forwarded-Host", "a.example, b.example, c.example", "X-Forwarded-For", "a, 198.51.100.7, 192.0.2.9"}},
		{"https://chat.lan", []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "198.51.100.7, 192.0.2.9"}},
		{"https://b.example", []string{"Forwarded", `host=a.example, for=198.51.100.7;host=b.example;proto=https, for="[2001:db8::9]:443";host=c.example;proto=http`}},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://chat.lan/", nil)
		for i := 0; i < len(c.headers); i += 2 {
			r.Header.Add(c.headers[i], c.headers[i+1])
		}
		if got := s.findOrigin(r).String(); got != c.want {
			t.Errorf("%q: %s, want %s", c.headers, got, c.want)
		}
		r.RemoteAddr = "203.0.113.1:80"
		if got := s.findOrigin(r).String(); got != "http://chat.lan" {
			t.Errorf("%q from a stranger: %s", c.headers, got)
		}
	}
}

func TestForms_AreRefusedFromOtherOriginsAlone(t *testing.T) {
	store := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	plain := newTestServer(t, store, Options{TrustedProxies: []string{"192.0.2.0/24"}})
	named := newTestServer(t, store, Options{BaseURL: "https://talk.example", TrustedProxies: []string{"192.0.2.0/24"}})
	for _, c := range []struct {
		s            *testServer
		host, origin string
		fine         bool
		more         []string
	}{
		{plain, "chat.lan", "http://chat.lan", true, nil},
		{plain, "chat.lan", "http://CHAT.lan:80", true, nil},
		{plain, "chat.lan", "http://chat.lan:8081", true, nil}, // nginx: $host drops the port
		{plain, "chat.lan:443", "https://chat.lan", true, nil},
		{plain, "chat.lan:80", "https://chat.lan", true, nil}, // TLS ends before the proxy
		{plain, "chat.lan:8080", "http://chat.lan:8081", false, nil},
		{plain, "127.0.0.1:8080", "http://chat.lan", false, nil}, // nginx as it comes
		{plain, "127.0.0.1:8080", "http://chat.lan", true, []string{"X-Forwarded-Host", "chat.lan"}},
		{plain, "127.0.0.1:8080", "http://chat.lan", false, []string{"X-Forwarded-Host", "chat.lan", "peer", "203.0.113.9"}},
		{plain, "chat.lan", "http://evil.example", false, nil},
		{plain, "chat.lan", "http://chat.lan.evil.example", false, nil},
		{plain, "chat.lan", "null", false, nil},
		{plain, "chat.lan", "http://chat.lan", false, []string{"Sec-Fetch-Site", "cross-site"}},
		{plain, "chat.lan", "http://chat.lan:81", false, []string{"Sec-Fetch-Site", "same-site"}},
		{named, "127.0.0.1:8080", "https://talk.example", true, nil},
		{named, "127.0.0.1:8080", "https://talk.example:443", true, nil},
		{named, "app", "https://talk.example", true, nil},
		{named, "app", "https://talk.example:8443", false, nil},
		{named, "talk.example", "https://evil.example", false, nil},
	} {
		for _, program := range []bool{false, true} {
			headers := append([]string{"Origin", c.origin, "Accept-Language", "en"}, c.more...)
			if program {
				headers = append(headers, "Accept", "application/json")
			}
			w := ask(c.s, http.MethodPost, "http://"+c.host+"/login", headers...)
			if fine := w.Code != http.StatusForbidden; fine != c.fine {
				t.Errorf("a form from %s at %s %v: status %d", c.origin, c.host, c.more, w.Code)
			}
			if !c.fine && c.origin != "null" && !strings.Contains(w.Body.String(), "BASE_URL") {
				t.Errorf("a form from %s at %s: the remedy is not told:\n%s", c.origin, c.host, w.Body)
			}
		}
	}
}

func TestForms_OfAnotherOriginNameTheRemedy(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	for _, language := range []string{"ko", "en"} {
		body := ask(s, http.MethodPost, "http://127.0.0.1:8080/login", "Origin", "http://chat.lan", "Accept-Language", language).Body.String()
		for _, word := range []string{"http://chat.lan", "http://127.0.0.1:8080", "BASE_URL", "proxy_set_header Host $http_host"} {
			if !strings.Contains(body, word) {
				t.Errorf("the page in %s lacks %q", language, word)
			}
		}
	}
	for _, word := range []string{"got=http://chat.lan", "expected=http://127.0.0.1:8080", "BASE_URL=http://chat.lan", "$http_host"} {
		if !strings.Contains(s.log.String(), word) {
			t.Errorf("the log lacks %q:\n%s", word, s.log)
		}
	}
	long := "http://" + strings.Repeat("a", 60_000) + ".example"
	if n := ask(s, http.MethodPost, "http://127.0.0.1:8080/login", "Origin", long).Body.Len(); n > 20_000 {
		t.Errorf("the page repeats %d bytes", n)
	}
}

func TestHosts_OtherThanBaseURLAreMisdirected(t *testing.T) {
	store := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	s := newTestServer(t, store, Options{BaseURL: "https://talk.example", TrustedProxies: []string{"192.0.2.0/24"}})
	for _, c := range []struct {
		address, peer string
		status        int
	}{
		{"http://talk.example/login", "203.0.113.9", 303},
		{"http://TALK.example:8080/login", "203.0.113.9", 303},
		{"http://evil.example/login", "203.0.113.9", 421},
		{"http://evil.example/login", "127.0.0.1", 421},
		{"http://evil.example/login", "192.0.2.1", 421},
		{"http://evil.example/nowhere", "203.0.113.9", 421},
		{"http://evil.example/healthz", "203.0.113.9", 200},
		{"http://evil.example/readyz", "203.0.113.9", 200},
		{"http://203.0.113.5:8080/login", "203.0.113.9", 421},
		{"http://127.0.0.1:8080/login", "127.0.0.1", 303}, // nginx as it comes
		{"http://backend/login", "192.0.2.1", 303},
		{"http://backend/login", "203.0.113.9", 421},
	} {
		w := ask(s, http.MethodGet, c.address, "peer", c.peer)
		if w.Code != c.status {
			t.Errorf("%s from %s: status %d, want %d", c.address, c.peer, w.Code, c.status)
		}
		if w.Code == 421 && !strings.Contains(w.Body.String(), "https://talk.example") {
			t.Errorf("%s: the page does not name the address of the service", c.address)
		}
	}
	if w := ask(s, http.MethodGet, "http://127.0.0.1/login", "X-Forwarded-Host", "evil.example"); w.Code != 421 {
		t.Errorf("a trusted proxy for evil.example: status %d", w.Code)
	}
}

func TestProxies_ThatAreNotTrustedAreNamedOnce(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{TrustedProxies: []string{"10.0.0.0/8"}})
	const sentence = "headers of a proxy are ignored"
	ask(s, http.MethodGet, "http://chat.lan/healthz", "X-Forwarded-For", "198.51.100.7", "peer", "10.0.0.1")
	if strings.Contains(s.log.String(), sentence) {
		t.Error("a trusted proxy is said not to be trusted")
	}
	for range 3 {
		ask(s, http.MethodGet, "http://chat.lan/healthz", "X-Forwarded-Proto", "https")
		ask(s, http.MethodGet, "http://chat.lan/healthz", "Forwarded", "proto=https")
	}
	if n := strings.Count(s.log.String(), sentence); n != 1 || !strings.Contains(s.log.String(), "192.0.2.1/32") {
		t.Errorf("the log says it %d times:\n%s", n, s.log)
	}
}

func TestSlashAtTheEnd_IsNoRedirect(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	p := s.first()
	p.Header.Set("X-Forwarded-Prefix", "/evil")
	a := p.Get("/users/").Wants(http.StatusNotFound)
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Location") != "" {
		t.Errorf("headers %v", a.Header)
	}
	webtest.Visitor(t, s.url).Get("/login/").Wants(http.StatusNotFound)
}
