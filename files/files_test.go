package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sarangbang/internal/photo"
	"sarangbang/internal/photo/phototest"
)

const maxTestFile = 1 << 20

func newTestReceiver(t *testing.T) (*Receiver, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "files")
	folder, err := OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	return NewReceiver(folder, maxTestFile, t.TempDir(), photo.NewResizer()), path
}

func receive(t *testing.T, r *Receiver, name string, content []byte) *Received {
	t.Helper()
	f, err := r.Receive(t.Context(), name, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// names lists the files in a folder and those below.
func names(t *testing.T, path string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(path, func(at string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, strings.TrimPrefix(at, path+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFolder_KeepsWhatIsReceived(t *testing.T) {
	r, path := newTestReceiver(t)
	picture := phototest.JPEG(t, phototest.Quarters(2000, 1000, phototest.Red, phototest.Blue))
	f := receive(t, r, "a.jpg", picture)
	if f.Type != "image/jpeg" || f.Width != 2000 || f.Height != 1000 || f.SmallerNames() != "large small" {
		t.Errorf("received %+v", f)
	}
	if got := names(t, path); len(got) != 0 {
		t.Errorf("before it is stored there are %q", got)
	}
	for range 2 { // the same content may come again
		if err := r.Store(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	for size, want := range map[string]int64{"": f.Size, Large: int64(len(f.pictures[Large])), Small: int64(len(f.pictures[Small]))} {
		content, err := Open(t.Context(), r.Storage, f.Hash, size)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(content)
		if err = errors.Join(err, content.Close()); err != nil || int64(len(got)) != want {
			t.Errorf("%q has %d bytes, want %d: %v", size, len(got), want, err)
		}
	}
	if got := names(t, path); len(got) != 3 {
		t.Errorf("stored as %q", got)
	}
	for range 2 {
		if err := Remove(t.Context(), r.Storage, f.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, path); len(got) != 0 {
		t.Errorf("removed, there are %q", got)
	}
	if _, err := Open(t.Context(), r.Storage, f.Hash, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("opened after that: %v", err)
	}
}

func TestFolder_HasNoHalves(t *testing.T) {
	folder, err := OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("ab", 32)
	for what, content := range map[string]io.Reader{
		"short": strings.NewReader("half"), "broken": iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("whole"))),
	} {
		if err := folder.Put(t.Context(), hash, content, 5); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if got := names(t, folder.path); len(got) != 0 {
		t.Errorf("there are %q", got)
	}
	for name, age := range map[string]time.Duration{"new": time.Hour, "old": 25 * time.Hour} {
		path, at := filepath.Join(folder.Aside(), name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenFolder(folder.path); err != nil || fmt.Sprint(names(t, folder.path)) != "[aside/new]" {
		t.Errorf("after another start there are %q, %v", names(t, folder.path), err)
	}
}

func TestReceive_KnowsTypesByContent(t *testing.T) {
	r, _ := newTestReceiver(t)
	square := phototest.Quarters(8, 8, phototest.Red)
	for _, c := range []struct {
		name, content, want string
		kind                Kind
	}{
		{"a.png", string(phototest.PNG(t, square)), "image/png", KindPicture},
		{"a.txt", string(phototest.GIF(t, square, square)), "image/gif", KindPicture},
		{"a.webp", string(phototest.WebP(t, "lossy")), "image/webp", KindPicture},
		{"a.png", "<script>alert(1)</script>", typeText, KindText},
		{"a.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, typeText, KindText},
		{"a.html", "<!doctype html><script>alert(1)</script>", typeText, KindText},
		{"a.txt", "안녕하세요\n", typeText, KindText},
		{"a.txt", strings.Repeat("가", 400), typeText, KindText}, // cut within a syllable
		{"a.gif", "GIF89a\x01\x00\x01\x00<script>alert(1)</script>", typeOther, KindOther},
		{"a.jpg", "\xff\xd8\xff<script>alert(1)</script>", typeOther, KindOther},
		{"a.bin", "a\x00b", typeOther, KindOther},
		{"a.zip", "PK\x03\x04\x14\x00\x00\x00", "application/zip", KindOther},
		{"a.pdf", "%PDF-1.7\n%\x80\x80", "application/pdf", KindPDF},
		{"a.mp4", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4", KindVideo},
		{"a.mov", "\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime", KindVideo},
		{"a.m4a", "\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00mp42isom", "audio/mp4", KindSound},
		{"a.heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic", KindOther},
		{"a.mp3", "ID3\x04\x00\x00", "audio/mpeg", KindSound},
		{"a.mp3", "\xff\xfb\x90\x00\x00", "audio/mpeg", KindSound},
		{"a.ogg", "OggS\x00\x02", "audio/ogg", KindSound},
		{"a.xhtml", "\x01\x02<html xmlns='http://www.w3.org/1999/xhtml'>", typeOther, KindOther},
	} {
		f := receive(t, r, c.name, []byte(c.content))
		if f.Type != c.want || KindOf(f.Type) != c.kind {
			t.Errorf("%s %.20q is %s, a %s; want %s, %s", c.name, c.content, f.Type, KindOf(f.Type), c.want, c.kind)
		}
		if f.Type != "image/png" && f.Type != "image/gif" && f.Type != "image/webp" && f.Size != int64(len(c.content)) {
			t.Errorf("%s has %d bytes", c.name, f.Size)
		}
	}
}

func TestReceive_IsBounded(t *testing.T) {
	r, _ := newTestReceiver(t)
	for _, c := range []struct {
		size int64
		want error
	}{{0, ErrEmpty}, {1, nil}, {maxTestFile, nil}, {maxTestFile + 1, ErrTooLarge}, {100 * maxTestFile, ErrTooLarge}} {
		f, err := r.Receive(t.Context(), "a", io.LimitReader(zeros{}, c.size))
		if !errors.Is(err, c.want) {
			t.Errorf("%d bytes: %v, want %v", c.size, err, c.want)
		}
		if err == nil {
			f.Close()
		}
	}
	if _, err := r.Receive(t.Context(), "a", iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken one: %v", err)
	}
	if got := names(t, r.Aside); len(got) != 0 {
		t.Errorf("aside there are %q", got)
	}
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestReceive_TakesConstantMemory(t *testing.T) {
	r, _ := newTestReceiver(t)
	r.MaxFile = 100 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := r.Receive(t.Context(), "a", io.LimitReader(zeros{}, 100<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := r.Store(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 2<<20 {
		t.Errorf("100 MB take %d bytes", allocated)
	}
}

func TestReceive_EndsWithItsRequest(t *testing.T) {
	r, _ := newTestReceiver(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Receive(ctx, "a.png", bytes.NewReader(phototest.PNG(t, phototest.Quarters(8, 8, phototest.Red)))); !errors.Is(err, context.Canceled) {
		t.Error(fmt.Sprint("a picture for nobody: ", err))
	}
}

func TestPreview_IsTheFirstLines(t *testing.T) {
	for text, want := range map[string]string{
		"하나\n둘\n셋\n넷\n다섯": "하나\n둘\n셋\n넷", "\ufeff하나\r\n\r\n": "하나", strings.Repeat("가", 300): strings.Repeat("가", previewCharacters),
		"a\x1b[31mb\u202ec": "a[31mbc", "가\xea": "가", "": "",
	} {
		if got := preview([]byte(text)); got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
	}
}
