package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// publicRoutes need nobody signed in. Everything else does.
var publicRoutes = []string{
	"GET /healthz", "GET /readyz", "GET /static/*file", "GET /favicon.ico",
	"GET /signup", "POST /signup", "GET /login", "POST /login", "POST /logout", "POST /language", "POST /theme", "GET /join/:code",
	"GET /recover/:code", "POST /recover/:code",
}

type route struct{ method, pattern string }

func (r route) String() string { return r.method + " " + r.pattern }

// path returns the pattern with its parameters filled in.
func (r route) path(values map[string]string) string {
	parts := strings.Split(r.pattern, "/")
	for i, part := range parts {
		if value, ok := values[strings.TrimLeft(part, ":*")]; ok && part != "" && strings.ContainsAny(part[:1], ":*") {
			parts[i] = value
		}
	}
	return strings.Join(parts, "/")
}

func allRoutes(tb testing.TB) []route {
	tb.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	(&server{}).routes(engine)
	var all []route
	for _, r := range engine.Routes() {
		all = append(all, route{r.Method, r.Path})
	}
	if len(all) < 40 {
		tb.Fatalf("%d routes, want all of them", len(all))
	}
	return all
}

// privateRoom makes a private room with a message, and returns values for the parameters of all
// routes.
func privateRoom(s *testServer) (owner, stranger *webtest.Person, values map[string]string) {
	owner, stranger = s.first(), s.signUp("stranger")
	room := s.room(owner, "안방", db.KindPrivate)
	owner.Post(room+"/messages", webtest.Form{"body": "우리끼리"}).Wants(http.StatusSeeOther)
	return owner, stranger, map[string]string{
		"room": strings.TrimPrefix(room, "/rooms/"), "position": "1", "id": "1", "user": "1", "code": "nobody-knows", "file": "x",
	}
}

// request returns the status of a route. It does not read streams, which have no end.
func request(p *webtest.Person, r route, path string) int {
	p.TB.Helper()
	if r.method == http.MethodPost {
		return p.Post(path, nil).Status
	}
	return p.Do(r.method, path, nil, "").Status
}

func TestRoutes_NeedSomebodySignedInUnlessListed(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		_, _, values := privateRoom(s)
		visitor := webtest.Visitor(t, s.url)
		for _, r := range allRoutes(t) {
			if slices.Contains(publicRoutes, r.String()) {
				continue
			}
			path := r.path(values)
			if got := request(visitor.AsProgram(), r, path); got != http.StatusUnauthorized {
				t.Errorf("%s as a program: status %d, want 401", r, got)
			}
			if strings.HasSuffix(r.pattern, "/stream") {
				if got := request(visitor, r, path); got != http.StatusUnauthorized {
					t.Errorf("%s: status %d, want 401", r, got)
				}
				continue
			}
			a := visitor.Do(r.method, path, nil, "").Wants(http.StatusSeeOther)
			if to := a.Location(); !strings.HasPrefix(to, "/login") {
				t.Errorf("%s leads to %q, want /login", r, to)
			}
		}
	})
}

func TestRoutes_AreNotFoundForStrangersToARoom(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		_, stranger, values := privateRoom(s)
		for _, r := range allRoutes(t) {
			if !strings.HasPrefix(r.pattern, "/rooms/:room") {
				continue
			}
			path := r.path(values)
			form := webtest.Form{"title": "x", "body": "x", "user": "2", "position": "1", "emoji": "👍"}
			for name, p := range map[string]*webtest.Person{"browser": stranger, "program": stranger.AsProgram(), "htmx": stranger.AsHTMX()} {
				a := p.Post
				status := 0
				if r.method == http.MethodPost {
					status = a(path, form).Status
				} else {
					status = p.Get(path).Status
				}
				if status != http.StatusNotFound {
					t.Errorf("%s as %s: status %d, want 404", r, name, status)
				}
			}
		}
	})
}

func TestRoutes_RefuseWritesFromOtherSites(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		owner, _, values := privateRoom(s)
		owner.Header.Set("Sec-Fetch-Site", "cross-site")
		owner.Header.Set("Origin", "https://evil.example")
		for _, r := range allRoutes(t) {
			if r.method != http.MethodPost {
				continue
			}
			if got := request(owner, r, r.path(values)); got != http.StatusForbidden {
				t.Errorf("%s from another site: status %d, want 403", r, got)
			}
		}
	})
}

func TestRoutes_AreNotFoundForNonsense(t *testing.T) {
	nonsense := []string{"nonsense", "0", "-1", "99999999999999999999", "%00", "%ff%fe", "1e3", "%F0%9F%8F%A0", "{00000000-0000-0000-0000-000000000000}"}
	eachServer(t, func(t *testing.T, s *testServer) {
		owner, _, values := privateRoom(s)
		for _, r := range allRoutes(t) {
			for name := range values {
				if !strings.Contains(r.pattern+"/", "/:"+name+"/") {
					continue
				}
				for _, text := range nonsense {
					broken := map[string]string{}
					for n, v := range values {
						broken[n] = v
					}
					broken[name] = text
					form := webtest.Form{"title": "x", "body": "x", "user": "1", "position": "1"}
					var status int
					if r.method == http.MethodPost {
						status = owner.Post(r.path(broken), form).Status
					} else {
						status = owner.Get(r.path(broken)).Status
					}
					if status != http.StatusNotFound {
						t.Errorf("%s with %s=%s: status %d, want 404", r, name, text, status)
					}
				}
			}
		}
	})
}

// textFields are the fields of each route that hold text.
var textFields = map[string][]string{
	"POST /signup":                         {"name", "password", "display_name"},
	"POST /profile":                        {"display_name", "bio", "new_password"},
	"POST /rooms":                          {"title"},
	"POST /rooms/:room":                    {"title"},
	"POST /rooms/:room/messages":           {"body", "key"},
	"POST /rooms/:room/messages/:position": {"body"},
	"POST /tokens":                         {"title"},
	"GET /users":                           {"q"},
}

// brokenTexts cannot be stored: invalid UTF-8, NUL, and other control characters. From texts of
// several lines control characters are removed, because they come with what people paste.
var brokenTexts = map[string]string{
	"invalid UTF-8":      "moon \xff\xfe over the yard",
	"half a character":   "moon over the yard \xea\xb0",
	"NUL":                "moon over \x00 the yard",
	"an escape sequence": "moon over \x1b[31m the yard",
	"a delete character": "moon over \x7f the yard",
}

func TestInput_BrokenTextIsRefusedBesideItsField(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		owner, _, values := privateRoom(s)
		for pattern, fields := range textFields {
			method, rest, _ := strings.Cut(pattern, " ")
			path := route{method, rest}.path(values)
			for _, field := range fields {
				for what, text := range brokenTexts {
					if (field == "body" || field == "bio") && utf8.ValidString(text) {
						continue
					}
					form := webtest.Form{
						"name": "somebody", "password": webtest.Password, "title": "x", "body": "x", "current_password": webtest.Password,
					}
					form[field] = text
					p := owner
					if rest == "/signup" {
						p = webtest.Visitor(t, s.url)
					}
					var a *webtest.Answer
					if method == http.MethodGet {
						a = p.AsProgram().Get(path + "?" + query(webtest.Form{field: text}))
					} else {
						a = p.AsProgram().Post(path, form)
					}
					if a.Status != http.StatusUnprocessableEntity {
						t.Errorf("%s with %s in %s: status %d, want 422", pattern, what, field, a.Status)
						continue
					}
					var e errorShape
					a.JSON(&e)
					if e.Error.Fields[field] == "" {
						t.Errorf("%s with %s in %s: no sentence for the field in %+v", pattern, what, field, e.Error)
					}
				}
			}
		}
	})
}

func TestInput_BodiesAreBounded(t *testing.T) {
	big := strings.Repeat("a", maxBody+1)
	eachServer(t, func(t *testing.T, s *testServer) {
		owner, _, values := privateRoom(s)
		for _, r := range allRoutes(t) {
			if r.method != http.MethodPost || !readsBody(r) {
				continue
			}
			body := big
			if r.pattern == "/profile" {
				body = strings.Repeat("a", maxUpload+1)
			}
			p := owner
			if r.pattern == "/signup" || r.pattern == "/login" {
				p = webtest.Visitor(t, s.url)
			}
			a := p.Post(r.path(values), webtest.Form{"body": body})
			if a.Status != http.StatusRequestEntityTooLarge {
				t.Errorf("%s with a body that is too big: status %d, want 413", r, a.Status)
			}
		}
	})
}

// readsBody reports whether a route reads fields from the body.
func readsBody(r route) bool {
	if strings.HasSuffix(r.pattern, "/files") {
		return false // it has files, see TestFiles_AreBounded
	}
	for _, end := range []string{"/logout", "/delete", "/direct", "activate", "/join", "/leave", "/typing", "/archive", "/restore", "/favourite", "/recovery", "/join/:code", "/pin", "/unpin"} {
		if strings.HasSuffix(r.pattern, end) {
			return false
		}
	}
	return true
}
