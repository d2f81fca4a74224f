package views

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarangbang/db"
)

func TestAt(t *testing.T) {
	korean, english := Locale{"ko", seoul}, Locale{"en", seoul}
	cases := map[string]struct {
		l    Locale
		t    time.Time
		now  time.Time
		want Time
	}{
		"today in Korean": {korean, morning, morning.Add(time.Hour), Time{
			"2026-11-23T01:02:00Z", "오전 10:02", "오전 10:02", "2026년 11월 23일 월요일 오전 10:02"}},
		"today in English": {english, morning, morning.Add(time.Hour), Time{
			"2026-11-23T01:02:00Z", "10:02 AM", "10:02 AM", "Monday, November 23, 2026, 10:02 AM"}},
		"yesterday in Korean": {korean, morning, morning.Add(15 * time.Hour), Time{
			"2026-11-23T01:02:00Z", "오전 10:02", "11월 23일", "2026년 11월 23일 월요일 오전 10:02"}},
		"yesterday in English": {english, morning, morning.Add(15 * time.Hour), Time{
			"2026-11-23T01:02:00Z", "10:02 AM", "Nov 23", "Monday, November 23, 2026, 10:02 AM"}},
		"last year in Korean": {korean, morning, morning.AddDate(1, 0, 0), Time{
			"2026-11-23T01:02:00Z", "오전 10:02", "2026년 11월 23일", "2026년 11월 23일 월요일 오전 10:02"}},
		"last year in English": {english, morning, morning.AddDate(1, 0, 0), Time{
			"2026-11-23T01:02:00Z", "10:02 AM", "Nov 23, 2026", "Monday, November 23, 2026, 10:02 AM"}},
		"another zone, another day": {Locale{"ko", newYork}, morning, morning, Time{
			"2026-11-23T01:02:00Z", "오후 8:02", "오후 8:02", "2026년 11월 22일 일요일 오후 8:02"}},
		"midnight": {korean, morning.Add(-10*time.Hour - 2*time.Minute), morning, Time{
			"2026-11-22T15:00:00Z", "오전 12:00", "오전 12:00", "2026년 11월 23일 월요일 오전 12:00"}},
		"noon": {english, morning.Add(2*time.Hour - 2*time.Minute), morning, Time{
			"2026-11-23T03:00:00Z", "12:00 PM", "12:00 PM", "Monday, November 23, 2026, 12:00 PM"}},
		"no zone": {Locale{Language: "en"}, morning, morning, Time{
			"2026-11-23T01:02:00Z", "1:02 AM", "1:02 AM", "Monday, November 23, 2026, 1:02 AM"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(At(c.l, c.t, c.now), c.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

func TestPhotoPathChangesWithThePhoto(t *testing.T) {
	for want, user := range map[string]*db.User{
		"/users/3/photo?v=7":      {ID: 3, Version: 7},
		"/users/3/photo?v=ab12":   {ID: 3, Version: 7, PhotoVersion: "ab12"},
		"/users/3/photo?v=%22%3E": {ID: 3, PhotoVersion: `">`},
	} {
		if got := PhotoPath(user); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLanguagesNameThemselves(t *testing.T) {
	for code, want := range map[string]string{"ko": "한국어", "en": "English", "xx": "xx"} {
		if got := LanguageName(code); got != want {
			t.Errorf("%s: got %q, want %q", code, got, want)
		}
	}
}
