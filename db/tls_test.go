package db_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestPostgreSQLMustProveWhoItIs(t *testing.T) {
	address, authority := dbtest.TLS(t)
	numeric := *address
	numeric.Host = "127.0.0.1:" + address.Port() // the certificate names localhost only
	stranger := otherAuthority(t)
	tests := []struct {
		name            string
		address         *url.URL
		mode, authority string
		wantErr         string // empty: it opens
	}{
		{"disable", address, "disable", "", ""},
		{"require trusts anybody", &numeric, "require", "", ""},
		{"require with an authority is verify-ca", address, "require", stranger, "unknown authority"},
		{"verify-ca, right authority", address, "verify-ca", authority, ""},
		{"verify-ca, right authority, other name", &numeric, "verify-ca", authority, ""},
		{"verify-ca, other authority", address, "verify-ca", stranger, "unknown authority"},
		{"verify-ca, authorities of the system", address, "verify-ca", "system", "unknown authority"},
		{"verify-full, right authority and name", address, "verify-full", authority, ""},
		{"verify-full, right authority, other name", &numeric, "verify-full", authority, "127.0.0.1"},
		{"verify-full, other authority", address, "verify-full", stranger, "unknown authority"},
		{"verify-full, authorities of the system", address, "verify-full", "", "sslrootcert=FILE"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := *test.address
			u.RawQuery = url.Values{"sslmode": {test.mode}, "sslrootcert": {test.authority}}.Encode()
			s, err := db.Open(t.Context(), db.Options{URL: u.String()})
			if err == nil {
				noError(t, s.Close())
			}
			if test.wantErr == "" {
				noError(t, err)
			} else if err == nil || !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("error %v, want one with %q", err, test.wantErr)
			}
		})
	}
}

// otherAuthority is the certificate of an authority that signed nothing here.
func otherAuthority(t *testing.T) string {
	dir := t.TempDir()
	noError(t, dbtest.WriteCertificates(dir))
	return filepath.Join(dir, "authority.crt")
}

func TestARootCertificateMustBeOne(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.crt")
	noError(t, os.WriteFile(empty, nil, 0o600))
	_, err := db.Open(t.Context(), db.Options{URL: "postgres://localhost/x?sslmode=verify-full&sslrootcert=" + empty})
	if err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Error(err)
	}
}
