package views

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// roomAddress matches the address of a room, in this house or in another one of the same program:
// the text is the same under every name and path that the house has.
var roomAddress = regexp.MustCompile(`^(?i:https?://)[^/?#]+(?:/[^?#]*)?/rooms/[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?:[?#]|$)`)

// openLink begins a link, which opens beside the conversation. A link into this house opens in its
// place, by links.js.
//
// Browsers say to the server of the page itself that a link to a room was followed from here, which
// leads to the room's preview: by Referer, since they send Fetch Metadata over HTTPS and to
// localhost alone. No other server learns anything.
func (w *htmlWriter) openLink(address string) {
	address = escapeAddress(address)
	w.WriteString(`<a href="`)
	w.escaped(address)
	if roomAddress.MatchString(address) {
		w.WriteString(`" rel="nofollow noopener ugc" referrerpolicy="same-origin"`)
	} else {
		w.WriteString(`" rel="nofollow noopener noreferrer ugc"`)
	}
	if len(address) < len("mailto:") || !strings.EqualFold(address[:len("mailto:")], "mailto:") {
		w.WriteString(` target="_blank"`)
	}
	w.WriteByte('>')
}

// escapeAddress returns an address with what may not stand in one, and what is not ASCII, as %XX.
func escapeAddress(address string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(address))
	for i := range len(address) {
		c := address[i]
		percent := c == '%' && (i+2 >= len(address) || !isHex(address[i+1]) || !isHex(address[i+2]))
		if c > ' ' && c < utf8.RuneSelf-1 && strings.IndexByte("\"<>\\^`{|}", c) < 0 && !percent {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
