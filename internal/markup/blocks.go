package markup

import (
	"strings"
)

const (
	// maxIndent is how many columns a mark of a block may be indented by.
	maxIndent = 3
	// maxLanguage is how long the name of a language behind a fence may be.
	maxLanguage = 20
)

// block is what begins at a line.
type block uint8

const (
	noBlock block = iota // a paragraph, or a line of the one before
	fenceBlock
	quoteBlock
	listBlock
)

// blocks reads the lines of a quote, an item or a whole text. Where bare is set, paragraphs have no
// tokens of their own.
func (p *parser) blocks(lines []span, depth int, bare bool) {
	var fences fenceFinder
	empty := 0 // empty lines before the line at hand
	for i := 0; i < len(lines); {
		if isBlank(p.text(lines[i])) {
			empty++
			i++
			continue
		}
		extra := empty - 1 // the distance between two paragraphs is one empty line
		if i == empty {
			extra = 0
		}
		empty = 0
		kind, end := p.blockAt(lines, i, depth, &fences)
		if kind != noBlock && extra > 0 && !bare {
			p.emit(ParagraphOpen)
			p.breaks(extra)
			p.emit(ParagraphClose)
		}
		switch kind {
		case fenceBlock:
			i = p.codeBlock(lines, i, end)
		case quoteBlock:
			i = p.quote(lines, i, depth)
		case listBlock:
			i = p.list(lines, i, depth)
		default:
			from := i
			for i++; i < len(lines) && !isBlank(p.text(lines[i])); i++ {
				if kind, _ := p.blockAt(lines, i, depth, &fences); kind != noBlock {
					break
				}
			}
			p.paragraph(lines[from:i], extra, bare)
		}
	}
}

// blockAt returns what begins at a line, and for a fence where it ends.
func (p *parser) blockAt(lines []span, i, depth int, fences *fenceFinder) (block, int) {
	line := p.text(lines[i])
	if end := fences.end(p, lines, i); end > 0 {
		return fenceBlock, end
	}
	if depth >= maxDepth {
		return noBlock, 0
	}
	if rest, ok := quoted(line); ok && hasWord(rest) {
		return quoteBlock, 0
	}
	if m, ok := markerOf(line); ok && m.begins(line) {
		return listBlock, 0
	}
	return noBlock, 0
}

func (p *parser) breaks(n int) {
	for range n {
		p.emit(Break)
	}
}

func (p *parser) paragraph(lines []span, extra int, bare bool) {
	if !bare {
		p.emit(ParagraphOpen)
		p.breaks(max(extra, 0))
	}
	p.inline.reset()
	for i, line := range lines {
		if i > 0 {
			p.emit(Break)
		}
		p.line(line)
	}
	if !bare {
		p.emit(ParagraphClose)
	}
}

// columns returns how many blanks a line begins with, a tab counted as four, and their bytes.
func columns(line string) (columns, bytes int) {
	for bytes < len(line) && (line[bytes] == ' ' || line[bytes] == '\t') {
		if line[bytes] == '\t' {
			columns += 3
		}
		columns++
		bytes++
	}
	return columns, bytes
}

// unindent returns a line without the blanks in its first n columns.
func (p *parser) unindent(line span, n int) span {
	for column := 0; column < n && line.from < line.to; line.from++ {
		switch p.source[line.from] {
		case ' ':
			column++
		case '\t':
			column += 4
		default:
			return line
		}
	}
	return line
}

// fence is the run of signs that a block of code begins or ends with.
type fence struct {
	sign           byte
	length, indent int
	info           string // the rest of the line
}

// fenceOf reads a line that begins with three or more ` or ~, with nothing but the name of a
// language behind them.
func fenceOf(line string) (fence, bool) {
	indent, bytes := columns(line)
	line = line[bytes:]
	if indent > maxIndent || len(line) < 3 || line[0] != '`' && line[0] != '~' {
		return fence{}, false
	}
	length := len(line) - len(strings.TrimLeft(line, line[:1]))
	info := strings.TrimSpace(line[length:])
	if length < 3 || len(info) > maxLanguage || strings.ContainsFunc(info, NotInLanguage) {
		return fence{}, false
	}
	return fence{line[0], length, indent, info}, true
}

// NotInLanguage reports whether a character may not be in the name of a language of code.
func NotInLanguage(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && !(r >= '0' && r <= '9') && !strings.ContainsRune("+#-._", r)
}

// fenceFinder finds the ends of fences in a sequence of lines, and remembers for which there is
// none.
type fenceFinder struct {
	unclosed [2]int // the shortest fence of ` and of ~ that has no end; 0: none is known
}

// end returns the index of the line that ends the code which begins at a line, or the number of
// lines where ` goes on to the end; 0 where no code begins. Code has a letter or digit in it.
func (f *fenceFinder) end(p *parser, lines []span, i int) int {
	open, ok := fenceOf(p.text(lines[i]))
	if !ok {
		return 0
	}
	known := &f.unclosed[0]
	if open.sign == '~' {
		known = &f.unclosed[1]
	}
	worded := false
	if *known == 0 || open.length < *known {
		for j := i + 1; j < len(lines); j++ {
			if end, ok := fenceOf(p.text(lines[j])); ok && end.sign == open.sign && end.length >= open.length && end.info == "" {
				if worded {
					return j
				}
				return 0
			}
			worded = worded || hasWord(p.text(lines[j]))
		}
		*known = open.length
	}
	if worded && open.sign == '`' {
		return len(lines)
	}
	return 0
}

// codeBlock emits the code between a fence and its end, and returns the line behind it.
func (p *parser) codeBlock(lines []span, i, end int) int {
	open, _ := fenceOf(p.text(lines[i]))
	var code strings.Builder
	for _, line := range lines[i+1 : end] {
		code.WriteString(p.text(p.unindent(line, open.indent)))
		code.WriteByte('\n')
	}
	p.tokens = append(p.tokens, Token{Kind: CodeBlock, Text: code.String(), Info: open.info})
	return min(end+1, len(lines))
}

// quoted returns what stands behind "> " in a line, or behind a > that ends the line.
func quoted(line string) (rest string, ok bool) {
	indent, bytes := columns(line)
	line = line[bytes:]
	if indent > maxIndent || line == "" || line[0] != '>' {
		return "", false
	}
	line = line[1:]
	if line != "" && line[0] != ' ' && line[0] != '\t' {
		return "", false
	}
	return line[min(1, len(line)):], true
}

// quote emits a quote, which ends with its last marked line.
func (p *parser) quote(lines []span, i, depth int) int {
	var inner []span
	for ; i < len(lines); i++ {
		rest, ok := quoted(p.text(lines[i]))
		if !ok {
			break
		}
		inner = append(inner, span{lines[i].to - len(rest), lines[i].to})
	}
	p.emit(QuoteOpen)
	p.blocks(inner, depth+1, false)
	p.emit(QuoteClose)
	return i
}
