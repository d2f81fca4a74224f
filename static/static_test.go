package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// get asks Handler for an address, with an Accept-Encoding header unless accept is empty.
func get(t *testing.T, method, address, accept string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, address, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestFiles_AreServedUnderTheirHashForEver(t *testing.T) {
	mediaTypes := map[string]string{
		"htmx-4.0.1.min.js": "text/javascript; charset=utf-8",
		"js/dom.js":         "text/javascript; charset=utf-8",
		"favicon.svg":       "image/svg+xml",
		"htmx-LICENSE.txt":  "text/plain; charset=utf-8",
	}
	for name, mediaType := range mediaTypes {
		t.Run(name, func(t *testing.T) {
			embedded, err := embedded.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			answer := get(t, "GET", Path(name), "")
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("status %d, want 200", answer.StatusCode)
			}
			if got := body(t, answer.Body); !bytes.Equal(got, embedded) {
				t.Errorf("got %d bytes, want the file's %d", len(got), len(embedded))
			}
			for header, want := range map[string]string{
				"Content-Type":           mediaType,
				"Cache-Control":          "public, max-age=31536000, immutable",
				"X-Content-Type-Options": "nosniff",
			} {
				if got := answer.Header.Get(header); got != want {
					t.Errorf("%s: got %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestContent_IsCompressedForThoseWhoAcceptIt(t *testing.T) {
	plain := embeddedAssets().byAddress[Path("app.css")].plain
	cases := map[string]struct {
		accept string
		gzip   bool
	}{
		"nothing said":    {"", false},
		"gzip":            {"gzip", true},
		"a browser":       {"gzip, deflate, br, zstd", true},
		"in capitals":     {"GZIP", true},
		"with a weight":   {"br;q=1.0, gzip;q=0.8", true},
		"refused":         {"gzip;q=0", false},
		"refused exactly": {"gzip; q=0.000, br", false},
		"another one":     {"br", false},
		"nonsense":        {"gzip;q=x", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			answer := get(t, "GET", Path("app.css"), c.accept)
			if got := answer.Header.Get("Content-Encoding") == "gzip"; got != c.gzip {
				t.Fatalf("compressed: got %v, want %v", got, c.gzip)
			}
			if answer.Header.Get("Vary") != "Accept-Encoding" {
				t.Error("Vary does not name Accept-Encoding")
			}
			if !c.gzip {
				return
			}
			unzipped, err := gzip.NewReader(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(body(t, unzipped), plain) {
				t.Error("unzipped content differs from the plain one")
			}
		})
	}
}

func TestHead_SendsNoBody(t *testing.T) {
	answer := get(t, "HEAD", Path("app.css"), "")
	if n := len(body(t, answer.Body)); answer.StatusCode != http.StatusOK || n != 0 {
		t.Errorf("got status %d and %d bytes, want 200 and none", answer.StatusCode, n)
	}
	if answer.Header.Get("Content-Length") == "0" {
		t.Error("the length is that of the empty body, want the file's")
	}
}

func TestHandler_RefusesWhatIsNotServed(t *testing.T) {
	cases := map[string]struct {
		method, address string
		want            int
	}{
		"a name without hash": {"GET", "/static/app.css", http.StatusNotFound},
		"another hash":        {"GET", "/static/app.0000000000000000.css", http.StatusNotFound},
		"a part of the sheet": {"GET", "/static/css/base.css", http.StatusNotFound},
		"the Go source":       {"GET", "/static/static.go", http.StatusNotFound},
		"the folder":          {"GET", "/static/", http.StatusNotFound},
		"another folder":      {"GET", "/static/../main.go", http.StatusNotFound},
		"a write":             {"POST", Path("app.css"), http.StatusMethodNotAllowed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := get(t, c.method, c.address, "").StatusCode; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestPath_PanicsForAnUnknownName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Path("missing.css")
}
