package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/views"
)

// newBasedServer starts a service under /chat.
func newBasedServer(t *testing.T, scheme string) *testServer {
	t.Helper()
	renderer, err := views.New("live-nonce", "/chat")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{BaseURL: scheme + "://127.0.0.1/chat", Registration: RegistrationInvite}
	return newTestServerWith(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), o, renderer)
}

// crawler follows all addresses of a service under /chat, and looks at each.
type crawler struct {
	t      *testing.T
	person *webtest.Person // whose Base is the root of the host
	public string          // BASE_URL
	queue  []string
	seen   map[string]bool
	kinds  map[string]int // how many addresses of each kind were followed, which differ in numbers alone
}

// isUnder reports whether an address is one of the service; it complains where not.
func (c *crawler) isUnder(where, address string) bool {
	c.t.Helper()
	path := strings.TrimPrefix(address, strings.TrimSuffix(c.public, "/chat"))
	if path != "/chat" && !strings.HasPrefix(path, "/chat/") || strings.HasPrefix(path, "/chat/chat") {
		c.t.Errorf("%s: the address %s", where, address)
		return false
	}
	return true
}

var (
	linkAddress = regexp.MustCompile(`<([^>]*)>`)
	jsonAddress = regexp.MustCompile(`^(/|http://127\.0\.0\.1)`)
)

// headers checks the addresses in the headers of an answer.
func (c *crawler) headers(where string, h http.Header) {
	for _, name := range []string{"Location", "Hx-Redirect", "Hx-Location", "Hx-Push-Url", "Hx-Replace-Url", "Content-Location"} {
		if to := h.Get(name); to != "" && c.isUnder(where+", "+name, to) {
			if next := mustURL(c.t, to).Query().Get("next"); next != "" {
				c.isUnder(where+", next", next)
			}
			c.add(to)
		}
	}
	for _, link := range linkAddress.FindAllStringSubmatch(h.Get("Link"), -1) {
		if c.isUnder(where+", Link", link[1]) {
			c.add(link[1])
		}
	}
	for _, cookie := range (&http.Response{Header: h}).Cookies() {
		c.isUnder(where+", cookie "+cookie.Name, cookie.Path)
	}
}

// json checks the addresses in a decoded JSON value.
func (c *crawler) json(where string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, part := range v {
			c.json(where+" "+name, part)
		}
	case []any:
		for _, part := range v {
			c.json(where, part)
		}
	case string:
		if jsonAddress.MatchString(v) && c.isUnder(where, v) {
			c.add(strings.TrimPrefix(v, strings.TrimSuffix(c.public, "/chat")))
		}
	}
}

// page checks the addresses in HTML, in attributes of whatever name, and those of forms that write.
func (c *crawler) page(where, text string) {
	page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	page.Find("*").Each(func(_ int, e *goquery.Selection) {
		for _, a := range e.Get(0).Attr {
			if !jsonAddress.MatchString(a.Val) || e.Is("input[type=text]") || e.Is(".body a") && !strings.HasPrefix(a.Val, c.public) {
				continue
			}
			if !c.isUnder(where+" <"+e.Get(0).Data+" "+a.Key+">", a.Val) {
				continue
			}
			path := strings.TrimPrefix(a.Val, strings.TrimSuffix(c.public, "/chat"))
			switch {
			case a.Key == "hx-post", a.Key == "action" && e.AttrOr("method", "") == "post", a.Key == "formaction":
				c.write(path)
			case a.Key != "data-room" && a.Key != "data-base":
				c.add(path)
			}
		}
	})
}

// write checks that a form is taken at a path, from a stranger, who is sent to sign in.
func (c *crawler) write(path string) {
	kind := "POST " + number.ReplaceAllString(path, "0")
	if c.seen["POST "+path] || c.kinds[kind] > 2 {
		return
	}
	c.seen["POST "+path] = true
	c.kinds[kind]++
	stranger := webtest.Visitor(c.t, c.person.Base)
	if a := stranger.Post(path, nil); a.Status == http.StatusNotFound {
		c.t.Errorf("POST %s: 404", path)
	} else {
		c.headers("POST "+path, a.Header)
	}
}

func (c *crawler) add(address string) {
	address, _, _ = strings.Cut(address, "#")
	kind := number.ReplaceAllString(address, "0")
	if !c.seen[address] && c.kinds[kind] < 4 {
		c.seen[address] = true
		c.kinds[kind]++
		c.queue = append(c.queue, address)
	}
}

// number matches what addresses of one kind differ in: numbers, ids, codes and hashes.
var number = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16}|[0-9]+`)

var endless = regexp.MustCompile(`/(live|stream)(\?|$)`)

// crawl follows all addresses from those in the queue.
func (c *crawler) crawl() {
	for len(c.queue) > 0 && !c.t.Failed() {
		path := c.queue[0]
		c.queue = c.queue[1:]
		if endless.MatchString(path) {
			c.person.Open(path)
			continue
		}
		a := c.person.Get(path)
		if a.Status >= 400 {
			c.t.Errorf("GET %s: status %d", path, a.Status)
		}
		c.headers(path, a.Header)
		if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			c.page(path, a.Body)
			c.program(path)
			c.fragments(path)
		}
	}
}

// program asks for the same as a program does.
func (c *crawler) program(path string) {
	a := c.person.AsProgram().Get(path)
	c.headers("JSON "+path, a.Header)
	var value any
	if strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") && json.Unmarshal([]byte(a.Body), &value) == nil {
		c.json("JSON "+path, value)
	}
}

// fragments asks for the same as htmx does, for a fragment and for a page in place.
func (c *crawler) fragments(path string) {
	htmx := c.person.AsHTMX()
	a := htmx.Get(path)
	c.headers("htmx "+path, a.Header)
	c.page("htmx "+path, a.Body)
	htmx.Header.Set("HX-Target", mainTarget)
	a = htmx.Get(path)
	c.headers("in place "+path, a.Header)
	c.page("in place "+path, a.Body)
}

// furnish signs up the administrator and somebody else under /chat, and makes one of everything.
func furnish(t *testing.T, root string, public string) *webtest.Person {
	t.Helper()
	p := webtest.SignUp(t, root+"/chat", "jimin", "")
	var invite struct{ Code, URL string }
	p.AsProgram().Post("/invites", webtest.Form{"max_uses": "9"}).Wants(http.StatusCreated).JSON(&invite)
	if want := public + "/join/" + invite.Code; invite.URL != want {
		t.Errorf("the invitation is %s, want %s", invite.URL, want)
	}
	other := webtest.SignUp(t, root+"/chat", "seoyeon", invite.Code)
	other.Post("/rooms", webtest.Form{"title": "열린 방"}).Wants(http.StatusSeeOther)
	room := strings.TrimPrefix(p.Post("/rooms", webtest.Form{"title": "마당"}).Wants(http.StatusSeeOther).Location(), "/chat")
	p.Post("/invites", webtest.Form{"room": strings.TrimPrefix(room, "/rooms/")}).Wants(http.StatusSeeOther)
	for i := range 60 {
		p.Post(room+"/messages", webtest.Form{"body": "글 " + itoa(int64(i))}).Wants(http.StatusSeeOther)
	}
	p.Post(room+"/messages", webtest.Form{"body": "여기 " + public + room + " 저기 https://example.com/x"}).Wants(http.StatusSeeOther)
	p.Post(room+"/messages/3/reactions", webtest.Form{"emoji": "👍"}).Wants(http.StatusSeeOther)
	p.Post(room+"/members", webtest.Form{"user": "2"}).Wants(http.StatusSeeOther)
	p.Post("/users/2/direct", nil).Wants(http.StatusSeeOther)
	p.Post("/users/2/recovery", nil).Wants(http.StatusSeeOther)
	p.Post("/tokens", webtest.Form{"title": "script"}).Wants(http.StatusSeeOther)
	archived := strings.TrimPrefix(p.Post("/rooms", webtest.Form{"title": "옛 방"}).Wants(http.StatusSeeOther).Location(), "/chat")
	p.Post(archived+"/archive", nil).Wants(http.StatusSeeOther)
	p.Base = root
	return p
}

func TestBase_IsInAllAddresses(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(http.Handler) http.Handler{
		"a proxy that passes the path on": func(service http.Handler) http.Handler { return service },
		"a proxy that cuts the path off":  func(service http.Handler) http.Handler { return http.StripPrefix("/chat", service) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newBasedServer(t, "http")
			proxy := httptest.NewServer(between(s.handler))
			t.Cleanup(proxy.Close)
			t.Cleanup(s.hub.Close)
			p := furnish(t, proxy.URL, "http://127.0.0.1/chat")
			c := &crawler{t: t, person: p, public: "http://127.0.0.1/chat", seen: map[string]bool{}, kinds: map[string]int{}}
			for _, start := range []string{"/chat/", "/chat/users/2", "/chat/tokens", "/chat/users?q=s", "/chat/rooms?q=x", "/chat/favicon.ico"} {
				c.add(start)
			}
			c.crawl()
			if len(c.kinds) < 90 {
				t.Errorf("only %d kinds of addresses were followed", len(c.kinds))
			}
			signedOut := &crawler{t: t, person: webtest.Visitor(t, proxy.URL), public: c.public, seen: map[string]bool{}, kinds: map[string]int{}}
			for address := range c.seen {
				if !strings.HasPrefix(address, "POST ") && !endless.MatchString(address) {
					signedOut.headers(address, signedOut.person.Get(address).Header)
				}
			}
		})
	}
}

func TestBase_HasNothingOutside(t *testing.T) {
	s := newBasedServer(t, "https")
	signUpByTLS(t, s)
	for _, path := range []string{
		"/", "/login", "/signup", "/rooms", "/static/x.css", "/favicon.ico", "/chatter", "/chatter/login", "/join/x", "/stream", "/me.css", "//chat/", "/Chat/login",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if w := ask(s, method, "https://127.0.0.1"+path); w.Code != http.StatusNotFound {
				t.Errorf("%s %s: status %d", method, path, w.Code)
			}
		}
	}
	if w := ask(s, "GET", "https://127.0.0.1/login", "Accept", "text/html"); !strings.Contains(w.Body.String(), "https://127.0.0.1/chat/") {
		t.Errorf("a page outside does not say where the service is: %s", w.Body)
	}
	if !strings.Contains(s.log.String(), "TRUSTED_PROXIES") || strings.Count(s.log.String(), "outside of the path of BASE_URL are refused") != 1 {
		t.Error("the log does not say once what mends it")
	}
	for _, path := range []string{"/healthz", "/chat/healthz", "/chat/login", "/chat/static/../login"} {
		if w := ask(s, "GET", "https://127.0.0.1"+path); w.Code != http.StatusOK && w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	if w := ask(s, "GET", "https://127.0.0.1/chat"); w.Header().Get("Location") != "/chat/login?next=%2Fchat%2F" {
		t.Errorf("without the last slash: %d %s", w.Code, w.Header().Get("Location"))
	}
}

// signUpByTLS signs up the first user past the network, and checks the cookies of that.
func signUpByTLS(t *testing.T, s *testServer) {
	t.Helper()
	form := url.Values{"name": {"jimin"}, "password": {webtest.Password}}
	r := httptest.NewRequest(http.MethodPost, "https://127.0.0.1/chat/signup", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/chat/rooms/") {
		t.Fatalf("status %d, to %s", w.Code, w.Header().Get("Location"))
	}
	for _, c := range w.Result().Cookies() {
		if strings.HasPrefix(c.Name, "__Host-") || !strings.HasPrefix(c.Path, "/chat") || !c.Secure {
			t.Errorf("cookie %s", c)
		}
	}
	if !strings.Contains(strings.Join(w.Header()["Set-Cookie"], " "), "__Secure-sarangbang-") {
		t.Errorf("cookies %q", w.Header()["Set-Cookie"])
	}
}

func TestNext_LeadsIntoTheServiceAlone(t *testing.T) {
	s := newBasedServer(t, "http")
	webtest.SignUp(t, s.url+"/chat", "jimin", "")
	for next, want := range map[string]string{
		"/chat/rooms?q=x": "/chat/rooms?q=x", "/chat": "/chat/", "/chat?left=x": "/chat/?left=x", "/rooms": "/chat/", "/chatter/x": "/chat/",
		"//chat/x": "/chat/", "https://example.com/chat/": "/chat/", "/chat//evil.example": "/chat/evil.example", "": "/chat/",
	} {
		p := webtest.Visitor(t, s.url+"/chat")
		form := webtest.Form{"name": "jimin", "password": webtest.Password, "next": next}
		if got := p.Post("/login", form).Wants(http.StatusSeeOther).Header.Get("Location"); got != want {
			t.Errorf("next %q leads to %s, want %s", next, got, want)
		}
	}
}

// Two services on a host, at its root and under a path or under two paths, leave each other's
// cookies alone, also with the same key.
func TestBase_KeepsTwoServicesOnAHostApart(t *testing.T) {
	one := newBasedServer(t, "http")
	renderer, err := views.New("live-nonce", "/talk")
	if err != nil {
		t.Fatal(err)
	}
	two := newTestServerWith(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{BaseURL: "http://127.0.0.1/talk"}, renderer)
	root := newTestServerWith(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{BaseURL: "http://127.0.0.1"}, must(sharedRenderer()))
	mux := http.NewServeMux()
	mux.Handle("/chat/", one.handler)
	mux.Handle("/talk/", two.handler)
	mux.Handle("/", root.handler)
	host := httptest.NewServer(mux)
	t.Cleanup(host.Close)
	p := webtest.Visitor(t, host.URL)
	bases := []string{"/chat", "/talk", ""}
	for _, base := range bases {
		p.Post(base+"/signup", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusSeeOther)
	}
	for i, base := range bases {
		for j, other := range bases {
			want := http.StatusOK
			if j < i {
				want = http.StatusSeeOther
			}
			if got := p.Get(other + "/profile").Status; got != want {
				t.Errorf("%d signed out: %s/profile has status %d, want %d", i, other, got, want)
			}
		}
		p.Post(base+"/logout", nil).Wants(http.StatusSeeOther)
	}
}
