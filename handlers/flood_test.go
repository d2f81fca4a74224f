package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// TestBody_IsBoundedByWhatItsRouteNeeds sends bodies that cost much more to read than they are
// worth.
func TestBody_IsBoundedByWhatItsRouteNeeds(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		large := `{"display_name":"지민","bio":"` + strings.Repeat("x", maxBody) + `"}`
		many := &strings.Builder{}
		for i := range maxValues + 1 {
			fmt.Fprintf(many, `,"%d":1`, i)
		}
		for name, c := range map[string]struct {
			mediaType, body string
			want            int
		}{
			"JSON as large as a photo": {"application/json", large, http.StatusRequestEntityTooLarge},
			"a form of that size":      {"application/x-www-form-urlencoded", "bio=" + large, http.StatusRequestEntityTooLarge},
			"too many fields":          {"application/json", `{"bio":"x"` + many.String() + `}`, http.StatusUnprocessableEntity},
			"too many in a form":       {"application/x-www-form-urlencoded", strings.Repeat("a=1&", maxValues) + "b=1", http.StatusUnprocessableEntity},
			"a long list":              {"application/json", `{"user":[1` + strings.Repeat(",1", maxValues) + `]}`, http.StatusUnprocessableEntity},
			"depth":                    {"application/json", `{"bio":` + strings.Repeat("[", maxForm-100), http.StatusUnprocessableEntity},
			"more than an object":      {"application/json", `{"bio":"x"}{}`, http.StatusUnprocessableEntity},
			"a list":                   {"application/json", `[{"bio":"x"}]`, http.StatusUnprocessableEntity},
			"half a character":         {"application/json", `{"bio":"\ud800"}`, http.StatusUnprocessableEntity},
			"halves in wrong order":    {"application/json", `{"bio":"\udc00\ud83d"}`, http.StatusUnprocessableEntity},
			"a whole one":              {"application/json", `{"bio":"\ud83d\ude00"}`, http.StatusOK},
			"none, but its letters":    {"application/json", `{"bio":"\\ud800"}`, http.StatusOK},
			"the last one counts":      {"application/json", `{"bio":"no","bio":"yes"}`, http.StatusOK},
		} {
			t.Run(name, func(t *testing.T) {
				jimin.AsProgram().Do(http.MethodPost, "/profile", strings.NewReader(c.body), c.mediaType).Wants(c.want)
			})
		}
	})
}

// TestSignUp_IsRefusedBeforeItCosts sends forms for which a password would be judged and hashed.
func TestSignUp_IsRefusedBeforeItCosts(t *testing.T) {
	for _, c := range []struct {
		registration Registration
		invite       string
		want         int
	}{
		{RegistrationClosed, "", http.StatusForbidden},
		{RegistrationClosed, "unknown", http.StatusForbidden},
		{RegistrationInvite, "", http.StatusForbidden},
		{RegistrationInvite, "unknown", http.StatusNotFound},
		{RegistrationOpen, "", http.StatusUnprocessableEntity},
	} {
		t.Run(fmt.Sprint(c.registration, c.invite), func(t *testing.T) {
			clock := dbtest.NewClock()
			s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{Registration: c.registration, RateLimits: true, Now: clock.Now})
			s.first()
			hostile := webtest.Visitor(t, s.url).AsProgram()
			for range limits[limitSignUpForms].burst - 1 { // the first has signed up
				hostile.Post("/signup", webtest.Form{"name": "xyz", "password": "password", "invite": c.invite}).Wants(c.want)
			}
			hostile.Post("/signup", webtest.Form{"name": "xyz", "password": "password", "invite": c.invite}).Wants(http.StatusTooManyRequests)
		})
	}
}

// TestLogIn_LetsAClassIn signs in a class behind one address, one of whom guesses all the time.
func TestLogIn_LetsAClassIn(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{Registration: RegistrationOpen, RateLimits: true, Now: clock.Now})
	s.first()
	class := make([]*webtest.Person, 30)
	for i := range class {
		class[i] = s.signUp(fmt.Sprintf("pupil%d", i))
	}
	logIn := func(p *webtest.Person, name, password string) int {
		return p.AsProgram().Post("/login", webtest.Form{"name": name, "password": password}).Status
	}
	for range 3 { // right passwords count for nothing, however many
		for i := range class {
			if status := logIn(webtest.Visitor(t, s.url), fmt.Sprintf("pupil%d", i), webtest.Password); status != http.StatusOK {
				t.Fatalf("pupil %d gets %d", i, status)
			}
		}
	}
	guesser, guesses := webtest.Visitor(t, s.url), 0
	for logIn(guesser, fmt.Sprintf("pupil%d", guesses%30), "wrong") == http.StatusUnauthorized {
		guesses++
	}
	if want := limits[limitLogInAddress].burst; guesses != want {
		t.Errorf("%d guesses, want %d", guesses, want)
	}
	if status := logIn(class[3], "pupil3", webtest.Password); status != http.StatusOK {
		t.Errorf("in a browser that is known, behind the guesser's address: %d", status)
	}
	wrong := 0
	for logIn(class[4], "pupil4", "wrong") == http.StatusUnauthorized {
		wrong++
	}
	if want := limits[limitLogInName].burst; wrong != want {
		t.Errorf("a known browser has %d guesses, want %d", wrong, want)
	}
	if status := logIn(class[3], "pupil5", webtest.Password); status != http.StatusTooManyRequests {
		t.Errorf("in a browser that is known for another name: %d", status)
	}
	if !strings.Contains(s.log.String(), `msg="sign-in failed" name=pupil3 address=127.0.0.1`) {
		t.Error("the log has no line that an operator could use")
	}
}

// TestClass_GetsInBesideAGuesser has sixty pupils behind one address sign up and sign in, in
// browsers that nobody knows, while one of them guesses at a name without a pause.
func TestClass_GetsInBesideAGuesser(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{Registration: RegistrationOpen, RateLimits: true, Now: clock.Now})
	s.first()
	const pupils = 60
	guesser, guesses := webtest.Visitor(t, s.url).AsProgram(), 0
	guess := func() {
		for guesser.Post("/login", webtest.Form{"name": "pupil0", "password": "wrong"}).Status == http.StatusUnauthorized {
			guesses++
		}
	}
	for i := range pupils {
		guess()
		webtest.SignUp(t, s.url, fmt.Sprintf("pupil%d", i), "")
	}
	for i, status := range atOnce(pupils, func(i int) int {
		guesser.Post("/login", webtest.Form{"name": "pupil0", "password": "wrong"})
		form := webtest.Form{"name": fmt.Sprintf("pupil%d", i), "password": webtest.Password}
		return webtest.Visitor(t, s.url).Post("/login", form).Status
	}) {
		if i > 0 && status != http.StatusSeeOther {
			t.Errorf("pupil %d gets %d", i, status)
		}
	}
	if want := limits[limitLogInName].burst; guesses != want {
		t.Errorf("%d guesses, want %d", guesses, want)
	}
}

// TestLogIn_FoldsNoLongNames sends names that take long to fold.
func TestLogIn_FoldsNoLongNames(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		long := strings.Repeat("\ufdfa", maxForm/4)
		webtest.Visitor(t, s.url).AsProgram().PostJSON("/login", map[string]string{"name": long, "password": "x"}).Wants(http.StatusUnauthorized)
		if strings.Contains(s.log.String(), "صلى") {
			t.Error("the name has been folded")
		}
	})
}
