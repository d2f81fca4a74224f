package files

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// newBucket starts a server that speaks S3, and returns a bucket there with its address.
func newBucket(t *testing.T) (*Bucket, string) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("house"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	address := "s3://key:the-secret@" + strings.TrimPrefix(server.URL, "http://") + "/house?region=eu-central-1&tls=off"
	bucket, err := OpenBucket(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return bucket, address
}

func TestBucket_KeepsContents(t *testing.T) {
	bucket, _ := newBucket(t)
	hash, content := strings.Repeat("ab", 32), strings.Repeat("안녕", 100_000)
	if _, err := bucket.Open(t.Context(), hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	for range 2 {
		if err := bucket.Put(t.Context(), hash, strings.NewReader(content), int64(len(content))); err != nil {
			t.Fatal(err)
		}
	}
	f, err := bucket.Open(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size, err := f.Seek(0, io.SeekEnd); size != int64(len(content)) || err != nil {
		t.Errorf("it has %d bytes, %v", size, err)
	}
	if _, err := f.Seek(300_000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 6)
	if _, err := io.ReadFull(f, part); string(part) != "안녕" || err != nil {
		t.Errorf("in the middle there is %q, %v", part, err)
	}
	if err := bucket.Put(t.Context(), hash+"-small", strings.NewReader("half"), 5); err == nil {
		t.Error("half a content is stored")
	}
	if _, err := bucket.Open(t.Context(), hash+"-small"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the half: %v", err)
	}
	for range 2 {
		if err := Remove(t.Context(), bucket, hash); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := bucket.Open(t.Context(), hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("after: %v", err)
	}
}

func TestOpenBucket_RefusesWithoutTheSecret(t *testing.T) {
	_, address := newBucket(t)
	for _, wrong := range []string{
		"s3://key:the-secret@host", "s3://host/bucket", "s3://key:the-secret@host/a/b", "https://key:the-secret@host/bucket", "s3://key:the-secret@ho st/bucket",
		strings.Replace(address, "/house", "/other", 1), "s3://key:the-secret@127.0.0.1:1/bucket?tls=off&region=x",
	} {
		if _, err := OpenBucket(t.Context(), wrong); err == nil || strings.Contains(err.Error(), "the-secret") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
