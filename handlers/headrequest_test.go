package handlers

import (
	"net/http"
	"testing"

	"sarangbang/db"
)

func TestHeadIsGetWithoutItsBody(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		jimin, boram := h.first(), h.signUp("보람")
		room := h.room(jimin, "마당", db.KindOpen)
		for path, status := range map[string]int{
			"/": 200, "/healthz": 200, "/readyz": 200, "/users": 200, room: 200, room + "/messages": 200, "/nowhere": 404,
			room + "/stream": 200, room + "/live": 200,
		} {
			a := jimin.Do(http.MethodHead, path, nil, "").Wants(status)
			if a.Body != "" {
				t.Errorf("HEAD %s has a body", path)
			}
		}
		boram.Do(http.MethodHead, room, nil, "").Wants(http.StatusConflict)
		if _, err := h.store.Room(t.Context(), h.user(boram), roomIn(t, room)); err == nil {
			t.Error("HEAD made somebody a member")
		}
	})
}
