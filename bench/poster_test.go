package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// answering returns the address of a server that answers everything in one way.
func answering(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// clientOf returns a client of such a server.
func clientOf(t *testing.T, answer http.HandlerFunc) *client {
	t.Helper()
	c, err := dial(answering(t, answer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func TestPoster_ChecksResponses(t *testing.T) {
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
			f := &fixture{rooms: []string{"a", "b"}, writers: []string{"token"}}
			p := newPoster(answering(t, c.answer), false, f, 80)
			for way, post := range map[string]func(context.Context) error{
				"saturating": func(ctx context.Context) error { _, err := repeat(ctx, 3, p.open); return err },
				"at a rate":  func(ctx context.Context) error { return p.atRate(ctx, 1000, 3) },
			} {
				ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
				err := post(ctx)
				stop()
				if !strings.Contains(fmt.Sprint(err), cmp.Or(c.says, "<nil>")) {
					t.Errorf("%s: error %v, want %q", way, err, c.says)
				}
			}
		})
	}
}

func TestReadBack_FindsLostAndDoubledPosts(t *testing.T) {
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
			err := attempt(func() { readBack(address, &fixture{rooms: []string{"a"}, writers: []string{"token"}}, 3) })
			if (err == nil) != c.right {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestThrottle_HoldsPostsBackUntilDelivered(t *testing.T) {
	progress, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer progress.Close()
	var p poster
	held := &throttle{progress: progress, shape: shape{2, 10}}
	for _, c := range []struct {
		posted, delivered int64
		passes            bool
	}{
		{0, 0, true},
		{2 * undelivered, 0, true},
		{2*undelivered + 1, 0, false},
		{2*undelivered + 1, 9, false},
		{2*undelivered + 1, 10, true},
	} {
		p.turn.Store(c.posted)
		var b [8]byte
		binary.NativeEndian.PutUint64(b[:], uint64(c.delivered))
		if _, err := progress.WriteAt(b[:], 0); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if held.wait(ctx, &p) != c.passes {
			t.Errorf("%d posted, %d delivered: passes %v", c.posted, c.delivered, !c.passes)
		}
		stop()
	}
}
