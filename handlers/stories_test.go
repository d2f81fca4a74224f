package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"sarangbang/handlers/webtest"
)

// eachWay returns a person who sends forms, JSON, and requests of htmx, by the name of the format.
func eachWay(p *webtest.Person) map[string]*webtest.Person {
	return map[string]*webtest.Person{"form": p, "JSON": p.AsProgram(), "htmx": p.AsHTMX()}
}

// cookies returns the cookies that an answer sets, by name.
func cookies(a *webtest.Answer) map[string]*http.Cookie {
	set := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		set[c.Name] = c
	}
	return set
}

// copyOf returns another browser with the same cookies.
func copyOf(p *webtest.Person) *webtest.Person {
	p.TB.Helper()
	thief := webtest.Visitor(p.TB, p.Base)
	thief.Name = p.Name
	base := mustURL(p.TB, p.Base)
	thief.Client.Jar.SetCookies(base, p.Client.Jar.Cookies(base))
	return thief
}

func mustURL(tb testing.TB, text string) *url.URL {
	tb.Helper()
	u, err := url.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// secondBrowser returns another browser in which the same person has signed in.
func secondBrowser(p *webtest.Person) *webtest.Person {
	p.TB.Helper()
	other := webtest.Visitor(p.TB, p.Base)
	other.Name = p.Name
	other.Post("/login", webtest.Form{"name": p.Name, "password": webtest.Password}).Wants(http.StatusSeeOther)
	return other
}

// isSignedIn reports whether a page that needs a viewer is shown.
func isSignedIn(p *webtest.Person) bool {
	p.TB.Helper()
	return p.Get("/profile").Status == http.StatusOK
}

// atOnce runs act n times concurrently and returns the results.
func atOnce[T any](n int, act func(i int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			out[i] = act(i)
		})
	}
	close(start)
	all.Wait()
	return out
}

// same fails the test unless two lists are equal.
func same[T comparable](tb testing.TB, what string, got, want []T) {
	tb.Helper()
	if !slices.Equal(got, want) {
		tb.Errorf("%s: %v, want %v", what, got, want)
	}
}

// fieldError returns the sentence beside a field.
func fieldError(a *webtest.Answer, field string) string {
	return strings.TrimSpace(a.Find("#" + field + "-error").Text())
}

// myRooms returns the titles in the list of rooms.
func myRooms(a *webtest.Answer) []string {
	var titles []string
	for _, node := range a.Find("#my-rooms li .title").EachIter() {
		titles = append(titles, node.Text())
	}
	return titles
}

// bodies returns the texts of the messages on a page, oldest first.
func bodies(a *webtest.Answer) []string {
	var texts []string
	for _, node := range a.Find(".message[id] .body").EachIter() {
		texts = append(texts, strings.TrimSpace(node.Text()))
	}
	return texts
}
