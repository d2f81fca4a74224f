package markup

import (
	"strings"
	"unicode"
)

// markKind is a kind of marks around text.
type markKind uint8

const (
	emphasisStar  markKind = iota // *…*
	emphasisLine                  // _…_
	strong                        // **…**
	strongAndMore                 // ***…***
	struck                        // ~~…~~
	spoiler                       // ||…||
)

// opener is a mark that may be closed.
type opener struct {
	kind  markKind
	token int // its text in the tokens
	seen  count
}

// find returns the index of the open mark of a kind inside of the link at hand; -1 for none.
func (in *inline) find(kind markKind) int {
	for i := len(in.open) - 1; i >= in.floor; i-- {
		if in.open[i].kind == kind {
			return i
		}
	}
	return -1
}

// endLine forgets the marks that do not reach over the end of a line.
func (in *inline) endLine() {
	kept := in.open[:0]
	for _, o := range in.open {
		if o.kind == strong || o.kind == struck || o.kind == spoiler {
			kept = append(kept, o)
		}
	}
	in.open, in.floor, in.links = kept, 0, in.links[:0]
}

// marks reads a run of *, _, ~ or |.
func (r *lineReader) marks(sign byte) {
	n := r.run(sign)
	kind, ok := kindOf(sign, n)
	outer, inner := r.before, r.after(r.at+n)
	if ok && (r.closes(kind, outer, inner) || kind == strongAndMore && r.closesBoth(outer, inner)) {
		r.skip(r.at + n)
		return
	}
	if ok && opens(kind, outer, inner) {
		in := &r.inline
		if i := in.find(kind); i >= 0 {
			in.open = append(in.open[:i], in.open[i+1:]...)
		}
		r.flush(r.at)
		in.open = append(in.open, opener{kind, len(r.tokens), in.seen})
		r.at += n
		r.flush(r.at) // shown as typed unless it is closed
	} else {
		r.at += n
	}
	r.before = rune(sign)
}

// kindOf returns what a run of signs may mark. Others are text: __init__, ****, ~~~.
func kindOf(sign byte, n int) (markKind, bool) {
	switch {
	case sign == '*' && n <= 3:
		return [...]markKind{emphasisStar, strong, strongAndMore}[n-1], true
	case sign == '_' && n == 1:
		return emphasisLine, true
	case sign == '~' && n == 2:
		return struck, true
	case sign == '|' && n == 2:
		return spoiler, true
	}
	return 0, false
}

// Characters beside marks, by their side. Others are told by what they are.
const (
	beforeOpening = "\"'`*_~,;:!?…·、。，：；！？|>"
	quotes        = "\"'“‘«「『《〈"
	insideNone    = "-/\\" // numbers with masks, paths and patterns of files
	insideClosing = "\"'`*_~.,!?…。、！？%@#:"
)

// opens reports whether a mark with one character before it and one behind it may open: behind a
// blank, an opening bracket, a quotation mark or other punctuation, and before its text.
func opens(kind markKind, before, inside rune) bool {
	if unicode.IsSpace(inside) || strings.ContainsRune(insideNone, inside) || unicode.In(inside, unicode.Pe, unicode.Pf) {
		return false
	}
	begins := unicode.IsSpace(before) || strings.ContainsRune(beforeOpening, before) || unicode.In(before, unicode.Ps, unicode.Pi, unicode.So)
	if kind == strong || kind == strongAndMore {
		// No spaces divide the words around: 나는**“너”**를, (1)**하나**.
		return begins || isEastAsian(before) && strings.ContainsRune(quotes, inside) ||
			isEastAsian(inside) && !isWord(before) && !strings.ContainsRune("-/\\@", before)
	}
	return begins && (isWord(inside) || strings.ContainsRune("\"'`*_~@#[", inside) || unicode.In(inside, unicode.Ps, unicode.Pi))
}

// mayClose reports whether a mark may close: directly behind its text. One around emphasis does not
// stand before a letter or digit.
func (r *lineReader) mayClose(kind markKind, inside, after rune, end int) bool {
	if unicode.IsSpace(inside) || strings.ContainsRune(insideNone, inside) || unicode.In(inside, unicode.Ps, unicode.Pi) || after == '@' {
		return false
	}
	if kind == strong || kind == strongAndMore || kind == struck || kind == spoiler {
		return true
	}
	if !isWord(inside) && !strings.ContainsRune(insideClosing, inside) && !unicode.In(inside, unicode.Pe, unicode.Pf) {
		return false
	}
	file := after == '.' && isWord(r.after(end+1))
	return !isWord(after) && after != '/' && after != '\\' && !file
}

// enough reports whether there is enough in between for a mark, which a face has not: a letter or
// digit in bold and in a spoiler, one that is no lone Hangul letter in what is struck out, and a
// letter beside another one or a digit in emphasis.
func (o opener) enough(now count) bool {
	switch o.kind {
	case strong, strongAndMore, spoiler:
		return now.words > o.seen.words
	case struck:
		return now.solid > o.seen.solid
	}
	return now.pairs > o.seen.pairs
}

// closes closes the open mark of a kind, if there is one.
func (r *lineReader) closes(kind markKind, inside, after rune) bool {
	in := &r.inline
	i := in.find(kind)
	n := map[bool]int{true: 1, false: 2}[kind == emphasisStar || kind == emphasisLine]
	if kind == strongAndMore {
		n = 3
	}
	if i < 0 || !r.mayClose(kind, inside, after, r.at+n) || !in.open[i].enough(in.seen) {
		return false
	}
	r.flush(r.at)
	r.mark(i)
	return true
}

// closesBoth closes bold in emphasis, or emphasis in bold, which end together: **bold, *both***.
func (r *lineReader) closesBoth(inside, after rune) bool {
	in := &r.inline
	i, j := in.find(emphasisStar), in.find(strong)
	if i < 0 || j < 0 || !r.mayClose(emphasisStar, inside, after, r.at+3) || !in.open[i].enough(in.seen) || !in.open[j].enough(in.seen) {
		return false
	}
	r.flush(r.at)
	r.mark(max(i, j))
	r.mark(min(i, j))
	return true
}

// mark makes an open mark take effect. Marks inside of it that are still open are text.
func (r *lineReader) mark(i int) {
	o := r.inline.open[i]
	r.inline.open = r.inline.open[:i]
	open := &r.tokens[o.token]
	switch o.kind {
	case strong:
		*open = Token{Kind: StrongOpen}
		r.emit(StrongClose)
	case struck:
		*open = Token{Kind: StruckOpen}
		r.emit(StruckClose)
	case spoiler:
		*open = Token{Kind: SpoilerOpen}
		r.emit(SpoilerClose)
	case strongAndMore:
		*open = Token{Kind: BothOpen}
		r.emit(BothClose)
	default:
		*open = Token{Kind: EmphasisOpen}
		r.emit(EmphasisClose)
	}
}
