package views

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

// qrSVG is what a symbol is made of.
type qrSVG struct {
	ViewBox string `xml:"viewBox,attr"`
	Rect    []struct {
		Fill  string `xml:"fill,attr"`
		Width int    `xml:"width,attr"`
	} `xml:"rect"`
	Path []struct {
		Fill string `xml:"fill,attr"`
		D    string `xml:"d,attr"`
	} `xml:"path"`
}

func TestQRShowsEveryModule(t *testing.T) {
	for _, address := range []string{"https://talk.example/join/Zx81", "http://사랑방.한국/join/" + strings.Repeat("k", 100)} {
		html, err := QR(address)
		if err != nil {
			t.Fatal(err)
		}
		var svg qrSVG
		if err := xml.NewDecoder(strings.NewReader(string(html))).Decode(&svg); err != nil {
			t.Fatal(err)
		}
		want, err := qr.Encode(address, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		side := want.Size + 8
		if len(svg.Path) != 1 || len(svg.Rect) != 1 || svg.Rect[0].Fill != "#fff" || svg.Path[0].Fill != "#000" || svg.Rect[0].Width != side ||
			svg.ViewBox != fmt.Sprintf("0 0 %d %d", side, side) {
			t.Errorf("got %.300s, want one black path on a white square of %d modules", html, side)
		}
		if got := modulesOf(t, svg.Path[0].D, side); !bytes.Equal(got, modulesWanted(want)) {
			t.Errorf("the symbol of %s differs from what the encoder made", address)
		}
	}
}

var qrBar = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// modulesOf paints the path on a grid, a byte for each module.
func modulesOf(t testing.TB, path string, side int) []byte {
	t.Helper()
	grid := bytes.Repeat([]byte{'.'}, side*side)
	if rest := qrBar.ReplaceAllString(path, ""); rest != "" {
		t.Fatalf("the path has %.40s, which is no bar", rest)
	}
	for _, bar := range qrBar.FindAllStringSubmatch(path, -1) {
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(bar[i+1])
		}
		if n[2] != n[3] {
			t.Fatalf("the bar %s does not close", bar[0])
		}
		for x := range n[2] {
			grid[n[1]*side+n[0]+x] = '#'
		}
	}
	return grid
}

func modulesWanted(code *qr.Code) []byte {
	side := code.Size + 8
	grid := bytes.Repeat([]byte{'.'}, side*side)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				grid[(y+4)*side+x+4] = '#'
			}
		}
	}
	return grid
}

func TestQRNeedsNeitherScriptNorStyle(t *testing.T) {
	html, err := QR(`https://talk.example/"><script>alert(1)</script>`)
	if err != nil {
		t.Fatal(err)
	}
	for _, forbidden := range []string{"script", "style", "href", "talk", "role=", "aria-"} {
		if strings.Contains(string(html), forbidden) {
			t.Errorf("%s is in %.300s", forbidden, html)
		}
	}
}

func TestQRRefusesWhatDoesNotFit(t *testing.T) {
	if html, err := QR(strings.Repeat("long/", 1000)); err == nil || html != "" {
		t.Errorf("got %d bytes and %v, want an error", len(html), err)
	}
}
