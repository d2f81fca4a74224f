package markup

import (
	"strconv"
	"strings"
)

// maxDigits is how many digits the number of an item may have.
const maxDigits = 3

// marker is the mark of an item: "- ", "* " or "1. ".
type marker struct {
	sign           byte // '.' in a list with numbers
	number, indent int
	content        int // where the text of the item begins, in bytes of the line
	width          int // the columns from the beginning of the line to the text
}

// markerOf reads the mark of an item, which needs text behind it. No item begins with a number and
// a point behind its own: "1. 15." is a date.
func markerOf(line string) (marker, bool) {
	indent, bytes := columns(line)
	m := marker{indent: indent}
	rest := line[bytes:]
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	if indent > maxIndent || digits > maxDigits || len(rest) < digits+3 || rest[digits+1] != ' ' && rest[digits+1] != '\t' {
		return marker{}, false
	}
	m.sign, m.content, m.width = rest[digits], bytes+digits+2, indent+digits+2
	content := rest[digits+2:]
	if isBlank(content) {
		return marker{}, false
	}
	if digits == 0 {
		return m, m.sign == '-' || m.sign == '*'
	}
	m.number, _ = strconv.Atoi(rest[:digits]) // of at most maxDigits digits
	after := strings.TrimLeft(content, "0123456789")
	date := len(after) < len(content) && strings.HasPrefix(after, ".")
	return m, m.sign == '.' && !date
}

// begins reports whether a marked line begins a list: a number is 1, and the text has a letter, or
// behind a number at least a digit.
func (m marker) begins(line string) bool {
	if m.sign == '.' {
		return m.number == 1 && hasWord(line[m.content:])
	}
	return hasLetter(line[m.content:])
}

// list emits a list, which ends with its last marked line and what is indented below it.
func (p *parser) list(lines []span, i, depth int) int {
	first, _ := markerOf(p.text(lines[i]))
	var items [][]span
	var numbers []int
	loose, end := false, i
	for m := first; end < len(lines); {
		line, empty := lines[end], 0
		for isBlank(p.text(line)) && end+empty+1 < len(lines) {
			empty++
			line = lines[end+empty]
		}
		if isBlank(p.text(line)) {
			break
		}
		next, marked := markerOf(p.text(line))
		indent, _ := columns(p.text(line))
		switch {
		case len(items) > 0 && indent >= m.indent+2:
			last := &items[len(items)-1]
			*last = append(*last, lines[end:end+empty]...)
			*last = append(*last, p.unindent(line, m.width))
		case marked && next.sign == first.sign:
			m = next
			items = append(items, []span{{line.from + m.content, line.to}})
			numbers = append(numbers, m.number)
		default:
			p.items(first, items, numbers, depth, loose)
			return end
		}
		loose = loose || empty > 0
		end += empty + 1
	}
	p.items(first, items, numbers, depth, loose)
	return end
}

func (p *parser) items(first marker, items [][]span, numbers []int, depth int, loose bool) {
	kind := BulletsOpen
	if first.sign == '.' {
		kind = NumbersOpen
	}
	p.emit(kind)
	for i, lines := range items {
		open := Token{Kind: ItemOpen, Number: numbers[i]}
		if kind == BulletsOpen {
			open.Info = p.task(&lines[0])
		}
		p.tokens = append(p.tokens, open)
		p.blocks(lines, depth+1, !loose)
		p.emit(ItemClose)
	}
	p.emit(kind + 1)
}

// task reads the box of a task at the beginning of an item, before text, and takes it off: Todo,
// Done, or nothing.
func (p *parser) task(line *span) string {
	text, state := p.text(*line), ""
	switch {
	case strings.HasPrefix(text, "[ ] "):
		state = Todo
	case strings.HasPrefix(text, "[x] "), strings.HasPrefix(text, "[X] "):
		state = Done
	}
	const box = len("[ ] ")
	if state == "" || isBlank(text[box:]) {
		return ""
	}
	line.from += box
	return state
}
