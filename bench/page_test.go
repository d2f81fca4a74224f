package main

import (
	"strings"
	"testing"
)

func TestAPageMayDifferWhereItAlwaysDoes(t *testing.T) {
	var p page
	for _, nonce := range []string{"abc", "abd", "xyd"} {
		if err := p.learn([]byte("<p>tea</p>" + nonce + "</html>")); err != nil {
			t.Fatal(err)
		}
	}
	for body, right := range map[string]bool{
		"<p>tea</p>abc</html>": true,
		"<p>tea</p>qqq</html>": true,
		"<p>teh</p>abc</html>": false,
		"<p>tea</p>abc</htm1>": false,
	} {
		if err := p.same([]byte(body)); (err == nil) != right {
			t.Errorf("%s: error %v", body, err)
		}
	}
	if err := p.learn([]byte("<p>tea</p></html>")); err == nil {
		t.Error("a page of another length is taken for the same")
	}
}

func TestHeadsAreTakenApart(t *testing.T) {
	head := "HTTP/1.1 303 See Other\r\nDate: now\r\nset-cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\nLocation: /\r\n\r\n"
	if got := statusOf(head); got != 303 {
		t.Errorf("status %d", got)
	}
	if got := cookieIn(head); got != "a=b; c=d" {
		t.Errorf("cookies %q", got)
	}
	if got := headersOf(head); got["Location"] != "/" || got["Date"] != "" {
		t.Errorf("headers %v", got)
	}
	if got := statusOf(strings.TrimPrefix(head, "HTTP/1.1 ")); got != 0 {
		t.Errorf("status %d in what is no head", got)
	}
}
