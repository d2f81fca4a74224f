package main

import (
	"strconv"
	"strings"
)

// statusOf is the status in the head of an HTTP/1.1 answer; 0 when there is none.
func statusOf(head string) int {
	line, _, _ := strings.Cut(head, "\r\n")
	rest, ok := strings.CutPrefix(line, "HTTP/1.1 ")
	if !ok || len(rest) < 3 {
		return 0
	}
	status, _ := strconv.Atoi(rest[:3])
	return status
}

// headerOf is the first header of a name in a head whose lines all end with CRLF; empty when there is none.
func headerOf(head, name string) string {
	_, rest, _ := strings.Cut(head, "\r\n")
	for line := range strings.SplitSeq(rest, "\r\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
