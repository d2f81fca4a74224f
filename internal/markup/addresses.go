package markup

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxHost  = 255 // bytes of a host's name in ASCII; names of other scripts are longer
	maxLocal = 64  // characters of a mail address before the @
)

// address emits the address that begins at the offset at hand, or whose @ stands there.
func (r *lineReader) address(first byte) bool {
	if len(r.inline.links) > 0 {
		return false
	}
	if first == '@' {
		return r.mail()
	}
	if first == '<' {
		return r.pointed()
	}
	if r.before < utf8.RuneSelf && (isWord(r.before) || strings.ContainsRune("@/.-_", r.before)) {
		return false
	}
	end := r.web(r.at)
	if end == 0 {
		return false
	}
	text := r.source[r.at : r.at+end]
	target := text
	if first == 'w' || first == 'W' {
		target = "http://" + text
	}
	r.flush(r.at)
	r.emitAddress(text, target)
	r.skip(r.at + end)
	return true
}

func (r *lineReader) emitAddress(text, target string) {
	r.tokens = append(r.tokens, Token{Kind: Address, At: r.at, Text: text, Info: target})
	r.wordSeen()
}

// pointed emits <https://…>, whose brackets are marks.
func (r *lineReader) pointed() bool {
	rest := r.source[r.at+1 : r.end]
	if len(rest) == 0 || rest[0] != 'h' && rest[0] != 'H' {
		return false
	}
	end := r.web(r.at + 1)
	if end == 0 || !strings.HasPrefix(rest[end:], ">") {
		return false
	}
	r.flush(r.at)
	r.emitAddress(rest[:end], rest[:end])
	r.skip(r.at + end + 2)
	return true
}

// web returns the length of the web address at an offset; 0 for none. Brackets without a partner,
// which end addresses, are remembered, so that of many addresses in a line not each looks for the
// partner of its own bracket up to the end.
func (r *lineReader) web(at int) int {
	for len(r.unpaired) > 0 && r.unpaired[0] < at {
		r.unpaired = r.unpaired[1:]
	}
	limit := r.end
	if len(r.unpaired) > 0 {
		limit = r.unpaired[0]
	}
	end, unpaired := webEnd(r.source[at:limit])
	if len(unpaired) > 0 {
		for i := range unpaired {
			unpaired[i] += at
		}
		r.unpaired = append(unpaired, r.unpaired...)
	}
	return end
}

// webEnd returns the length of the web address that a text begins with, 0 for none, and the offsets
// of opening brackets without a partner. An address begins with http://, https:// or www. and goes
// on to a blank, a quote, an East Asian letter behind ASCII, or an unpaired bracket; what ends the
// sentence around it is not part of it.
func webEnd(s string) (end int, unpaired []int) {
	host := schemeOf(s)
	www := host == 0 && len(s) > 4 && strings.EqualFold(s[:4], "www.")
	if host == 0 && !www {
		return 0, nil
	}
	end, dotted := hostEnd(s[host:])
	if end == 0 || www && !dotted {
		return 0, nil
	}
	end += host
	port := portEnd(s[end:])
	end += port
	if end < len(s) && strings.IndexByte("/?#", s[end]) >= 0 {
		rest, unpaired := restEnd(s[end:])
		for i := range unpaired {
			unpaired[i] += end
		}
		return end + rest, unpaired
	}
	if !dotted && port == 0 {
		return 0, nil
	}
	return end, nil
}

// schemeOf returns the length of http:// or https:// at the beginning of a text; 0 for neither.
func schemeOf(s string) int {
	for _, scheme := range []string{"http://", "https://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	return 0
}

// portEnd returns the length of a port with its colon at the beginning of a text.
func portEnd(s string) int {
	if s == "" || s[0] != ':' {
		return 0
	}
	digits := len(s) - 1 - len(strings.TrimLeft(s[1:], "0123456789"))
	if digits == 0 || digits > 5 {
		return 0
	}
	return 1 + digits
}

func isHost(r rune) bool { return r == '-' || r == '_' || r == '.' || isWord(r) }

// hostEnd returns the length of the host that a text begins with, and whether it is an address of
// the net or a name of several parts: a machine in one's own network has one.
func hostEnd(s string) (end int, dotted bool) {
	if strings.HasPrefix(s, "[") {
		closing := strings.IndexByte(s[:min(len(s), 50)], ']')
		if closing < 0 {
			return 0, false
		}
		ip, err := netip.ParseAddr(s[1:closing])
		if err != nil || !ip.Is6() {
			return 0, false
		}
		return closing + 1, true
	}
	run := s[:min(len(s), 3*maxHost)]
	if i := strings.IndexFunc(run, func(r rune) bool { return !isHost(r) }); i >= 0 {
		run = run[:i]
	}
	open := len(run) == len(s) || strings.IndexByte("/?#:", s[len(run)]) >= 0 || s[len(run)] == ' '
	ends, from := []int(nil), 0
	for i, label := range strings.SplitAfter(run, ".") {
		name := strings.TrimSuffix(label, ".")
		if name == "" || len(name) > 3*63 {
			break
		}
		if i > 0 {
			begin, _ := utf8.DecodeRuneInString(run[strings.LastIndexByte(run[:from-1], '.')+1:])
			whole := open && from+len(label) == len(run) && isEastAsian(begin)
			if n := topLevel(name, whole); n > 0 {
				ends = append(ends, from+n)
			}
		}
		from += len(label)
	}
	if len(ends) > 0 {
		return ends[len(ends)-1], true
	}
	if n := strings.IndexFunc(run, func(r rune) bool { return r >= utf8.RuneSelf || r == '.' }); n >= 0 {
		run = run[:n]
	}
	if ip, err := netip.ParseAddr(run); err == nil {
		return len(run), ip.Is4()
	}
	return len(run), false
}

// hangulDomains are the top level domains in Hangul. Korean particles follow them without a space,
// so that only their names tell where they end.
var hangulDomains = [...]string{"한국", "닷컴", "닷넷", "삼성"}

// topLevel returns the length of the top level domain that a label begins with; 0 for none: two or
// more ASCII letters, xn--…, digits of an address, or a name of another script. Of Hangul names
// only known ones are cut from what follows; whole says that nothing does.
func topLevel(label string, whole bool) int {
	ascii := len(label)
	if i := strings.IndexFunc(label, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
		ascii = i
	}
	if ascii > 0 {
		name := label[:ascii]
		next, _ := utf8.DecodeRuneInString(label[ascii:])
		if ascii < len(label) && !isEastAsian(next) {
			return 0
		}
		if len(name) > 4 && strings.EqualFold(name[:4], "xn--") {
			return len(strings.TrimRight(name, "-_"))
		}
		letters := len(name) - len(strings.TrimLeftFunc(name, unicode.IsLetter))
		digits := len(name) - len(strings.TrimLeftFunc(name, unicode.IsDigit))
		if letters >= 2 && letters == len(strings.TrimRight(name, "-_")) {
			return letters
		}
		if digits == len(name) && digits <= 3 {
			return digits
		}
		return 0
	}
	for _, known := range hangulDomains {
		if strings.HasPrefix(label, known) {
			return len(known)
		}
	}
	first, _ := utf8.DecodeRuneInString(label)
	if !unicode.Is(unicode.Hangul, first) {
		if i := strings.IndexFunc(label, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }); i >= 0 {
			return i
		}
		return len(label)
	}
	if whole {
		return len(label)
	}
	return 0
}

// restEnd returns the length of the path, query and fragment that a text begins with, and where
// brackets open without a partner.
func restEnd(s string) (end int, open []int) {
	end = len(s)
	solid := rune('/') // the last character that is no punctuation
scan:
	for i, c := range s {
		switch {
		case isControl(c), unicode.IsSpace(c), strings.ContainsRune("\"<>`\\\u200b\ufeff", c), c >= utf8.RuneSelf && unicode.In(c, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf):
			end = i
			break scan
		case c == '(' || c == '[' || c == '{':
			open = append(open, i)
		case c == ')' || c == ']' || c == '}':
			n := len(open)
			if n == 0 || s[open[n-1]] != map[rune]byte{')': '(', ']': '[', '}': '{'}[c] {
				end = i
				break scan
			}
			open = open[:n-1]
			solid = c
		case isEastAsian(c) && solid < utf8.RuneSelf && (isWord(solid) || solid == ')' || solid == ']'):
			end = i
			break scan
		case !isTransparent(c):
			solid = c
		}
	}
	if len(open) > 0 && open[0] < end {
		end = open[0]
	}
	return len(strings.TrimRightFunc(s[:end], func(r rune) bool { return r == '_' || r == '|' || isTransparent(r) })), open
}

// isTransparent reports whether a character ends a sentence or a mark as well as it may stand
// inside of an address, so that what stands around it tells.
func isTransparent(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.IndexByte(".,:;!?'*~(", byte(r)) >= 0
	}
	return unicode.Is(unicode.Po, r)
}

func isLocal(c byte) bool {
	return c < utf8.RuneSelf && isWord(rune(c)) || strings.IndexByte("._%+-", c) >= 0
}

// mail emits the mail address around the @ at hand.
func (r *lineReader) mail() bool {
	local := r.at
	for local > r.start && r.at-local < maxLocal && isLocal(r.source[local-1]) {
		local--
	}
	if local == r.at || !isWord(rune(r.source[local])) {
		return false
	}
	if local > r.from && (isLocal(r.source[local-1]) || strings.IndexByte("*/\\=@&#$", r.source[local-1]) >= 0) {
		return false
	}
	host, dotted := hostEnd(r.source[r.at+1 : r.end])
	end := r.at + 1 + host
	if !dotted || r.source[r.at+1] == '[' || r.after(end) == '@' {
		return false
	}
	text := r.source[local:end]
	r.flush(local)
	r.tokens = append(r.tokens, Token{Kind: Address, At: local, Text: text, Info: "mailto:" + text})
	r.wordSeen()
	r.skip(end)
	return true
}
