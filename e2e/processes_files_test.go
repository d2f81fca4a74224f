package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo/phototest"
)

// TestProcesses_ShareABucket sends a picture through one process, and reads it at the other.
func TestProcesses_ShareABucket(t *testing.T) {
	t.Parallel()
	backend := s3mem.New()
	if err := backend.CreateBucket("house"); err != nil {
		t.Fatal(err)
	}
	bucket := httptest.NewServer(gofakes3.New(backend).Server())
	defer bucket.Close()
	c := newCluster(t, 2, nil)
	for _, node := range c.nodes {
		node.settings["FILES_URL"] = "s3://key:secret@" + strings.TrimPrefix(bucket.URL, "http://") + "/house?region=eu-central-1&tls=off"
		node.restart()
	}
	jimin, boram, room := twoApart(t, c)
	picture := string(phototest.PNG(t, phototest.Quarters(800, 600, phototest.Red)))
	stream := boram.Open(room + "/stream?as=json&after=0")
	sendForm(jimin, room+"/messages", webtest.Form{"body": "여기요"}, map[string]string{"a.png": picture})
	var m struct {
		Position int64
		Files    []struct{ URL, Small_URL string }
	}
	stream.Until("the message", func(e webtest.Event) bool {
		return e.Name == "message" && json.Unmarshal([]byte(e.Data), &m) == nil && len(m.Files) == 1
	})
	if got := boram.Get(m.Files[0].URL).Wants(http.StatusOK); got.Body != picture {
		t.Errorf("the picture has %d bytes, sent were %d", len(got.Body), len(picture))
	}
	boram.Get(m.Files[0].Small_URL).Wants(http.StatusOK)
	part := *boram
	part.Header = http.Header{"Range": {"bytes=1-3"}}
	if got := part.Get(m.Files[0].URL).Wants(http.StatusPartialContent); got.Body != "PNG" {
		t.Errorf("a part is %q", got.Body)
	}
}
