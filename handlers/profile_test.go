package handlers

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo/phototest"
)

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

// everything returns a form that changes the name and the password, to be sent with a photo.
func everything(currentPassword string) webtest.Form {
	return webtest.Form{"display_name": "새 이름", "current_password": currentPassword, "new_password": "sun over the yard"}
}

func TestProfile_IsUnchangedWhenThePhotoCannotBeStored(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := newTestServer(t, dbtest.Open(t, db.Options{URL: address}), Options{})
		jimin := s.first()
		before := s.user(jimin)
		hide(t, address, "photos")
		picture := phototest.PNG(t, phototest.Quarters(16, 16, phototest.Red))
		upload(jimin, everything(webtest.Password), picture).Wants(http.StatusInternalServerError)
		wantUnchanged(t, before, s.user(jimin))
		if !isSignedIn(jimin) {
			t.Error("signed out by a change that failed")
		}
	})
}

func TestProfile_IsUnchangedWhenTheCurrentPasswordIsWrong(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		before := s.user(jimin)
		picture := phototest.PNG(t, phototest.Quarters(16, 16, phototest.Red))
		for way, p := range eachWay(jimin) {
			upload(p, everything("wrong"), picture).Wants(http.StatusUnprocessableEntity)
			wantUnchanged(t, before, s.user(jimin))
			if !isSignedIn(jimin) {
				t.Errorf("as %s: signed out by a change that was refused", way)
			}
		}
		upload(jimin, everything(webtest.Password), picture).Wants(http.StatusSeeOther)
		after := s.user(jimin)
		if after.DisplayName != "새 이름" || after.PhotoVersion == "" || after.PasswordHash == before.PasswordHash || after.Epoch <= before.Epoch {
			t.Errorf("all at once: %q, photo %q, epoch %d", after.DisplayName, after.PhotoVersion, after.Epoch)
		}
		if !isSignedIn(jimin) {
			t.Error("signed out by one's own change")
		}
	})
}

// wantUnchanged fails if a user's name, photo, password or epoch has changed.
func wantUnchanged(t *testing.T, before, after *db.User) {
	t.Helper()
	if after.DisplayName != before.DisplayName || after.PhotoVersion != before.PhotoVersion ||
		after.PasswordHash != before.PasswordHash || after.Epoch != before.Epoch {
		t.Errorf("name %q, photo %q, epoch %d; the password has changed: %t",
			after.DisplayName, after.PhotoVersion, after.Epoch, after.PasswordHash != before.PasswordHash)
	}
}

func TestProfile_NewNameShowsEverywhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		room := s.room(jimin, "마당", db.KindOpen, boram)
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

// wellFormed reports whether a text is XML.
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
