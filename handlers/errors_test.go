package handlers

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/views"
)

// internals are words that may stand in the log but in no answer.
var internals = []string{
	"sql", "SELECT", "select ", "database is closed", "no such table", "relation", "messages AS", "hidden_away", "bun", "pgdriver", "SQLSTATE",
	"house.db", "/tmp", ".go", "goroutine", "panic", "runtime", "127.0.0.1:5",
}

func wantNoInternals(t *testing.T, what string, a *webtest.Answer) {
	t.Helper()
	text := a.Body
	if !strings.HasPrefix(text, "{") && strings.Contains(text, "<html") {
		a.Find("head").Remove()
		text = a.Find("body").Text()
	}
	for _, word := range internals {
		if strings.Contains(text, word) {
			t.Errorf("%s: the answer says %q:\n%s", what, word, text)
		}
	}
}

// fails fails the test unless a request is answered with 500 in each format, with a sentence and a
// request id that the log has beside the cause.
func fails(t *testing.T, s *testServer, p *webtest.Person, what string, ask func(*webtest.Person) *webtest.Answer) {
	t.Helper()
	for way, p := range eachWay(p) {
		a := ask(p).Wants(http.StatusInternalServerError)
		wantNoInternals(t, what+" as "+way, a)
		id := a.Header.Get("X-Request-Id")
		if !strings.Contains(a.Body, id) || !strings.Contains(a.Body, "on our side") {
			t.Errorf("%s as %s says neither sentence nor request id: %s", what, way, a.Body)
		}
		if way == "JSON" {
			var e errorShape
			if a.JSON(&e); e.Error.Code != "internal" || e.Error.RequestID != id {
				t.Errorf("%s: %+v", what, e.Error)
			}
		} else if strings.Contains(a.Find("body").Text(), "haven’t joined a room") {
			t.Errorf("%s as %s tells lies about rooms", what, way)
		}
		found := false
		for line := range strings.Lines(s.log.String()) {
			found = found || strings.Contains(line, id) && strings.Contains(line, "level=ERROR") && strings.Contains(line, "err=")
		}
		if !found {
			t.Errorf("%s as %s: no cause in the log for %s", what, way, id)
		}
	}
}

func TestFailure_RevealsNothing(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := newTestServer(t, dbtest.Open(t, db.Options{URL: address}), Options{})
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		hide(t, address, "messages")
		get := func(path string) func(*webtest.Person) *webtest.Answer {
			return func(p *webtest.Person) *webtest.Answer { return p.Get(path) }
		}
		fails(t, s, jimin, "a room", get(room))
		fails(t, s, jimin, "a message", get(room+"/messages/1"))
		fails(t, s, jimin, "a post", func(p *webtest.Person) *webtest.Answer {
			return p.Post(room+"/messages", webtest.Form{"body": "잃으면 안 될 말"})
		})
		for _, path := range []string{room + "/stream?after=0", room + "/live?after=0"} {
			a := jimin.Get(path).Wants(http.StatusInternalServerError)
			wantNoInternals(t, path, a)
		}
		if err := s.store.Close(); err != nil {
			t.Fatal(err)
		}
		fails(t, s, jimin, "a closed database", get("/"))
		fails(t, s, jimin, "signing in", func(p *webtest.Person) *webtest.Answer {
			return p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password})
		})
		if strings.Contains(s.log.String(), "잃으면") {
			t.Error("the log holds what was said")
		}
		for _, operation := range []string{"Visit: ", "commitPosts: "} {
			if !strings.Contains(s.log.String(), operation) {
				t.Errorf("the log does not say that %s failed", operation)
			}
		}
	})
}

// hide renames a table, so that every statement about it fails.
func hide(t *testing.T, address, table string) {
	t.Helper()
	driver, source := "pg", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), "ALTER TABLE "+table+" RENAME TO hidden_away"); err != nil {
		t.Fatal(err)
	}
}

func TestFailure_SendsLastResortWithoutTemplates(t *testing.T) {
	renderer, err := views.New("x", "")
	if err != nil {
		t.Fatal(err)
	}
	store := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	s := newTestServerWith(t, store, Options{}, renderer)
	*renderer = views.Renderer{} // no template works any more
	for lang, sentence := range map[string]string{"en": "on our side", "ko": "문제가 생겼습니다"} {
		for _, path := range []string{"/signup", "/nowhere"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Language", lang)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			if path == "/signup" && w.Code != http.StatusInternalServerError {
				t.Errorf("%s: status %d", path, w.Code)
			}
			if !strings.Contains(w.Body.String(), sentence) || !strings.Contains(w.Body.String(), "</html>") || strings.Contains(w.Body.String(), "panic") {
				t.Errorf("%s in %s: %s", path, lang, w.Body)
			}
		}
	}
}

func TestErrors_HaveTheirStatusForPrograms(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		boram.Get(room)
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		for name, c := range map[string]struct {
			a      *webtest.Answer
			status int
			code   string
		}{
			"invalid":      {boram.AsProgram().Post(room+"/messages", nil), 422, "invalid"},
			"not JSON":     {boram.AsProgram().Do("POST", room+"/messages", strings.NewReader("{"), "application/json"), 422, "invalid"},
			"an array":     {boram.AsProgram().Do("POST", room+"/messages", strings.NewReader("[]"), "application/json"), 422, "invalid"},
			"a list":       {boram.AsProgram().PostJSON(room+"/messages", map[string]any{"body": []string{"a"}}), 422, "invalid"},
			"unauthorized": {webtest.Visitor(t, s.url).AsProgram().Get("/"), 401, "unauthorized"},
			"forbidden":    {boram.AsProgram().Post(room+"/messages/1/delete", nil), 403, "forbidden"},
			"not found":    {boram.AsProgram().Get("/nowhere"), 404, "not_found"},
			"wrong method": {boram.AsProgram().Do("DELETE", room, nil, ""), 404, "not_found"},
			"too large":    {boram.AsProgram().Post("/rooms", webtest.Form{"title": strings.Repeat("x", maxBody)}), 413, "too_large"},
			"unsupported":  {boram.AsProgram().Do("POST", "/rooms", strings.NewReader("<a/>"), "application/xml"), 415, "unsupported"},
			"other site":   {fromElsewhere(boram).AsProgram().Post("/rooms", nil), 403, "forbidden"},
		} {
			var e errorShape
			if c.a.Wants(c.status).JSON(&e); e.Error.Code != c.code || e.Error.Message == "" || e.Error.RequestID != c.a.Header.Get("X-Request-Id") {
				t.Errorf("%s: %+v", name, e.Error)
			}
		}
	})
}

func TestLog_HoldsNoSecrets(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "비밀스런방제목", db.KindOpen)
		link := invite(jimin, webtest.Form{"room": strings.TrimPrefix(room, "/rooms/")})
		boram.Post("/join/"+link.Code, nil)
		script := boram.WithToken()
		stream := script.Open(room + "/stream")
		script.Post(room+"/messages", webtest.Form{"body": "속삭인말하나", "key": "secretkey1"})
		stream.UntilHas("속삭인말하나")
		jimin.Post(room+"/messages/1", webtest.Form{"body": "속삭인말둘"})
		jimin.Get("/users?q=찾는사람")
		jimin.Post("/profile", webtest.Form{"bio": "숨은소개", "current_password": webtest.Password, "new_password": "sun over the yard"})
		webtest.Visitor(t, s.url).Post("/login", webtest.Form{"name": "jimin", "password": "wrong horse battery"})
		withSecret(s, "not-a-token-at-all").Get("/rooms")
		jimin.Post("/logout", nil)
		log := s.log.String()
		secrets := []string{
			webtest.Password, "sun over the yard", "wrong horse", "not-a-token", "속삭인", "숨은소개", "secretkey1", "찾는사람", "비밀스런방제목", link.Code, "argon2",
			strings.TrimPrefix(script.Header.Get("Authorization"), "Bearer "), testCookies.plain + "=",
		}
		for _, c := range boram.Client.Jar.Cookies(mustURL(t, s.url)) {
			secrets = append(secrets, c.Value)
		}
		for _, secret := range secrets {
			if strings.Contains(log, secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		for _, want := range []string{`method=POST`, `route=/rooms/:room/messages`, "status=201", "duration=", "request_id=", "user_id=2"} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %s", want)
			}
		}
	})
}

func TestInput_TakesJSONNumbersBooleansAndNull(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for remember, want := range map[any]int{true: 30 * 86_400, false: 86_400, nil: 86_400, "1": 30 * 86_400, "": 86_400} {
			a := webtest.Visitor(t, s.url).PostJSON("/login", map[string]any{"name": "jimin", "password": webtest.Password, "remember": remember})
			if c := cookies(a)[testCookies.plain]; c == nil || c.MaxAge != want {
				t.Errorf("remember %v: status %d, cookie %v", remember, a.Status, c)
			}
		}
		room := s.room(jimin, "마당", db.KindOpen)
		for position, want := range map[any]int{1: 200, 1.5: 422, "1": 200, true: 200, nil: 422, -1: 422, 1e30: 422} {
			if a := jimin.PostJSON(room+"/read", map[string]any{"position": position}); a.Status != want && a.Status != http.StatusSeeOther {
				t.Errorf("position %v: status %d, want %d", position, a.Status, want)
			}
		}
	})
}
