package views

import (
	"regexp"
	"strings"
)

// Where the service lies under a path of its host, such as /chat, addresses in the program begin at
// the root of the service: /rooms/…. The path is put before them where they leave the program: in
// templates by this file, and in headers and JSON by Renderer.Address. Addresses that come in are
// cut in handlers/base.go.

// Address returns the address on the host of one that begins at the root of the service. Others,
// with a scheme and a host, stay as they are.
func (r *Renderer) Address(path string) string { return under(r.base, path) }

// Base returns the path under which the service lies on its host, such as /chat; empty at the root.
func (r *Renderer) Base() string { return r.base }

func under(base, path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	return base + path
}

// addressAttribute matches the beginning of an attribute that holds an address: a literal one in
// the first group, or an action that writes it in the second.
var addressAttribute = regexp.MustCompile(
	`(?: (?:href|src|action|formaction|data-room|data-large|hx-get|hx-post|hx-sse:connect)| name="next" value)="(?:(/)|\{\{([.$][\w.]*)\}\})`)

// rebased returns the source of a template with base before all addresses in it. At the root it is
// the source as it stands.
func rebased(source, base string) string {
	if base == "" {
		return source
	}
	var b strings.Builder
	written := 0
	for _, at := range addressAttribute.FindAllStringSubmatchIndex(source, -1) {
		if at[2] >= 0 {
			b.WriteString(source[written:at[2]] + base)
			written = at[2]
			continue
		}
		b.WriteString(source[written:at[4]] + "address ")
		written = at[4]
	}
	return b.String() + source[written:]
}
