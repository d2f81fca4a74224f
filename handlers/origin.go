package handlers

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
)

// origin is the public address of the service as browsers see it, without a slash at the end: an
// origin as browsers know it, and the path under which the service lies there. It never changes,
// and may be shared.
type origin struct {
	scheme     string // http or https
	name, port string // of the host, in small letters; port is empty for the default of the scheme
	text       string // with the path
	path       string // such as /chat; empty at the root
	exact      bool   // from BASE_URL: no proxy has changed it
}

// newOrigin returns the origin of a scheme and a host, which may have a port.
func newOrigin(scheme, host string) *origin {
	name, port := splitHost(host)
	if port == defaultPorts[scheme] {
		port = ""
	}
	o := &origin{scheme: scheme, name: name, port: port, text: scheme + "://" + host}
	if bare, found := strings.CutSuffix(host, ":"+defaultPorts[scheme]); found {
		o.text = scheme + "://" + bare
	}
	return o
}

// parseOrigin parses an address like https://chat.example.org or https://example.org/chat.
func parseOrigin(text string) (*origin, error) {
	u, err := url.Parse(text)
	if err != nil || defaultPorts[u.Scheme] == "" || u.Host == "" {
		return nil, fmt.Errorf("base URL: %q is not an address like https://chat.example.org", text)
	}
	o := newOrigin(u.Scheme, u.Host)
	o.exact, o.path = true, strings.TrimSuffix(u.Path, "/")
	o.text += o.path
	return o, nil
}

func (o *origin) String() string { return o.text }

// secure reports whether browsers speak HTTPS with the service.
func (o *origin) secure() bool { return o.scheme == "https" }

// includes reports whether an address that a browser names is one of this origin. The scheme does
// not count, because a proxy may not tell it. Unless the origin is exact, nor does a port that a
// proxy has dropped on the way (nginx's $host) or replaced by a default one: browsers send cookies
// to all ports of a host anyhow.
func (o *origin) includes(u *url.URL) bool {
	name, port := splitHost(u.Host)
	if name == "" || name != o.name {
		return false
	}
	if port == defaultPorts[u.Scheme] {
		port = ""
	}
	return port == o.port || !o.exact && (o.port == "" || port == "" && isDefaultPort(o.port))
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

func isDefaultPort(port string) bool { return port == "80" || port == "443" }

// splitHost returns the name of a host in small letters, without the brackets of IPv6 addresses,
// and its port; empty without one.
func splitHost(host string) (name, port string) {
	name = host
	if n, p, err := net.SplitHostPort(host); err == nil {
		name, port = n, p
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	return strings.ToLower(strings.TrimSuffix(name, ".")), port
}

const keyOrigin = "origin"

// originOf returns the origin that prepare has found out.
func originOf(c *gin.Context) *origin {
	found, _ := c.Get(keyOrigin)
	o, _ := found.(*origin)
	return o
}

// origin returns the public address of the service, with its path and without a slash at the end.
func (s *server) origin(c *gin.Context) string { return originOf(c).text }

// findOrigin returns the origin for a request: BASE_URL, or what trusted proxies say, or the host
// that the request names.
func (s *server) findOrigin(r *http.Request) *origin {
	if s.public != nil {
		return s.public
	}
	return s.askedOrigin(r)
}

// askedOrigin returns the origin that a request has been sent to, whatever BASE_URL is.
func (s *server) askedOrigin(r *http.Request) *origin {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if s.proxies.trust(r.RemoteAddr) {
		told := s.proxies.told(r)
		if told.scheme != "" {
			scheme = told.scheme
		}
		if told.host != "" {
			host = told.host
		}
		if _, port := splitHost(host); port == "" && told.port != "" && !isDefaultPort(told.port) {
			host += ":" + told.port
		}
	}
	return newOrigin(scheme, host)
}

// checkHost refuses a request that was sent to another host than that of BASE_URL: no page of this
// service is to appear under a name that somebody else has let point here. A proxy on this machine,
// or a trusted one, may name the address that it forwards to, like nginx by default: an IP address
// or a name without a dot, which nobody else can let point here.
func (s *server) checkHost(r *http.Request) error {
	if s.public == nil || isProbe(r) {
		return nil
	}
	asked := s.askedOrigin(r)
	if asked.name == s.public.name { // whatever the port: a proxy may have another
		return nil
	}
	if isInternalName(asked.name) && s.mayForward(r) {
		return nil
	}
	cause := fmt.Errorf("the request names the host %s, BASE_URL is %s", shortened(r.Host), s.public)
	return &problem{
		status: http.StatusMisdirectedRequest, code: "misdirected", text: "error.misdirected",
		args: []any{s.public.text, shortened(asked.text)}, cause: cause,
	}
}

// isInternalName reports whether a host is an IP address or a name without a dot.
func isInternalName(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil || !strings.Contains(name, ".")
}

func isLoopback(remote string) bool {
	addr, err := netip.ParseAddrPort(remote)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// checkSameOrigin refuses a writing request that a page of another site has sent, like
// http.CrossOriginProtection, which knows a single spelling of each origin. Where a browser does
// not say by Sec-Fetch-Site whether the page is ours (over plain HTTP none does), origin.includes
// tells.
func (s *server) checkSameOrigin(r *http.Request, here *origin) error {
	err := s.crossOrigin.Check(r)
	if err == nil {
		return nil
	}
	from := r.Header.Get("Origin")
	u, parseErr := url.Parse(from)
	known := parseErr == nil && u.Host != ""
	if site := r.Header.Get("Sec-Fetch-Site"); site == "" && known && here.includes(u) {
		return nil
	}
	if !known {
		return s.refusedOrigin(r, here, "", err)
	}
	return s.refusedOrigin(r, here, newOrigin(u.Scheme, u.Host).text, err)
}

// refusedOrigin returns the problem of a writing request from another site, and logs what mends it
// where the two are one. from is the address of the page it was sent from; empty when unknown.
func (s *server) refusedOrigin(r *http.Request, here *origin, from string, cause error) error {
	p := forbidden(errors.Join(errOtherOrigin, cause))
	if from == "" {
		p.text, p.args = "error.origin_hidden", []any{here.text}
		s.log.Warn("a form from an unknown site was refused", "expected", here.text, "origin", shortened(r.Header.Get("Origin")), "host", r.Host)
		return p
	}
	from = shortened(from)
	p.text, p.args = "error.origin", []any{from, here.text}
	s.log.Warn("a form from another site was refused", "expected", here.text, "got", from, "host", r.Host,
		"remedy", "if both are this service, set BASE_URL="+from+
			", or let the proxy send the header Host of the browser (nginx: proxy_set_header Host $http_host)")
	return p
}

// errOtherOrigin is the cause of a refusal for the origin of a request.
var errOtherOrigin = errors.New("the request comes from a page of another site")

// shortened returns a text from a stranger for the log and for pages: not longer than the longest
// name of a host with scheme and port.
func shortened(text string) string {
	const longest = 270
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
