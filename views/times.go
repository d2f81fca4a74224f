package views

import (
	"fmt"
	"time"
)

var koreanWeekdays = [...]string{"일요일", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일"}

// At returns an instant in the words and the zone of a locale. An instant on the day of now is
// short as a clock, any other as a date.
func At(l Locale, t, now time.Time) Time {
	local, today := t.In(l.zone()), now.In(l.zone())
	at := Time{
		Datetime: t.UTC().Format(time.RFC3339),
		Clock:    clock(l.Language, local),
		Full:     full(l.Language, local),
	}
	switch {
	case sameDay(local, today):
		at.Short = at.Clock
	case local.Year() == today.Year():
		at.Short = dayOfYear(l.Language, local)
	default:
		at.Short = date(l.Language, local)
	}
	return at
}

func (l Locale) zone() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// clock returns the time as "오전 10:02" or "10:02 AM".
func clock(language string, t time.Time) string {
	if language != "ko" {
		return t.Format("3:04 PM")
	}
	if t.Hour() < 12 {
		return t.Format("오전 3:04")
	}
	return t.Format("오후 3:04")
}

// dayOfYear returns the date as "11월 23일" or "Nov 23".
func dayOfYear(language string, t time.Time) string {
	if language != "ko" {
		return t.Format("Jan 2")
	}
	return fmt.Sprintf("%d월 %d일", t.Month(), t.Day())
}

// date returns the date as "2025년 11월 23일" or "Nov 23, 2025".
func date(language string, t time.Time) string {
	if language != "ko" {
		return t.Format("Jan 2, 2006")
	}
	return fmt.Sprintf("%d년 %d월 %d일", t.Year(), t.Month(), t.Day())
}

// day returns the date with its weekday, as "2026년 11월 23일 월요일" or "Monday, November 23,
// 2026", for the line where a new day begins.
func day(language string, t time.Time) string {
	if language != "ko" {
		return t.Format("Monday, January 2, 2006")
	}
	return date(language, t) + " " + koreanWeekdays[t.Weekday()]
}

// full returns day and clock: "2026년 11월 23일 월요일 오전 10:02".
func full(language string, t time.Time) string {
	if language != "ko" {
		return day(language, t) + ", " + clock(language, t)
	}
	return day(language, t) + " " + clock(language, t)
}
