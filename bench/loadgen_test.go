package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loadgenOf lets two readers read from a server that answers every request for a stream with a text
// and then waits, if it is to. It returns what the readers report once they are told that a room
// has got so many posts.
func loadgenOf(t *testing.T, status int, stream string, waits bool, posts int64) (opened, settled report) {
	t.Helper()
	gone := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(status)
		io.WriteString(w, stream)
		w.(http.Flusher).Flush()
		if waits {
			<-gone
		}
	}))
	defer s.Close()
	defer close(gone)
	progress := filepath.Join(t.TempDir(), "progress")
	if err := os.WriteFile(progress, make([]byte, 8), 0o600); err != nil {
		t.Fatal(err)
	}
	in, commands := io.Pipe()
	reports, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- runReaders(in, out) }()
	r := &readers{commands: json.NewEncoder(commands), reports: json.NewDecoder(reports)}
	opened, _ = r.do(command{Open: &plan{
		Address: strings.TrimPrefix(s.URL, "http://"), Rooms: []string{testRoom}, Readers: 2,
		Tokens: []string{"token"}, Progress: progress,
	}})
	settled, _ = r.do(command{Settle: &settlement{Posted: []int64{posts}, Within: 200}})
	commands.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return opened, settled
}

func TestLoadgen_CountsEachDeliveryOnce(t *testing.T) {
	stream := ready(1) + posted(2, 1) + unread + posted(3, 2)
	opened, settled := loadgenOf(t, http.StatusOK, stream, true, 2)
	if opened.Error != "" || opened.Ready != 2 {
		t.Errorf("opened: %+v", opened)
	}
	if settled.Error != "" || settled.Deliveries != 4 {
		t.Errorf("settled: %+v, want 4 deliveries", settled)
	}
}

func TestLoadgen_ReportsWhatIsWrong(t *testing.T) {
	right := ready(1) + posted(2, 1)
	for name, c := range map[string]struct {
		status int
		stream string
		waits  bool
		posts  int64
		says   string
	}{
		"another status":       {http.StatusServiceUnavailable, "", true, 0, "status 503"},
		"the end of a stream":  {http.StatusOK, right, false, 1, "EOF"},
		"a post that is lost":  {http.StatusOK, right, true, 2, "has received 1 of 2"},
		"a post from nowhere":  {http.StatusOK, right, true, 0, "1 events arrived, 0 were posted"},
		"an event that is bad": {http.StatusOK, right + posted(9, 2), true, 2, "has id 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, settled := loadgenOf(t, c.status, c.stream, c.waits, c.posts)
			if !strings.Contains(settled.Error, c.says) {
				t.Errorf("error %q, want one with %q", settled.Error, c.says)
			}
		})
	}
}
