package handlers

import (
	"bytes"
	"errors"
	"image"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo"
	"sarangbang/internal/photo/phototest"
)

// upload posts the profile's form with a photo.
func upload(p *webtest.Person, form webtest.Form, photo []byte) *webtest.Answer {
	p.TB.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("photo", "나.png")
	if err == nil {
		_, err = part.Write(photo)
	}
	for name, value := range form {
		err = errors.Join(err, w.WriteField(name, value))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		p.TB.Fatal(err)
	}
	return p.Do(http.MethodPost, "/profile", &b, w.FormDataContentType())
}

func TestPhoto_IsUploadedAndRemoved(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		addresses := map[string]bool{}
		address := func() string {
			t.Helper()
			src := boram.Get(room).Find("#m1 img.photo").AttrOr("src", "")
			if addresses[src] || src == "" {
				t.Errorf("the photo's address %q did not change", src)
			}
			addresses[src] = true
			return src
		}
		initials := boram.Get(address()).Wants(http.StatusOK)
		if got := initials.Header.Get("Content-Type"); got != "image/svg+xml" {
			t.Errorf("generated photo is %q", got)
		}
		wide := phototest.Quarters(90, 60, phototest.Red, phototest.Green, phototest.Blue, phototest.Yellow)
		high := phototest.Quarters(60, 90, phototest.Blue, phototest.Red, phototest.Green, phototest.Yellow)
		for name, content := range map[string][]byte{
			"PNG": phototest.PNG(t, wide), "JPEG": phototest.JPEG(t, high), "WebP": phototest.WebP(t, "lossy"), "GIF": phototest.GIF(t, wide),
		} {
			upload(jimin, webtest.Form{"display_name": "지민"}, content).Wants(http.StatusSeeOther)
			a := boram.Get(address()).Wants(http.StatusOK)
			picture, format, err := image.Decode(strings.NewReader(a.Body))
			if err != nil || format != "jpeg" || picture.Bounds().Dx() != picture.Bounds().Dy() {
				t.Errorf("%s came back as %s: %v", name, format, err)
			}
			if a.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") ||
				a.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: headers %v", name, a.Header)
			}
		}
		if got := boram.Get("/users/1/photo").Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("a photo without version is kept: %q", got)
		}
		if got := boram.Get("/users/1/photo?v=1").Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("a photo of another version is kept: %q", got)
		}
		jimin.Post("/profile", webtest.Form{"remove_photo": "1"}).Wants(http.StatusSeeOther)
		if got := boram.Get(address()).Header.Get("Content-Type"); got != "image/svg+xml" {
			t.Errorf("a removed photo is %q", got)
		}
	})
}

func TestPhoto_IsRefusedBesideItsField(t *testing.T) {
	small := phototest.PNG(t, phototest.Quarters(16, 16, phototest.Red, phototest.Green, phototest.Blue, phototest.Yellow))
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for name, c := range map[string]struct {
			content  []byte
			sentence string
		}{
			"a bomb":            {phototest.ResizedPNG(small, 30_000, 30_000), "too many pixels"},
			"not a picture":     {[]byte("<script>alert(1)</script>"), "Only JPEG"},
			"cut short":         {small[:len(small)/2], "cannot be read"},
			"an SVG":            {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "Only JPEG"},
			"just too large":    {append(bytes.Clone(small), make([]byte, photo.MaxBytes)...), "too large"},
			"from a big camera": {append(bytes.Clone(small), make([]byte, 2*photo.MaxBytes)...), "too large"},
		} {
			for way, p := range eachWay(jimin) {
				a := upload(p, webtest.Form{"display_name": "새 이름", "bio": "새 소개"}, c.content).Wants(http.StatusUnprocessableEntity)
				if way == "JSON" {
					var e errorShape
					if a.JSON(&e); !strings.Contains(e.Error.Fields["photo"], c.sentence) {
						t.Errorf("%s: %+v", name, e.Error)
					}
					continue
				}
				if got := fieldError(a, "photo"); !strings.Contains(got, c.sentence) {
					t.Errorf("%s as %s: %q beside the photo", name, way, got)
				}
				if a.Find("#display_name").AttrOr("value", "") != "새 이름" || a.Find("#bio").Text() != "새 소개" {
					t.Errorf("%s as %s: what was typed is lost", name, way)
				}
			}
		}
		if got := s.user(jimin); got.PhotoVersion != "" || got.DisplayName != "jimin" {
			t.Errorf("stored %q, photo %q", got.DisplayName, got.PhotoVersion)
		}
		upload(jimin, webtest.Form{"display_name": "그대로"}, nil).Wants(http.StatusSeeOther) // an empty file field, as browsers send it
		if got := s.user(jimin); got.DisplayName != "그대로" {
			t.Errorf("without a photo: %q", got.DisplayName)
		}
	})
}

func TestPhoto_WithoutTemporaryFolderIsTheServersFault(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	jimin := s.first()
	t.Setenv("TMPDIR", t.TempDir()+"/gone")
	content := append(phototest.PNG(t, phototest.Quarters(16, 16, phototest.Red)), make([]byte, 4<<20)...)
	upload(jimin, webtest.Form{"display_name": "지민"}, content).Wants(http.StatusInternalServerError)
}
