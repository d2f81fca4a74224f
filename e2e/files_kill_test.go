package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo/phototest"
)

// TestFilesOfMessagesAreWholeAfterKills kills the program again and again while files are sent.
// What a message names is there as a whole, and what was acknowledged is named.
func TestFilesOfMessagesAreWholeAfterKills(t *testing.T) {
	t.Parallel()
	kills := 6
	if testing.Short() {
		kills = 2
	}
	p := startServer(t)
	jimin := webtest.SignUp(t, p.url, "jimin", "")
	room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Wants(http.StatusSeeOther).Location()
	script := jimin.WithToken()
	picture := string(phototest.JPEG(t, phototest.Quarters(900, 700, phototest.Red, phototest.Green)))
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for round := range kills {
		var sending sync.WaitGroup
		for sender := range 4 {
			sending.Go(func() {
				for n := 0; ; n++ {
					name := fmt.Sprintf("%d-%d-%d.txt", round, sender, n)
					body, contentType := formOf(nil, map[string]string{name: strings.Repeat(name+"\n", 5000), "z.jpg": picture})
					req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+room+"/messages", body)
					if err != nil {
						t.Error(err)
						return
					}
					req.Header = script.Header.Clone()
					req.Header.Set("Content-Type", contentType)
					resp, err := http.DefaultClient.Do(req)
					if err != nil {
						return // it was killed
					}
					resp.Body.Close()
					if resp.StatusCode == http.StatusCreated {
						mu.Lock()
						acknowledged[name] = true
						mu.Unlock()
					}
				}
			})
		}
		pass(300*time.Millisecond + rand.N(700*time.Millisecond))
		p.kill()
		sending.Wait()
		p.start()
	}
	if len(acknowledged) < kills {
		t.Fatalf("only %d messages were sent", len(acknowledged))
	}
	for _, m := range allMessages(t, script, room) {
		for _, f := range m.Files {
			content := script.Get(f.URL).Wants(http.StatusOK)
			if int64(len(content.Body)) != f.Size {
				t.Errorf("%s has %d bytes of %d", f.Name, len(content.Body), f.Size)
			}
			if f.SmallURL != "" {
				script.Get(f.SmallURL).Wants(http.StatusOK)
			}
			delete(acknowledged, f.Name)
		}
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d files were acknowledged and are in no message: %v", len(acknowledged), acknowledged)
	}
}

// sentMessage is a message with files, as programs read it.
type sentMessage struct {
	Position int64
	Files    []struct {
		Name, URL string
		SmallURL  string `json:"small_url"`
		Size      int64
	}
}

func allMessages(t *testing.T, p *webtest.Person, room string) (all []sentMessage) {
	t.Helper()
	for last := int64(0); ; last = all[len(all)-1].Position {
		var page []sentMessage
		p.Get(fmt.Sprintf("%s/messages?limit=200&after=%d", room, last)).Wants(http.StatusOK).JSON(&page)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}
