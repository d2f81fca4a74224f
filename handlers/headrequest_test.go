package handlers

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
)

func TestHEAD_IsGetWithoutBody(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		for path, status := range map[string]int{
			"/": 200, "/healthz": 200, "/readyz": 200, "/users": 200, room: 200, room + "/messages": 200, "/nowhere": 404,
			room + "/stream": 200, room + "/live": 200, "/stream": 200,
			roomPath(uuid.New()) + "/stream": 404, roomPath(uuid.New()) + "/live": 404,
		} {
			a := jimin.Do(http.MethodHead, path, nil, "").Wants(status)
			if a.Body != "" {
				t.Errorf("HEAD %s has a body", path)
			}
		}
		boram.Do(http.MethodHead, room, nil, "").Wants(http.StatusConflict)
		if _, err := s.store.Room(t.Context(), s.user(boram), roomIn(t, room)); err == nil {
			t.Error("HEAD made somebody a member")
		}
	})
}
