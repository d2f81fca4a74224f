package e2e

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// nginxFrame is what every configuration of nginx here has around its servers.
const nginxFrame = `daemon off; master_process off; pid {{.Folder}}/nginx.pid; error_log stderr warn; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path {{.Folder}}/body; proxy_temp_path {{.Folder}}/proxy; fastcgi_temp_path {{.Folder}}/f;
  uwsgi_temp_path {{.Folder}}/u; scgi_temp_path {{.Folder}}/s;
  SERVERS
}
`

const haproxyFrame = `defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
`

// behindProxies are the ways to stand behind a proxy: what runs, how it is configured, and what the
// service is told. Among the configurations are those of README.md, and shorter ones that people
// have.
var behindProxies = []struct {
	name    string
	command []string // FILE stands for the configuration
	config  string
	scheme  string
	service map[string]string
}{
	{"nginx as it comes", []string{"nginx", "-c", "FILE"}, strings.Replace(nginxFrame, "SERVERS",
		`server { listen {{.Front}}; location / { proxy_pass http://{{.Back}}; } }`, 1),
		"http", map[string]string{"BASE_URL": "http://chat.test:PORT"}},
	{"nginx that drops the port", []string{"nginx", "-c", "FILE"}, strings.Replace(nginxFrame, "SERVERS",
		`server { listen {{.Front}}; location / { proxy_pass http://{{.Back}}; proxy_set_header Host $host; } }`, 1),
		"http", nil},
	{"nginx with TLS and HTTP/2", []string{"nginx", "-c", "FILE"}, strings.Replace(nginxFrame, "SERVERS",
		`server { listen {{.Front}} ssl http2; ssl_certificate {{.Cert}}; ssl_certificate_key {{.Key}};
		location / { proxy_pass http://{{.Back}}; proxy_http_version 1.1; proxy_set_header Connection "";
		proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_read_timeout 1h; } }`, 1),
		"https", map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"}},
	{"two of nginx in a row", []string{"nginx", "-c", "FILE"}, strings.Replace(nginxFrame, "SERVERS",
		`server { listen {{.Front}} ssl; ssl_certificate {{.Cert}}; ssl_certificate_key {{.Key}};
		location / { proxy_pass http://{{.Middle}}; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } }
		server { listen {{.Middle}}; location / { proxy_pass http://{{.Back}}; proxy_set_header X-Forwarded-Host $http_host;
		proxy_pass_header X-Accel-Buffering;
		proxy_set_header X-Forwarded-Proto "$http_x_forwarded_proto, $scheme";
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } }`, 1),
		"https", map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"}},
	{"haproxy as it comes", []string{"haproxy", "-q", "-f", "FILE"}, haproxyFrame +
		"listen chat\n  bind {{.Front}}\n  server one {{.Back}}\n", "http", nil},
	{"haproxy with TLS and HTTP/2", []string{"haproxy", "-q", "-f", "FILE"}, haproxyFrame +
		"listen chat\n  bind {{.Front}} ssl crt {{.Both}} alpn h2,http/1.1\n  option forwardfor\n" +
		"  http-request set-header X-Forwarded-Proto https\n  server one {{.Back}}\n",
		"https", map[string]string{"TRUSTED_PROXIES": "127.0.0.1/32"}},
	{"caddy as it comes", []string{"caddy", "run", "--adapter", "caddyfile", "--config", "FILE"},
		"{\n admin off\n auto_https disable_redirects\n}\nhttps://chat.test:{{.Port}} {\n tls {{.Cert}} {{.Key}}\n reverse_proxy {{.Back}}\n}\n",
		"https", nil},
	{"caddy in plain HTTP", []string{"caddy", "run", "--adapter", "caddyfile", "--config", "FILE"},
		"{\n admin off\n}\nhttp://chat.test:{{.Port}} {\n reverse_proxy {{.Back}}\n}\n",
		"http", map[string]string{"TRUSTED_PROXIES": "127.0.0.1/32", "BASE_URL": "http://chat.test:PORT"}},

	{"nginx with TLS, under a path", []string{"nginx", "-c", "FILE"}, strings.Replace(nginxFrame, "SERVERS",
		`server { listen {{.Front}} ssl http2; ssl_certificate {{.Cert}}; ssl_certificate_key {{.Key}};
		location / { return 418; }
		location /chat/ { proxy_pass http://{{.Back}}; proxy_http_version 1.1; proxy_set_header Connection "";
		proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_read_timeout 1h; } }`, 1),
		"https", map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8", "BASE_URL": "https://chat.test:PORT/chat"}},
	{"nginx that cuts the path off", []string{"nginx", "-c", "FILE"}, strings.Replace(nginxFrame, "SERVERS",
		`server { listen {{.Front}}; location /a/b/ { proxy_pass http://{{.Back}}/; } location / { return 418; } }`, 1),
		"http", map[string]string{"BASE_URL": "http://chat.test:PORT/a/b"}},
	{"haproxy under a path", []string{"haproxy", "-q", "-f", "FILE"}, haproxyFrame +
		"frontend front\n  bind {{.Front}}\n  use_backend sarangbang if { path /chat } || { path_beg /chat/ }\n" +
		"backend sarangbang\n  server one {{.Back}}\n", "http", map[string]string{"BASE_URL": "http://chat.test:PORT/chat"}},
	{"caddy under a path", []string{"caddy", "run", "--adapter", "caddyfile", "--config", "FILE"},
		"{\n admin off\n auto_https disable_redirects\n}\nhttps://chat.test:{{.Port}} {\n tls {{.Cert}} {{.Key}}\n handle /chat* {\n  reverse_proxy {{.Back}}\n }\n}\n",
		"https", map[string]string{"BASE_URL": "https://chat.test:PORT/chat"}},
	{"caddy that cuts the path off", []string{"caddy", "run", "--adapter", "caddyfile", "--config", "FILE"},
		"{\n admin off\n}\nhttp://chat.test:{{.Port}} {\n handle_path /chat/* {\n  reverse_proxy {{.Back}}\n }\n}\n",
		"http", map[string]string{"BASE_URL": "http://chat.test:PORT/chat"}},
}

func TestProxies_LetEverythingThrough(t *testing.T) {
	t.Parallel()
	for _, c := range behindProxies {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			command, err := exec.LookPath(c.command[0])
			if err != nil {
				if os.Getenv("CI") == "true" {
					t.Fatal(err)
				}
				t.Skipf("%s is not installed", c.command[0])
			}
			front, back := webtest.FreeAddr(t), webtest.FreeAddr(t)
			_, port, _ := net.SplitHostPort(front)
			settings := map[string]string{"DATABASE_URL": dbtest.URL(t, "sqlite"), "ADDR": back}
			for name, value := range c.service {
				settings[name] = strings.ReplaceAll(value, "PORT", port)
			}
			service := start(t, settings)
			runProxy(t, command, c.command[1:], c.config, front, back)
			base := cmp.Or(settings["BASE_URL"], c.scheme+"://chat.test:"+port)
			talkThrough(t, base, front, service.setupCode())
		})
	}
}

// runProxy runs a proxy from front to back until the test's end.
func runProxy(t *testing.T, command string, args []string, config, front, back string) {
	t.Helper()
	folder := t.TempDir()
	cert, key := webtest.SelfSigned(t, folder, "chat.test")
	both := filepath.Join(folder, "both.pem")
	_, port, _ := net.SplitHostPort(front)
	var filled bytes.Buffer
	err := template.Must(template.New("").Parse(config)).Execute(&filled, map[string]string{
		"Folder": folder, "Front": front, "Middle": webtest.FreeAddr(t), "Back": back, "Port": port, "Cert": cert, "Key": key, "Both": both,
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "proxy.conf")
	args = slices.Clone(args)
	write(t, file, filled.Bytes())
	write(t, both, append(read(t, cert), read(t, key)...))
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "FILE", file)
	}
	var said bytes.Buffer
	cmd := exec.Command(command, args...)
	cmd.SysProcAttr, cmd.Stderr, cmd.Stdout = endsWithTest, &said, &said
	cmd.Env = []string{"HOME=" + folder, "XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder}
	cmd.WaitDelay = time.Second // a worker may outlive its master
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if t.Failed() {
			t.Logf("the proxy said:\n%s", said.String())
		}
	})
	eventually(t, "the proxy listens", func() bool {
		conn, err := net.DialTimeout("tcp", front, time.Second)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// talkThrough signs up, posts and hears it live through a proxy, as a browser does that says
// nothing by Sec-Fetch-Site.
func talkThrough(t *testing.T, base, front, code string) {
	t.Helper()
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	p := webtest.Visitor(t, base)
	p.Name = "jimin"
	p.Header.Set("Origin", at.Scheme+"://"+at.Host)
	p.Client.Transport = &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
		DialContext: webtest.DialTo(front),
	}
	p.Post("/signup", webtest.Form{"name": "stranger", "password": webtest.Password}).Wants(http.StatusUnprocessableEntity)
	p.Post("/signup", webtest.Form{"name": "jimin", "password": webtest.Password, "setup_code": code}).Wants(http.StatusSeeOther)
	room := p.Post("/rooms", webtest.Form{"title": "마당"}).Wants(http.StatusSeeOther).Location()
	followLinks(p, p.Get(room).Wants(http.StatusOK))
	stream := p.Open(room + "/stream")
	stream.UntilNamed("ready")
	p.Post(room+"/messages", webtest.Form{"body": "안녕하세요"})
	stream.Until("the message", func(e webtest.Event) bool { return strings.Contains(e.Data, "안녕하세요") })
	live := p.Open(room + "/live")
	live.Until("the message in the live log", func(e webtest.Event) bool { return strings.Contains(e.Data, "안녕하세요") })
	p.Post(room+"/messages", webtest.Form{"body": "잘 들려요"})
	live.Until("the next message", func(e webtest.Event) bool { return strings.Contains(e.Data, "잘 들려요") })
	elsewhere := *p
	elsewhere.Header = p.Header.Clone()
	elsewhere.Header.Set("Origin", at.Scheme+"://evil.test")
	elsewhere.Post(room+"/messages", webtest.Form{"body": "남의 말"}).Wants(http.StatusForbidden)
}

// followLinks gets the files and the pages that a page names.
func followLinks(p *webtest.Person, page *webtest.Answer) {
	p.TB.Helper()
	at, err := url.Parse(p.Base)
	if err != nil {
		p.TB.Fatal(err)
	}
	named := page.Find("link[href], script[src], nav a[href]")
	if named.Length() < 5 {
		p.TB.Errorf("the page names %d files and pages", named.Length())
	}
	for _, element := range named.EachIter() {
		address := element.AttrOr("href", element.AttrOr("src", ""))
		if path, found := strings.CutPrefix(address, at.Path+"/"); found {
			p.Get("/" + path).Wants(http.StatusOK)
		} else {
			p.TB.Errorf("the page names %s", address)
		}
	}
}
