package handlers

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"net/http"
	"net/url"
	"strings"
)

// The first account is the administrator's, and no stranger who comes by before the operator may
// have it. It is made from the machine itself, or with a code that the program has printed there.

// fieldSetupCode is the field of the code, in the form and in the address of the sign-up page.
const fieldSetupCode = "setup_code"

// SetupCode returns the code for the first account of a service: 10 characters, the same in every
// process with the same session key. Who knows it does not know the key.
func SetupCode(key []byte) (string, error) {
	raw, err := hkdf.Key(sha256.New, key, nil, "sarangbang first account", 10)
	return base32.StdEncoding.EncodeToString(raw)[:10], err
}

// FirstAccountPath returns the path and query of the sign-up form with the code filled in.
func FirstAccountPath(code string) string {
	return "/signup?" + fieldSetupCode + "=" + url.QueryEscape(code)
}

// mayBeFirst reports whether a request may make the first account: it comes from this machine, or
// with the right code.
func (s *server) mayBeFirst(r *http.Request, code string) bool {
	if s.setupCode == "" || s.fromHere(r) {
		return true
	}
	code = strings.ToUpper(strings.TrimSpace(code))
	return subtle.ConstantTimeCompare([]byte(code), []byte(s.setupCode)) == 1
}

// fromHere reports whether a request was sent by this machine to this machine by one of its own
// names: a page of somebody else whose name leads here (DNS rebinding) has another, and a proxy
// tells or has a public address.
func (s *server) fromHere(r *http.Request) bool {
	for _, header := range proxyHeaders {
		if _, sent := r.Header[header]; sent {
			return false
		}
	}
	if from := r.Header.Get("Origin"); from != "" && !onlyHere(from) {
		return false
	}
	return isLoopback(r.RemoteAddr) && onlyHere(s.findOrigin(r).text) && onlyHere(s.askedOrigin(r).text)
}
