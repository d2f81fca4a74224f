package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// sheetName is the one style sheet that browsers fetch.
const sheetName = "app.css"

// sheets lists the style sheets of css/ in the order in which they are joined. Rules later in a
// layer win over earlier ones that are as specific.
var sheets = []string{
	"tokens", "base", "layout", "controls", "forms", "pieces", "rooms", "room", "log", "message", "files", "replies", "reactions", "tools", "composer", "livelog",
}

// joinSheets returns the sources with the style sheets of css/ replaced by one, app.css. It fails
// when the list of sheets and the folder differ.
func joinSheets(sources map[string][]byte) (map[string][]byte, error) {
	out := map[string][]byte{}
	var joined []byte
	for _, sheet := range sheets {
		content, ok := sources["css/"+sheet+".css"]
		if !ok {
			return nil, fmt.Errorf("static: no style sheet %q", sheet)
		}
		joined = append(joined, content...)
	}
	for name, content := range sources {
		sheet, isSheet := strings.CutPrefix(strings.TrimSuffix(name, ".css"), "css/")
		switch {
		case !isSheet:
			out[name] = content
		case !slices.Contains(sheets, sheet):
			return nil, fmt.Errorf("static: style sheet %q is not in the list of sheets", sheet)
		}
	}
	out[sheetName] = joined
	return out, nil
}

// hashedName returns a name with a part of the content's hash before the extension: "app.css" →
// "app.3f9a….css".
func hashedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
}

// compress returns a content in gzip, or nil when that is not smaller.
func compress(plain []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	if _, err := w.Write(plain); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if b.Len() >= len(plain) {
		return nil
	}
	return b.Bytes()
}
