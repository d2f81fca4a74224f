package handlers

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/live"
)

// TestMetrics_TellOfEverything looks for each family that operators may rely on.
func TestMetrics_TellOfEverything(t *testing.T) {
	hub := live.New(live.Options{})
	defer hub.Close()
	m := NewMetrics()
	m.Register(hub.Metrics())
	m.ObservePosts(db.PostCommit{Posts: 3, Took: 2 * time.Millisecond})
	m.ObservePosts(db.PostCommit{Posts: 1, Err: errors.New("the disk is full")})
	text := scrape(t, m, "/metrics", 200)
	for _, want := range []string{
		"\nsarangbang_streams 0\n", "\nsarangbang_rooms_read 0\n", "\nsarangbang_deliveries_total 0\n", "\nsarangbang_queue_bytes 0\n",
		"\nsarangbang_streams_refused_total 0\n", "\nsarangbang_streams_ended_total{cause=\"slow\"} 0\n",
		"\nsarangbang_notices_total{fate=\"next\"} 0\n", "\nsarangbang_notices_total{fate=\"gap\"} 0\n",
		"\nsarangbang_notices_total{fate=\"old\"} 0\n", "\nsarangbang_catch_up_changes_count 0\n",
		"\nsarangbang_commit_posts_sum 3\n", "\nsarangbang_commit_posts_count 1\n", "\nsarangbang_commit_seconds_sum 0.002\n",
		"\nsarangbang_commits_failed_total 1\n", "\ngo_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	scrape(t, m, "/", 404)
}

func scrape(t *testing.T, m *Metrics, path string, status int) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != status {
		t.Errorf("GET %s: status %d, want %d", path, w.Code, status)
	}
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
