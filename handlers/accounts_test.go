package handlers

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sarangbang/handlers/webtest"
)

func TestSignUp_FirstUserCanInviteAtOnce(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		visitor := webtest.Visitor(t, s.url)
		visitor.Header.Set("Accept-Language", "ko-KR,ko;q=0.9")
		if to := visitor.Get("/").Wants(http.StatusSeeOther).Location(); to != "/signup" {
			t.Errorf("the empty house leads to %q, want /signup", to)
		}
		if to := visitor.Get("/login").Wants(http.StatusSeeOther).Location(); to != "/signup" {
			t.Errorf("signing in to an empty house leads to %q, want /signup", to)
		}
		visitor.Get("/signup").Wants(http.StatusOK).Shows("main", "관리자")
		to := visitor.Post("/signup", webtest.Form{"name": "지민", "password": webtest.Password}).Wants(http.StatusSeeOther).Location()
		home := visitor.Get(to).Wants(http.StatusOK)
		if rooms := myRooms(home); len(rooms) != 1 {
			t.Errorf("rooms %v, want the first one", rooms)
		}
		link := home.Find(".welcome a").AttrOr("href", "")
		if !strings.HasPrefix(link, s.url+"/join/") {
			t.Fatalf("invitation link %q", link)
		}
		if got := home.Find(".welcome [data-copy]").AttrOr("data-copy", ""); got != link {
			t.Errorf("the button copies %q, want %q", got, link)
		}
		home.Shows(".welcome .local", "이 컴퓨터에서만").Shows(".welcome .local code", "ADDR=:8080")
		if home.Find(".welcome svg").Length() != 0 {
			t.Error("a QR code of an address that no telephone can open")
		}
		guest := webtest.Visitor(t, s.url)
		path := strings.TrimPrefix(link, s.url)
		form := guest.Get(path).Wants(http.StatusOK).Shows("main", "지민")
		code := form.Find(`input[name="invite"]`).AttrOr("value", "")
		guest.Post("/signup", webtest.Form{"name": "보람", "password": webtest.Password, "invite": code}).Wants(http.StatusSeeOther)
		if !isSignedIn(guest) {
			t.Error("signing up did not sign in")
		}
		if visitor.Get("/").Find(".welcome").Length() != 0 {
			t.Error("the welcome stays when the administrator is no longer alone")
		}
	})
}

func TestSignUp_AnswersProgramsAndHTMX(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		first := s.first().Get("/rooms").Find("#my-rooms li a").AttrOr("href", "")
		var made userShape
		webtest.Visitor(t, s.url).AsProgram().PostJSON("/signup", map[string]any{
			"name": "robot", "password": webtest.Password, "display_name": "로봇",
		}).Wants(http.StatusCreated).JSON(&made)
		if made.Name != "robot" || made.DisplayName != "로봇" || made.ID == 0 || made.PhotoURL == "" {
			t.Errorf("made %+v", made)
		}
		a := webtest.Visitor(t, s.url).AsHTMX().Post("/signup", webtest.Form{"name": "boram", "password": webtest.Password}).Wants(http.StatusOK)
		if got := a.Header.Get("HX-Redirect"); got != first || got == "" {
			t.Errorf("HX-Redirect %q, want the first room, %s", got, first)
		}
	})
}

func TestSignUp_FollowsTheRegistrationPolicy(t *testing.T) {
	for name, c := range map[string]struct {
		policy            Registration
		invited, without  int
		formShown, closed bool
	}{
		"by invitation": {RegistrationInvite, http.StatusSeeOther, http.StatusForbidden, false, false},
		"open":          {RegistrationOpen, http.StatusSeeOther, http.StatusSeeOther, true, false},
		"closed":        {RegistrationClosed, http.StatusForbidden, http.StatusForbidden, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			eachServerWith(t, Options{Registration: c.policy}, func(t *testing.T, s *testServer) {
				var invite inviteShape
				s.first().AsProgram().Post("/invites", nil).Wants(http.StatusCreated).JSON(&invite)
				form := webtest.Form{"name": "guest", "password": webtest.Password}
				if got := webtest.Visitor(t, s.url).Post("/signup", form).Status; got != c.without {
					t.Errorf("without an invitation: status %d, want %d", got, c.without)
				}
				form = webtest.Form{"name": "invited", "password": webtest.Password, "invite": invite.Code}
				if got := webtest.Visitor(t, s.url).Post("/signup", form).Status; got != c.invited {
					t.Errorf("with an invitation: status %d, want %d", got, c.invited)
				}
				page := webtest.Visitor(t, s.url).Get("/signup").Wants(http.StatusOK)
				if got := page.Find(`input[name="password"]`).Length() == 1; got != c.formShown {
					t.Errorf("the form is shown: %t, want %t", got, c.formShown)
				}
				page = webtest.Visitor(t, s.url).Get("/signup?invite=" + invite.Code).Wants(http.StatusOK)
				if got := page.Find(`input[name="password"]`).Length() == 1; got == c.closed {
					t.Errorf("the form is shown to somebody invited: %t, want %t", got, !c.closed)
				}
			})
		})
	}
}

func TestSignUp_ChecksNames(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		s.first()
		for name, c := range map[string]struct {
			text string
			ok   bool
		}{
			"Hangul":                       {"김지민", true},
			"Hangul in pieces":             {norm.NFD.String("박보람"), true},
			"Japanese":                     {"たろう", true},
			"Devanagari with vowel signs":  {"प्रिया", true},
			"Arabic":                       {"محمد", true},
			"dots and hyphens":             {"kim.ji-min_2", true},
			"two characters":               {"ab", true},
			"32 characters":                {strings.Repeat("가", 32), true},
			"spaces around it":             {"  trimmed  ", true},
			"Hangul and Latin":             {"지민Kim金", true},
			"kana, Han and Latin":          {"さくらサクラ桜sakura", true},
			"Cyrillic alone":               {"саша", true},
			"a Cyrillic letter in Latin":   {"\u0430dmin1", false},
			"a Greek letter in Latin":      {"\u03bfmega", false},
			"Hangul and kana":              {"지민さくら", false},
			"Hangul and Cyrillic":          {"지민саша", false},
			"digits of two systems":        {"jimin1\u0662", false},
			"piled-up marks":               {"z" + strings.Repeat("\u0301", 20), false},
			"one character":                {"a", false},
			"33 characters":                {strings.Repeat("나", 33), false},
			"a space inside":               {"two words", false},
			"a zero-width space inside":    {"al\u200bice", false},
			"an emoji":                     {"cat🐱", false},
			"a slash":                      {"a/b", false},
			"an at sign":                   {"@alice", false},
			"a hyphen first":               {"-alice", false},
			"a Hangul filler":              {"\u3164\u3164", false},
			"a control of direction":       {"ali\u202ece", false},
			"a line break":                 {"ali\nce", false},
			"taken":                        {"jimin", false},
			"taken, in capitals":           {"JIMIN", false},
			"taken, in full-width letters": {"ｊｉｍｉｎ", false},
		} {
			t.Run(name, func(t *testing.T) {
				visitor := webtest.Visitor(t, s.url)
				a := visitor.Post("/signup", webtest.Form{"name": c.text, "password": webtest.Password, "display_name": "별명"})
				if c.ok {
					a.Wants(http.StatusSeeOther)
					return
				}
				a.Wants(http.StatusUnprocessableEntity)
				if fieldError(a, "name") == "" {
					t.Error("no sentence beside the name")
				}
				if got := a.Find("#display_name").AttrOr("value", ""); got != "별명" {
					t.Errorf("display name %q was not kept", got)
				}
				if strings.Contains(a.Body, webtest.Password) {
					t.Error("the page repeats the password")
				}
			})
		}
	})
}

func TestSignUp_TakesANameInEverySpelling(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		s.first()
		for taken, variants := range map[string][]string{
			"한글이름":   {norm.NFD.String("한글이름")},
			"Straße": {"STRASSE", "strasse", "straße"},
			"Ömer":   {"ömer", norm.NFD.String("ÖMER")},
			"Ωμέγα":  {"ωμέγα"},
		} {
			webtest.SignUp(t, s.url, taken, "")
			for _, variant := range variants {
				a := webtest.Visitor(t, s.url).AsProgram().Post("/signup", webtest.Form{"name": variant, "password": webtest.Password})
				a.Wants(http.StatusUnprocessableEntity)
				var e errorShape
				if a.JSON(&e); e.Error.Code != "invalid" || !strings.Contains(e.Error.Fields["name"], "taken") {
					t.Errorf("%q beside %q: %+v", variant, taken, e.Error)
				}
				other := webtest.Visitor(t, s.url)
				other.Post("/login", webtest.Form{"name": variant, "password": webtest.Password}).Wants(http.StatusSeeOther)
			}
		}
	})
}

func TestSignUp_ChecksPasswords(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		s.first()
		for name, c := range map[string]struct {
			text string
			ok   bool
		}{
			"eight characters":      {"x7#Lq!9v", true},
			"Hangul":                {"달이 마당을 비춘다", true},
			"128 characters":        {strings.Repeat("달빛마당", 32), true},
			"nothing":               {"", false},
			"seven characters":      {"x7#Lq!9", false},
			"129 characters":        {strings.Repeat("달빛마당", 32) + "x", false},
			"far too long":          {strings.Repeat("x7#Lq!9v", 1000), false},
			"well known":            {"iloveyou", false},
			"well known in Korean":  {"qlalfqjsgh", false},
			"one's own name":        {"sombody1", false},
			"with a control":        {"x7#Lq\t!9v", false},
			"with invalid UTF-8":    {"x7#Lq!9v\xff", false},
			"the same character":    {"aaaaaaaa", false},
			"a run on the keyboard": {"qwertyuiop", false},
		} {
			t.Run(name, func(t *testing.T) {
				form := webtest.Form{"name": "sombody", "password": c.text, "display_name": "이름"}
				if c.ok {
					form["name"] = "p" + itoa(int64(len(name)))
				}
				for way, p := range eachWay(webtest.Visitor(t, s.url)) {
					if c.ok && way != "form" {
						continue // one account is enough
					}
					a := p.Post("/signup", form)
					if c.ok {
						a.Wants(http.StatusSeeOther)
						continue
					}
					a.Wants(http.StatusUnprocessableEntity)
					if way == "JSON" {
						var e errorShape
						if a.JSON(&e); e.Error.Fields["password"] == "" {
							t.Errorf("%s: no sentence for the password in %+v", way, e.Error)
						}
					} else if fieldError(a, "password") == "" || a.Find("#name").AttrOr("value", "") != "sombody" {
						t.Errorf("%s: sentence %q, name %q", way, fieldError(a, "password"), a.Find("#name").AttrOr("value", ""))
					}
					if len(c.text) > 6 && strings.Contains(a.Find("main").Text(), c.text) || a.Find(`#password[value]`).Length() != 0 {
						t.Errorf("%s: the answer repeats the password", way)
					}
				}
			})
		}
	})
}
