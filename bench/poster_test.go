package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answering is the address of a server that answers everything so.
func answering(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func TestPosterChecksAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"as it should be": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			io.Copy(w, r.Body)
		}, ""},
		"another status": {func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }, "status 200"},
		"another body": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, "tea")
		}, "not its body"},
		"no answer": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPoster(answering(t, c.answer), kindProgram, []string{"a", "b"}, []string{"token"}, 80)
			for way, post := range map[string]func(context.Context) error{
				"saturating": func(ctx context.Context) error { _, err := p.saturate(ctx, 3); return err },
				"at a rate":  func(ctx context.Context) error { return p.atRate(ctx, 1000, 3) },
			} {
				ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
				err := post(ctx)
				stop()
				if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
					t.Errorf("%s: error %v, want %q", way, err, c.says)
				}
			}
		})
	}
}

func TestPostsAreReadBack(t *testing.T) {
	for name, c := range map[string]struct {
		numbers []int64 // of the posts, by position
		right   bool
	}{
		"all of them":    {[]int64{2, 1, 3}, true},
		"one is lost":    {[]int64{1, 2}, false},
		"one is twice":   {[]int64{1, 2, 2}, false},
		"one is strange": {[]int64{1, 2, 4}, false},
	} {
		t.Run(name, func(t *testing.T) {
			address := answering(t, func(w http.ResponseWriter, r *http.Request) {
				var after int
				fmt.Sscan(r.URL.Query().Get("after"), &after)
				if after >= len(c.numbers) {
					io.WriteString(w, "[]")
					return
				}
				fmt.Fprintf(w, `[{"position":%d,"body":%q}]`, after+1, appendBody(nil, c.numbers[after], 5, 60))
			})
			err := readBack(address, &house{rooms: []string{"a"}, writers: []string{"token"}}, 3)
			if (err == nil) != c.right {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAWrongPageIsSeen(t *testing.T) {
	p := &page{Request: []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")}
	if err := p.learn([]byte("<p>tea</p></html>")); err != nil {
		t.Fatal(err)
	}
	for body, right := range map[string]bool{"<p>tea</p></html>": true, "<p>TEA</p></html>": false, "<p>tea</p></HTML>": false, "": false} {
		c, err := dial(answering(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ask(c, true); (err == nil) != right {
			t.Errorf("%q: error %v", body, err)
		}
		c.close()
	}
}
