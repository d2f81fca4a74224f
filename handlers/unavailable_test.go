package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"sarangbang/db"
)

func TestAnUnavailableDatabaseIs503WithRetryAfter(t *testing.T) {
	p := classify(fmt.Errorf("%w: %w", db.ErrUnavailable, errors.New("locked")))
	if p.status != http.StatusServiceUnavailable || p.code != "unavailable" || p.after <= 0 {
		t.Errorf("status %d, code %q, Retry-After %v", p.status, p.code, p.after)
	}
	if p := classify(context.Canceled); p.status != http.StatusInternalServerError {
		t.Errorf("a client that hung up: %d", p.status)
	}
}
