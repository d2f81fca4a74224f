package main

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sarangbang/handlers/webtest"
)

// overTLS makes a person speak HTTP/2 with whoever has the address, whatever the certificate says.
func overTLS(p *webtest.Person, addr string) *tls.Config {
	settings := &tls.Config{InsecureSkipVerify: true}
	p.Client.Transport = &http.Transport{
		TLSClientConfig: settings, ForceAttemptHTTP2: true,
		DialContext: webtest.DialTo(addr),
	}
	return settings
}

func TestTLS_WithOnesOwnCertificate(t *testing.T) {
	folder, plain := t.TempDir(), webtest.FreeAddr(t)
	cert, key := webtest.SelfSigned(t, folder, "chat.test")
	url, _, _ := startWith(t, map[string]string{"TLS_CERT": cert, "TLS_KEY": key, "HTTP_ADDR": plain})
	p := webtest.Visitor(t, url)
	p.Name = "jimin"
	overTLS(p, strings.TrimPrefix(url, "https://"))
	answer := p.Post("/signup", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusSeeOther)
	if set := answer.Header.Get("Set-Cookie"); !strings.Contains(set, "__Host-") && !strings.Contains(strings.Join(answer.Header["Set-Cookie"], " "), "__Host-") {
		t.Errorf("cookie %q, want one of __Host-", set)
	}
	room := p.Post("/rooms", webtest.Form{"title": "마당"}).Wants(http.StatusSeeOther).Location()
	stream := p.Open(room + "/stream")
	stream.UntilNamed("ready")
	p.Post(room+"/messages", webtest.Form{"body": "안녕하세요"})
	stream.Until("the message", func(e webtest.Event) bool { return strings.Contains(e.Data, "안녕하세요") })
	response, err := p.Client.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.ProtoMajor != 2 {
		t.Errorf("protocol %s, want HTTP/2", response.Proto)
	}
	wantsRedirect(t, plain, url)
	first := response.TLS.PeerCertificates[0].SerialNumber
	webtest.SelfSigned(t, folder, "chat.test")
	again := webtest.Visitor(t, url)
	overTLS(again, strings.TrimPrefix(url, "https://"))
	if response, err = again.Client.Get(url + "/healthz"); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.TLS.PeerCertificates[0].SerialNumber.Cmp(first) == 0 {
		t.Error("a renewed certificate is not used")
	}
}

// wantsRedirect fails the test unless plain HTTP leads to an address of HTTPS, and takes no form.
func wantsRedirect(t *testing.T, plain, to string) {
	t.Helper()
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := stay.Get("http://" + plain + "/rooms?q=%20a")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("Location"); response.StatusCode != http.StatusPermanentRedirect || got != to+"/rooms?q=%20a" {
		t.Errorf("status %d, to %q", response.StatusCode, got)
	}
	if response, err = stay.Post("http://"+plain+"/login", "text/plain", strings.NewReader("secret")); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a form: status %d", response.StatusCode)
	}
}

// TestTLS_GetsItsCertificate is of a real authority on this machine, which asks the program for the
// proof by plain HTTP or TLS.
func TestTLS_GetsItsCertificate(t *testing.T) {
	pebble, err := exec.LookPath("pebble")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("without pebble (go install github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1) certificates are not got")
	}
	addr, plain, authority := webtest.FreeAddr(t), webtest.FreeAddr(t), webtest.FreeAddr(t)
	runPebble(t, pebble, authority, plain, addr)
	_, port, _ := net.SplitHostPort(addr)
	public := "https://chat.test:" + port
	startWith(t, map[string]string{
		"TLS": "auto", "BASE_URL": public, "ADDR": addr, "HTTP_ADDR": plain, "ACME_URL": "https://" + authority + "/dir",
	})
	p := webtest.Visitor(t, public)
	settings := overTLS(p, addr)
	response, err := p.Client.Get(public + "/login")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	cert := response.TLS.PeerCertificates[0]
	if !strings.Contains(cert.Issuer.CommonName, "Pebble") || len(cert.DNSNames) != 1 || cert.DNSNames[0] != "chat.test" || response.ProtoMajor != 2 {
		t.Errorf("%s: a certificate of %q for %q", response.Proto, cert.Issuer.CommonName, cert.DNSNames)
	}
	settings.ServerName = "evil.test"
	p.Client.CloseIdleConnections()
	if response, err := p.Client.Get(public + "/login"); err == nil {
		response.Body.Close()
		t.Error("a certificate for another name was got")
	}
	wantsRedirect(t, plain, public)
}

// runPebble runs an authority until the test's end, which finds every name on this machine. It
// becomes one that programs of this process trust.
func runPebble(t *testing.T, pebble, authority, plain, encrypted string) {
	t.Helper()
	folder := t.TempDir()
	cert, key := webtest.SelfSigned(t, folder, "authority.test")
	t.Setenv("SSL_CERT_FILE", cert)
	number := func(addr string) json.Number {
		_, port, _ := net.SplitHostPort(addr)
		return json.Number(port)
	}
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": authority, "certificate": cert, "privateKey": key, "httpPort": number(plain), "tlsPort": number(encrypted),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(pebble, "-config", file, "-dnsserver", answerNames(t))
	cmd.Env = []string{"PEBBLE_VA_NOSLEEP=1"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err == nil {
			cmd.Wait()
		}
	})
	for end := time.Now().Add(20 * time.Second); ; <-time.After(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", authority)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// answerNames runs a name server, over TCP, for which every name is this machine, and returns its
// address.
func answerNames(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerQuestions(conn)
		}
	}()
	return listener.Addr().String()
}

// answerQuestions answers what is asked over a connection. Before each message stands its length.
func answerQuestions(conn net.Conn) {
	defer conn.Close()
	var length [2]byte
	for {
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		packet := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, packet); err != nil {
			return
		}
		answer, err := answerName(packet)
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func answerName(packet []byte) ([]byte, error) {
	var asked dnsmessage.Message
	if err := asked.Unpack(packet); err != nil {
		return nil, err
	}
	if len(asked.Questions) != 1 {
		return nil, io.ErrUnexpectedEOF
	}
	question := asked.Questions[0]
	answer := dnsmessage.Message{
		Header: dnsmessage.Header{ID: asked.ID, Response: true, Authoritative: true}, Questions: asked.Questions,
	}
	if question.Type == dnsmessage.TypeA {
		answer.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 60},
			Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	packed, err := answer.Pack()
	if err != nil {
		return nil, fmt.Errorf("name server: %w", err)
	}
	return packed, nil
}
