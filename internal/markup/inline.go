package markup

import (
	"strings"
	"unicode/utf8"
)

// inline is what is known of the paragraph at hand.
type inline struct {
	open  []opener    // marks that may still be closed, at most one of each kind
	floor int         // those before it stand outside of the link at hand
	links []linkFrame // links whose text is being read
	seen  count       // what was read in the paragraph
}

// count counts characters by which marks are told from faces and masks.
type count struct {
	words int // letters and digits
	solid int // those that are no lone Hangul letters
	pairs int // two beside each other, a letter among them
}

// linkFrame is a link whose text is being read.
type linkFrame struct {
	end, resume int // the end of its text, and of the link
	floor       int // of the paragraph outside
	drawn       bool
}

func (in *inline) reset() {
	*in = inline{open: in.open[:0], links: in.links[:0]}
}

// lineReader reads one line of a paragraph.
type lineReader struct {
	*parser
	at, end  int
	start    int // where the text begins that is not emitted yet
	before   rune
	brackets []int32 // by offset in the line, the offset in the source of a bracket's partner; nil: no links
	from     int
	noCode   map[int]int // by length, from where on no run of backticks has a partner
	stop     int         // the first character that ends an address, at or behind the last one asked for
	stopped  bool
	unpaired []int // brackets in addresses that have no partner, in ascending order
}

// line emits the tokens of one line.
func (p *parser) line(s span) {
	r := lineReader{parser: p, at: s.from, end: s.to, start: s.from, from: s.from, before: ' '}
	if strings.Contains(p.text(s), "](") {
		r.matchBrackets()
	}
	for r.at < r.end {
		r.step()
	}
	r.flush(r.end)
	p.inline.endLine()
}

// step reads a mark, an address or a character.
func (r *lineReader) step() {
	in := &r.inline
	if n := len(in.links); n > 0 && in.links[n-1].end == r.at {
		r.closeLink()
		return
	}
	c := r.source[r.at]
	switch c {
	case '*', '_', '~', '|':
		r.marks(c)
		return
	case '`':
		if r.code() {
			return
		}
	case '[', '!':
		if r.brackets != nil && r.openLink() {
			return
		}
	case '<', 'h', 'H', 'w', 'W', '@':
		if r.address(c) {
			return
		}
	}
	r.char()
}

// char reads one character of the text.
func (r *lineReader) char() {
	c, size := rune(r.source[r.at]), 1
	if c >= utf8.RuneSelf {
		c, size = utf8.DecodeRuneInString(r.source[r.at:])
	}
	if isWord(c) {
		seen := &r.inline.seen
		seen.words++
		if !isJamo(c) {
			seen.solid++
			if isWord(r.before) && !isJamo(r.before) && !(isDigit(c) && isDigit(r.before)) {
				seen.pairs++
			}
		}
	}
	r.before = c
	r.at += size
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// wordSeen counts what is marked, code or an address, as a word.
func (r *lineReader) wordSeen() {
	seen := &r.inline.seen
	seen.words++
	seen.solid++
	seen.pairs++
}

// flush emits the text up to an offset.
func (r *lineReader) flush(to int) {
	if r.start < to {
		r.tokens = append(r.tokens, Token{Kind: Text, At: r.start, Text: r.source[r.start:to]})
	}
	r.start = to
}

// skip goes on behind a mark, which is not shown, or behind a token that was emitted.
func (r *lineReader) skip(to int) {
	r.before, _ = utf8.DecodeLastRuneInString(r.source[:to])
	r.at, r.start = to, to
}

// after returns the character at an offset of the line, and a blank at its end.
func (r *lineReader) after(at int) rune {
	if at >= r.end {
		return ' '
	}
	c, _ := utf8.DecodeRuneInString(r.source[at:r.end])
	return c
}

// code emits code between two runs of backticks of the same length. It does not begin behind an
// ASCII letter or digit ("don`t"), has a letter or digit in it, and no acute accent, with which the
// backticks of faces come.
func (r *lineReader) code() bool {
	n := r.run('`')
	if r.before < utf8.RuneSelf && isWord(r.before) {
		r.at += n - 1 // the last one is read as a character
		return false
	}
	end := r.codeEnd(n)
	if end < 0 {
		r.at += n - 1
		return false
	}
	text := r.source[r.at+n : end]
	if !hasWord(text) || strings.ContainsRune(text, '´') {
		r.at += n - 1
		return false
	}
	if n > 1 && len(text) > 2 && text[0] == ' ' && text[len(text)-1] == ' ' {
		text = text[1 : len(text)-1]
	}
	r.flush(r.at)
	r.tokens = append(r.tokens, Token{Kind: Code, Text: text})
	r.wordSeen()
	r.skip(end + n)
	return true
}

// run returns how often a sign stands at the offset at hand.
func (r *lineReader) run(sign byte) int {
	n := 1
	for r.at+n < r.end && r.source[r.at+n] == sign {
		n++
	}
	return n
}

// codeEnd returns where the next run of n backticks begins; -1 for none in the line, or in the text
// of the link at hand.
func (r *lineReader) codeEnd(n int) int {
	if r.noCode[n] > 0 {
		return -1
	}
	limit := r.end
	if links := r.inline.links; len(links) > 0 {
		limit = links[len(links)-1].end
	}
	for at := r.at + n; at < limit; {
		if r.source[at] != '`' {
			next := strings.IndexByte(r.source[at:limit], '`')
			if next < 0 {
				break
			}
			at += next
		}
		length := 1
		for at+length < limit && r.source[at+length] == '`' {
			length++
		}
		if length == n {
			return at
		}
		at += length
	}
	if limit == r.end {
		if r.noCode == nil {
			r.noCode = map[int]int{}
		}
		r.noCode[n] = 1
	}
	return -1
}

// matchBrackets finds the partners of square and round brackets. Round ones hold no blanks, because
// they are of addresses.
func (r *lineReader) matchBrackets() {
	r.brackets = make([]int32, r.end-r.at)
	var square, round []int
	for i := r.at; i < r.end; i++ {
		switch r.source[i] {
		case '[':
			square = append(square, i)
		case '(':
			round = append(round, i)
		case ' ', '\t':
			round = round[:0]
		case ']':
			if n := len(square); n > 0 {
				r.brackets[square[n-1]-r.from] = int32(i)
				square = square[:n-1]
			}
		case ')':
			if n := len(round); n > 0 {
				r.brackets[round[n-1]-r.from] = int32(i)
				round = round[:n-1]
			}
		}
	}
}

// openLink begins [text](address) or ![text](address), a picture, which is shown as a link: its
// server would learn who reads the message. A picture in a link is shown as its text. A ! behind a
// word ends a sentence.
func (r *lineReader) openLink() bool {
	open := r.at
	picture := r.source[open] == '!' && !isWord(r.before)
	if picture {
		open++
	}
	inLink := len(r.inline.links) > 0
	if open >= r.end || r.source[open] != '[' || inLink && !picture {
		return false
	}
	close := int(r.brackets[open-r.from])
	if close == 0 || close+1 >= r.end || r.source[close+1] != '(' {
		return false
	}
	last := int(r.brackets[close+1-r.from])
	if last == 0 {
		return false
	}
	destination := r.source[close+2 : last]
	if r.addressEnd(close+2) < last || !mayLink(destination) || !hasWord(r.source[open+1:close]) {
		return false
	}
	r.flush(r.at)
	if !inLink {
		r.tokens = append(r.tokens, Token{Kind: LinkOpen, Info: destination})
	}
	in := &r.inline
	in.links = append(in.links, linkFrame{end: close, resume: last + 1, floor: in.floor, drawn: !inLink})
	in.floor = len(in.open)
	r.skip(open + 1)
	return true
}

func (r *lineReader) closeLink() {
	in := &r.inline
	link := in.links[len(in.links)-1]
	in.links = in.links[:len(in.links)-1]
	in.open, in.floor = in.open[:in.floor], link.floor
	r.flush(r.at)
	if link.drawn {
		r.emit(LinkClose)
	}
	r.wordSeen()
	r.skip(link.resume)
}

// addressEnd returns the first offset from at on where a blank or a quote stands, which no address
// in a link has. Offsets that are asked for do not decrease by much: each is looked at once.
func (r *lineReader) addressEnd(at int) int {
	if !r.stopped || r.stop < at {
		r.stop, r.stopped = r.end, true
		if i := strings.IndexAny(r.source[at:r.end], " \t\"<>`\u3000\u00a0"); i >= 0 {
			r.stop = at + i
		}
	}
	return r.stop
}

// mayLink reports whether an address leads to a web page or to a mail.
func mayLink(address string) bool {
	lower := strings.ToLower(address[:min(len(address), len("https://"))])
	for _, scheme := range []string{"http://", "https://", "mailto:"} {
		if strings.HasPrefix(lower, scheme) {
			rest := address[len(scheme):]
			return rest != "" && !strings.ContainsAny(rest[:1], "/?#\\") && !strings.ContainsFunc(rest, isControl)
		}
	}
	return false
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }
