package handlers

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// A browser in which somebody has signed in proves that by a cookie for a long time after. It opens
// nothing: attempts to sign in from there are counted apart from those of everybody else behind the
// same address.

// knownLife is how long the proof holds.
const knownLife = 365 * 24 * time.Hour

// newKnownKey derives the key of the proofs from that of the service.
func newKnownKey(key []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, key, nil, "sarangbang known browser", 32)
}

// knownValue returns the proof for the owner of a name.
func (s *server) knownValue(name string) string {
	proof := hmac.New(sha256.New, s.knownKey)
	proof.Write([]byte(foldedName(name)))
	return base64.RawURLEncoding.EncodeToString(proof.Sum(nil))
}

// isKnown reports whether the owner of a name has signed in with this browser.
func (s *server) isKnown(c *gin.Context, name string) bool {
	cookie, err := c.Request.Cookie(s.names.known)
	return err == nil && hmac.Equal([]byte(cookie.Value), []byte(s.knownValue(name)))
}

// keepKnown lets the browser prove from now on that the owner of a name has signed in with it.
func (s *server) keepKnown(c *gin.Context, name string) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: s.names.known, Value: s.knownValue(name), Path: s.address("/login"), MaxAge: int(knownLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: originOf(c).secure(),
	})
}
