package handlers

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo"
	"sarangbang/internal/photo/phototest"
)

// upload sends the profile's form with a photo.
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

func TestProfile_IsChangedByForm(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		form := webtest.Form{"display_name": " 김지민 ", "bio": "사랑방 주인\r\n둘째 줄", "language": "ko", "time_zone": "America/Lima"}
		jimin.Post("/profile", form).Wants(http.StatusSeeOther)
		page := jimin.Get("/profile").Wants(http.StatusOK).Shows(".flash", "저장했습니다")
		if got := page.Find("#display_name").AttrOr("value", ""); got != "김지민" {
			t.Errorf("display name %q", got)
		}
		if got := page.Find("#bio").Text(); got != "사랑방 주인\n둘째 줄" {
			t.Errorf("bio %q", got)
		}
		if got := page.Find("html").AttrOr("lang", ""); got != "ko" {
			t.Errorf("language %q", got)
		}
		if got := page.Find("#time_zone option[selected]").Text(); got != "America/Lima" {
			t.Errorf("zone %q", got)
		}
		jimin.Get("/profile").Lacks(".flash", "저장")
		jimin.Get("/users/1").Shows(".bio", "사랑방 주인").Shows("h1", "김지민")
	})
}

func TestProfile_KeepsWhatProgramsLeaveOut(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		script := jimin.WithToken()
		script.PostJSON("/profile", map[string]any{"display_name": "지민", "bio": "소개", "language": "ko", "time_zone": "Asia/Seoul"}).Wants(http.StatusOK)
		for name, c := range map[string]struct {
			body map[string]any
			want db.User
		}{
			"the bio":      {map[string]any{"bio": ""}, db.User{DisplayName: "지민", Bio: "", Language: "ko", TimeZone: "Asia/Seoul"}},
			"the name":     {map[string]any{"display_name": "민지"}, db.User{DisplayName: "민지", Bio: "소개", Language: "ko", TimeZone: "Asia/Seoul"}},
			"the language": {map[string]any{"language": "en"}, db.User{DisplayName: "지민", Bio: "소개", Language: "en", TimeZone: "Asia/Seoul"}},
			"the zone":     {map[string]any{"time_zone": "UTC"}, db.User{DisplayName: "지민", Bio: "소개", Language: "ko", TimeZone: "UTC"}},
			"nothing":      {map[string]any{}, db.User{DisplayName: "지민", Bio: "소개", Language: "ko", TimeZone: "Asia/Seoul"}},
		} {
			var shape userShape
			script.PostJSON("/profile", c.body).Wants(http.StatusOK).JSON(&shape)
			got := s.user(jimin)
			if got.DisplayName != c.want.DisplayName || got.Bio != c.want.Bio || got.Language != c.want.Language || got.TimeZone != c.want.TimeZone {
				t.Errorf("%s: %q %q %q %q", name, got.DisplayName, got.Bio, got.Language, got.TimeZone)
			}
			if shape.DisplayName != got.DisplayName {
				t.Errorf("%s: answered %+v", name, shape)
			}
			script.PostJSON("/profile", map[string]any{"display_name": "지민", "bio": "소개", "language": "ko", "time_zone": "Asia/Seoul"}).Wants(http.StatusOK)
		}
	})
}

func TestProfile_IsShownAgainWhenInvalid(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for field, bad := range map[string]string{
			"display_name": strings.Repeat("가", maxDisplayName+1), "bio": strings.Repeat("나", maxBio+1),
			"language": "tlh", "time_zone": "Mars/Olympus",
		} {
			form := webtest.Form{"display_name": "새 이름", "bio": "새 소개", "language": "ko", "time_zone": "UTC"}
			form[field] = bad
			for way, p := range eachWay(jimin) {
				a := p.Post("/profile", form).Wants(http.StatusUnprocessableEntity)
				if way == "JSON" {
					var e errorShape
					if a.JSON(&e); len(e.Error.Fields) != 1 || e.Error.Fields[field] == "" {
						t.Errorf("%s: %+v", field, e.Error)
					}
					continue
				}
				if fieldError(a, field) == "" {
					t.Errorf("%s as %s: no sentence beside the field", field, way)
				}
				if field != "display_name" && a.Find("#display_name").AttrOr("value", "") != "새 이름" || field != "bio" && a.Find("#bio").Text() != "새 소개" {
					t.Errorf("%s as %s: what was typed is lost", field, way)
				}
			}
		}
		if got := s.user(jimin); got.DisplayName != "jimin" || got.Bio != "" {
			t.Errorf("stored %q %q", got.DisplayName, got.Bio)
		}
		jimin.Post("/profile", webtest.Form{"display_name": strings.Repeat("가", maxDisplayName)}).Wants(http.StatusSeeOther)
	})
}

func TestPhoto_IsUploadedAndRemoved(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		boram.Get(room)
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
			"cut short":         {small[:len(small)/2], "Only JPEG"},
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

func TestProfile_NewNameShowsEverywhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		room := s.room(jimin, "마당", db.KindOpen)
		boram.Get(room)
		jimin.Post(room+"/messages", webtest.Form{"body": "옛날 이야기"})
		direct := jimin.Post("/users/"+itoa(s.user(boram).ID)+"/direct", nil).Wants(http.StatusSeeOther).Location()
		pages := map[string]string{
			"room": room, "history": room + "/messages", "permalink": room + "/messages/1", "members": room + "/members",
			"people": "/users", "person": "/users/1", "home": "/", "direct room": direct,
		}
		for _, path := range pages {
			boram.Get(path).Wants(http.StatusOK).Shows("body", "jimin") // rendered once, so that it is in the cache
		}
		jimin.Post("/profile", webtest.Form{"display_name": "백두산"}).Wants(http.StatusSeeOther)
		for name, path := range pages {
			a := boram.Get(path).Shows("body", "백두산")
			a.Find(".name").Remove() // the name for signing in stays
			a.Find("head").Remove()
			if strings.Contains(a.Find("body").Text(), "jimin") {
				t.Errorf("%s still shows the old name", name)
			}
		}
		var m messageShape
		if boram.AsProgram().Get(room + "/messages/1").JSON(&m); m.Author.DisplayName != "백두산" {
			t.Errorf("as JSON: %+v", m.Author)
		}
		a := boram.Get(m.Author.PhotoURL).Wants(http.StatusOK)
		if !wellFormed(a.Body) || !strings.Contains(a.Body, "백") && !strings.Contains(a.Body, "두산") {
			t.Errorf("generated photo %s", a.Body)
		}
	})
}

// wellFormed tells whether a text is XML.
func wellFormed(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return true
		} else if err != nil {
			return false
		}
	}
}
