package views

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

const (
	// qrQuietZone is the width of the empty border around a symbol, in modules (ISO/IEC 18004,
	// 9.1).
	qrQuietZone = 4
	// qrModule is the size of a module in CSS pixels, which a style sheet may change.
	qrModule = 5
)

// QR returns an address as a QR symbol, an SVG element. It is black on white in dark mode too,
// because many readers do not know inverted symbols. It has no accessible name: what stands around
// it says what it is. An address of more than some 2,300 bytes is an error.
//
// The markup holds the modules and nothing of the address, so it is safe whatever the address is.
func QR(address string) (template.HTML, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return "", fmt.Errorf("views: address of %d bytes as QR symbol: %w", len(address), err)
	}
	modules := code.Size + 2*qrQuietZone
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`shape-rendering="crispEdges">`, modules, modules, modules*qrModule, modules*qrModule)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, modules, modules)
	for y := range code.Size {
		drawRow(&b, code, y)
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil
}

// drawRow writes a row of modules. Neighbours become one bar, which divides the size by three.
func drawRow(b *strings.Builder, code *qr.Code, y int) {
	for x := 0; x < code.Size; {
		start := x
		for x < code.Size && code.Black(x, y) {
			x++
		}
		if x > start {
			fmt.Fprintf(b, "M%d %dh%dv1h-%dz", start+qrQuietZone, y+qrQuietZone, x-start, x-start)
		}
		x++
	}
}
