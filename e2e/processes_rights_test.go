package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

func TestTheLossOfARightCutsStreamsOnEveryProcess(t *testing.T) {
	eachBus(t, 2, func(t *testing.T, c *cluster) {
		jimin := webtest.SignUp(t, c.nodes[0].url, "jimin", "")
		for name, loss := range map[string]struct {
			reason string
			lose   func(boram *webtest.Person, room string)
		}{
			"signed out":       {"signed_out", func(boram *webtest.Person, _ string) { boram.Post("/logout", nil).Wants(http.StatusSeeOther) }},
			"another password": {"signed_out", changePassword},
			"put out":          {"removed", func(boram *webtest.Person, room string) { putOut(jimin, boram, room) }},
			"left":             {"removed", func(boram *webtest.Person, room string) { boram.Post(room+"/leave", nil).Wants(http.StatusSeeOther) }},
			"deactivated":      {"deactivated", func(boram *webtest.Person, _ string) { deactivate(jimin, boram) }},
		} {
			t.Run(name, func(t *testing.T) {
				boram := webtest.SignUp(t, c.nodes[0].url, strings.ReplaceAll(name, " ", "-"), invitation(jimin))
				room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
				boram.Get(room).Wants(http.StatusOK)
				var streams []*webtest.Stream
				for node := range c.nodes {
					streams = append(streams, c.at(boram, node).Open(room+"/stream?as=json"))
				}
				for _, stream := range streams {
					stream.UntilNamed("ready")
				}
				loss.lose(boram, room)
				for _, stream := range streams {
					if e := stream.UntilNamed("close"); !strings.Contains(e.Data, loss.reason) {
						t.Errorf("closed with %s, want %s", e.Data, loss.reason)
					}
					stream.Ends()
				}
			})
		}
		t.Run("token deleted", func(t *testing.T) { deleteToken(t, c, jimin) })
	})
}

func changePassword(p *webtest.Person, _ string) {
	p.TB.Helper()
	const other = "stars over the yard"
	form := webtest.Form{"current_password": webtest.Password, "new_password": other}
	p.Post("/profile", form).Wants(http.StatusSeeOther)
}

func putOut(jimin, boram *webtest.Person, room string) {
	jimin.TB.Helper()
	jimin.Post(room+"/members/"+idOf(boram)+"/delete", nil).Wants(http.StatusSeeOther)
}

func deactivate(jimin, boram *webtest.Person) {
	jimin.TB.Helper()
	jimin.Post("/users/"+idOf(boram)+"/deactivate", nil).Wants(http.StatusSeeOther)
}

// idOf is a person's number.
func idOf(p *webtest.Person) string {
	p.TB.Helper()
	var people []struct{ ID int64 }
	p.AsProgram().Get("/users?q=" + url.QueryEscape(p.Name)).Wants(http.StatusOK).JSON(&people)
	if len(people) != 1 {
		p.TB.Fatalf("%d people are called %s", len(people), p.Name)
	}
	return strconv.FormatInt(people[0].ID, 10)
}

func deleteToken(t *testing.T, c *cluster, jimin *webtest.Person) {
	script := jimin.WithToken()
	stream := c.at(script, 1).Open("/stream", "Accept", "application/json")
	stream.UntilNamed("ready")
	var tokens []struct{ ID int64 }
	jimin.AsProgram().Get("/tokens").Wants(http.StatusOK).JSON(&tokens)
	for _, token := range tokens {
		jimin.Post(fmt.Sprintf("/tokens/%d/delete", token.ID), nil).Wants(http.StatusSeeOther)
	}
	if e := stream.UntilNamed("close"); !strings.Contains(e.Data, "token_deleted") {
		t.Errorf("closed with %s", e.Data)
	}
	stream.Ends()
}
