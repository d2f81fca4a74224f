package handlers

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks whose headers about the way of a request are trusted.
type proxies []netip.Prefix

// parseProxies parses a list of CIDRs.
func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxies: %q is not a CIDR like 10.0.0.0/8", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// trust reports whether remote, an address with or without a port, is in one of the networks.
func (p proxies) trust(remote string) bool {
	if len(p) == 0 {
		return false
	}
	addr, err := netip.ParseAddr(strings.TrimPrefix(strings.TrimSuffix(remote, "]"), "["))
	if err != nil {
		withPort, err := netip.ParseAddrPort(remote)
		if err != nil {
			return false
		}
		addr = withPort.Addr()
	}
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// told is what proxies tell about the address that a browser has asked for. What they do not tell
// is empty.
type told struct{ scheme, host, port string }

// told returns what the headers of a request from a trusted proxy tell. Where proxies have made a
// list, each adding the value that it saw, the value of the outermost proxy counts that is trusted.
// X-Forwarded-* come before Forwarded (RFC 7239).
func (p proxies) told(r *http.Request) told {
	forwarded := parseForwarded(r.Header)
	hops := p.hops(r.Header, forwarded)
	var out told
	for _, header := range []string{"X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Url-Scheme"} {
		out.scheme = firstOf(out.scheme, schemeOf(nth(headerList(r.Header, header), hops)))
	}
	for _, header := range []string{"X-Forwarded-Ssl", "Front-End-Https"} {
		if strings.EqualFold(nth(headerList(r.Header, header), hops), "on") {
			out.scheme = firstOf(out.scheme, "https")
		}
	}
	for _, header := range []string{"X-Forwarded-Host", "X-Original-Host"} {
		out.host = firstOf(out.host, hostOf(nth(headerList(r.Header, header), hops)))
	}
	out.port = portOf(nth(headerList(r.Header, "X-Forwarded-Port"), hops))
	if out.port == "443" {
		out.scheme = firstOf(out.scheme, "https")
	}
	if len(forwarded) > 0 {
		element := forwarded[max(0, len(forwarded)-hops)]
		out.scheme = firstOf(out.scheme, schemeOf(element["proto"]))
		out.host = firstOf(out.host, hostOf(element["host"]))
	}
	return out
}

// hops returns the number of trusted proxies that a request has come through: the one that sent it,
// and those before it whose addresses the lists end with.
func (p proxies) hops(h http.Header, forwarded []map[string]string) int {
	addresses := headerList(h, "X-Forwarded-For")
	if len(addresses) == 0 {
		for _, element := range forwarded {
			addresses = append(addresses, element["for"])
		}
	}
	hops := 1
	for i := len(addresses) - 1; i >= 0 && p.trust(addresses[i]); i-- {
		hops++
	}
	return hops
}

// headerList returns the values of a header that may be a list, and stand in several lines.
func headerList(h http.Header, name string) []string {
	var out []string
	for _, line := range h[http.CanonicalHeaderKey(name)] {
		for value := range strings.SplitSeq(line, ",") {
			if value = strings.TrimSpace(value); value != "" {
				out = append(out, value)
			}
		}
	}
	return out
}

// nth returns the value that many hops from the end of a list; of a shorter list, which proxies
// have replaced on the way, the first; of an empty one, "".
func nth(values []string, hops int) string {
	if len(values) == 0 {
		return ""
	}
	return values[max(0, len(values)-hops)]
}

func firstOf(known, other string) string {
	if known != "" {
		return known
	}
	return other
}

// schemeOf returns http or https; empty for other schemes.
func schemeOf(text string) string {
	switch strings.ToLower(text) {
	case "https", "wss":
		return "https"
	case "http", "ws":
		return "http"
	}
	return ""
}

// hostOf returns a host with or without a port; empty for what is none.
func hostOf(text string) string {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~:[]", r) {
			return ""
		}
	}
	return strings.ToLower(text)
}

// portOf returns a port; empty for what is none.
func portOf(text string) string {
	if len(text) > 5 || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

// parseForwarded returns the elements of the header Forwarded, each with its parameters by their
// names in small letters.
func parseForwarded(h http.Header) []map[string]string {
	var out []map[string]string
	for _, text := range headerList(h, "Forwarded") { // no value that counts here has a comma
		element := map[string]string{}
		for pair := range strings.SplitSeq(text, ";") {
			name, value, _ := strings.Cut(pair, "=")
			element[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
		out = append(out, element)
	}
	return out
}

// proxyHeaders are what proxies add to requests, and clients without a proxy do not.
var proxyHeaders = []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded"}

// warnOfProxy logs once that the headers of a proxy are ignored, because it is not trusted.
func (s *server) warnOfProxy(r *http.Request) {
	if s.warnedOfProxy.Load() || s.proxies.trust(r.RemoteAddr) {
		return
	}
	for _, header := range proxyHeaders {
		if _, sent := r.Header[header]; !sent || !s.warnedOfProxy.CompareAndSwap(false, true) {
			continue
		}
		s.log.Warn("headers of a proxy are ignored, because it is not trusted", "header", header, "from", r.RemoteAddr,
			"remedy", "if that is the proxy, set TRUSTED_PROXIES to its address, like "+networkOf(r.RemoteAddr))
		return
	}
}

// networkOf returns the network of an address with a port alone, as TRUSTED_PROXIES has it.
func networkOf(remote string) string {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return "10.0.0.0/8"
	}
	addr := peer.Addr().Unmap().WithZone("")
	return netip.PrefixFrom(addr, addr.BitLen()).String()
}
