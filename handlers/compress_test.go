package handlers

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// accepting is a client that accepts content codings.
func accepting(p *webtest.Person, codings string) *webtest.Person {
	client := *p
	client.Header = p.Header.Clone()
	client.Header.Set("Accept-Encoding", codings)
	return &client
}

// inPlace is a browser whose scripts ask for a page that takes the place of another one.
func inPlace(p *webtest.Person) *webtest.Person {
	browser := p.AsHTMX()
	browser.Header.Set(headerTarget, mainTarget)
	return browser
}

// decoded returns the body of an answer as it was before it was compressed.
func decoded(t *testing.T, a *webtest.Answer) string {
	t.Helper()
	var r io.Reader = strings.NewReader(a.Body)
	switch a.Header.Get("Content-Encoding") {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCompression_IsThatWhichTheClientPrefers(t *testing.T) {
	s := &server{codings: newCodings()}
	for accepted, want := range map[string]string{
		"": "", "identity": "", "deflate": "", "gzip": "gzip", "GZIP": "gzip", "br": "br", "gzip, deflate, br, zstd": "br",
		"gzip;q=1, br;q=0.5": "gzip", "br;q=0, gzip": "gzip", "*": "br", "br;q=0, *": "gzip", "*;q=0": "", "gzip;q=0": "",
		"gzip;q=0.5, identity": "", "gzip; q=0.5": "gzip", "gzip;q=nonsense": "", "gzip;q=NaN": "", "br;q=0.2,gzip;q=0.2": "br",
	} {
		c := &gin.Context{Request: &http.Request{Header: http.Header{"Accept-Encoding": {accepted}}}}
		got := ""
		if k := s.codingFor(c, compressFrom); k != nil {
			got = k.name
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", accepted, got, want)
		}
	}
}

func TestCompression_ChangesTheBodyAlone(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		s.signUp("minsu") // else the page of somebody alone shows an invitation
		room := s.room(jimin, "마당", db.KindOpen)
		for range 30 {
			jimin.Post(room+"/messages", webtest.Form{"body": strings.Repeat("긴 이야기 ", 20), "read": "100"})
		}
		clients := map[string]*webtest.Person{"page": jimin, "in place": inPlace(jimin), "JSON": jimin.AsProgram()}
		for name, client := range clients {
			for _, path := range []string{"/", room, room + "/messages", "/users", "/rooms"} {
				plain := accepting(client, "identity").Get(path).Wants(http.StatusOK)
				if got := plain.Header.Get("Content-Encoding"); got != "" {
					t.Errorf("%s %s: coding %q was not asked for", name, path, got)
				}
				for _, coding := range []string{"gzip", "br", "br"} {
					a := accepting(client, coding).Get(path).Wants(http.StatusOK)
					if len(plain.Body) < compressFrom {
						continue
					}
					if got := a.Header.Get("Content-Encoding"); got != coding || len(a.Body) >= len(plain.Body) {
						t.Errorf("%s %s: coding %q with %d of %d bytes, want %q", name, path, got, len(a.Body), len(plain.Body), coding)
					}
					if got := decoded(t, a); withoutKey(got) != withoutKey(plain.Body) {
						t.Errorf("%s %s in %s: not what it is without", name, path, coding)
					}
					head := accepting(client, coding).Do(http.MethodHead, path, nil, "")
					for _, header := range []string{"ETag", "Content-Type", "Vary"} {
						if got, want := a.Header.Get(header), plain.Header.Get(header); got != want || head.Header.Get(header) != want {
							t.Errorf("%s %s in %s: %s %q, want %q", name, path, coding, header, got, want)
						}
					}
					if got := head.Header.Get("Content-Encoding"); got != coding {
						t.Errorf("%s %s: HEAD has coding %q, want %q", name, path, got, coding)
					}
					if etag := a.Header.Get("ETag"); etag != "" {
						having(accepting(client, coding), etag).Get(path).Wants(http.StatusNotModified)
					}
				}
			}
		}
	})
}

// withoutKey returns a page without the composer's key, which differs in each answer.
func withoutKey(page string) string {
	before, after, _ := strings.Cut(page, composerKeyPrefix)
	if len(after) > 36 {
		after = after[36:]
	}
	return before + after
}

func TestCompression_IsNotForSecretsAndShortAnswers(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post("/invites", webtest.Form{"room": strings.TrimPrefix(room, "/rooms/")})
		jimin.Post("/tokens", webtest.Form{"title": "curl"}).Wants(http.StatusSeeOther)
		wantPlain := func(p *webtest.Person, path string) *webtest.Answer {
			t.Helper()
			a := accepting(p, "br, gzip").Get(path)
			if got := a.Header.Get("Content-Encoding"); got != "" || len(a.Body) == 0 {
				t.Errorf("%s: coding %q, %d bytes", path, got, len(a.Body))
			}
			return a
		}
		if a := wantPlain(jimin, "/tokens"); !strings.Contains(a.Body, "Bearer ") {
			t.Error("the page shows no token")
		}
		invites := wantPlain(jimin, "/invites")
		wantPlain(jimin.AsProgram(), "/invites")
		wantPlain(jimin, "/profile")
		wantPlain(minsu.AsProgram(), room) // short
		code := invites.Body[strings.Index(invites.Body, "/join/"):]
		code = code[:strings.IndexAny(code, `"< `)]
		guest := webtest.Visitor(t, s.url)
		for _, path := range []string{"/login", "/signup", code, "/join/none"} {
			wantPlain(guest, path)
		}
	})
}

func TestCompression_SpendsNothingOnWhatIsKept(t *testing.T) {
	k := newCodings()[0]
	p := &renderedPage{before: bytes.Repeat([]byte("사랑방"), 1000)}
	first, err := p.inCoding(k)
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.inCoding(k)
	if err != nil || &first[0] != &second[0] {
		t.Errorf("compressed again, error %v", err)
	}
}
