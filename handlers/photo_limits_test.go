package handlers

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo/phototest"
)

// hangingUpload sends the beginning of a form of so many bytes, and returns what reads the answer,
// and the connection.
func hangingUpload(t *testing.T, script *webtest.Person, length int) (*bufio.Reader, net.Conn) {
	t.Helper()
	address := strings.TrimPrefix(script.Base, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST /profile HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nExpect: 100-continue\r\n"+
		"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", address, script.Header.Get("Authorization"), length)
	return bufio.NewReader(conn), conn
}

// TestPhoto_IsRefusedBeforeItArrives hangs while one photo is sent, and sends others.
func TestPhoto_IsRefusedBeforeItArrives(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	jimin, minsu := s.first(), s.signUp("minsu")
	script := jimin.WithToken()
	small := phototest.PNG(t, phototest.Quarters(8, 8, phototest.Red, phototest.Green, phototest.Blue, phototest.Yellow))
	answer, conn := hangingUpload(t, script, maxUpload)
	wantReading(t, answer)
	refused := func(length int) *http.Response {
		answer, _ := hangingUpload(t, script, length)
		resp, err := http.ReadResponse(answer, nil)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	if resp := refused(maxUpload); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("a second photo at the same time: %v", resp)
	}
	upload(jimin, webtest.Form{"bio": "사진과 함께"}, small).Wants(http.StatusTooManyRequests)
	upload(jimin, webtest.Form{"bio": "사진 없이"}, nil).Wants(http.StatusSeeOther)
	upload(minsu, webtest.Form{}, small).Wants(http.StatusSeeOther)
	conn.Close()
	for { // until the handler has noticed
		if status := upload(jimin, webtest.Form{}, small).Status; status == http.StatusSeeOther {
			break
		} else if status != http.StatusTooManyRequests {
			t.Fatalf("status %d", status)
		}
	}
	for range limits[limitPhotos].burst - 1 {
		upload(jimin, webtest.Form{}, small).Wants(http.StatusSeeOther)
		upload(jimin, webtest.Form{}, nil).Wants(http.StatusSeeOther) // which does not count
	}
	if resp := refused(maxUpload); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a photo too many: %v", resp)
	}
	upload(jimin, webtest.Form{}, small).Wants(http.StatusTooManyRequests)
	upload(jimin, webtest.Form{}, nil).Wants(http.StatusSeeOther)
}
