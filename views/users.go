package views

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"sarangbang/db"
)

// PhotoPath is the address of a user's photo, which changes whenever the photo does: so it may be kept for ever.
// A generated photo changes with the name it is drawn from, and so with the user's version.
func PhotoPath(u *db.User) string {
	version := u.PhotoVersion
	if version == "" {
		version = strconv.FormatInt(u.Version, 10)
	}
	return "/users/" + strconv.FormatInt(u.ID, 10) + "/photo?v=" + url.QueryEscape(version)
}

// viewerStyle are the rules that make one's own messages, mentions of oneself and one's own typing look different. Everybody gets the
// same HTML: what is mine is known to the style sheet alone. The verbs are the user's id and the name in data-mentions.
const viewerStyle = `[data-mentions~="%[2]s"] { --surface-message: var(--surface-mention); --edge-message: var(--edge-mention); }
[data-author="%[1]d"] { --surface-message: var(--surface-own); --edge-message: transparent; }
#typing:not(:has(.typist:not([data-typist="%[1]d"]))), .typist[data-typist="%[1]d"] { visibility: hidden; position: absolute; }
.typist:has(~ .typist:not([data-typist="%[1]d"]))::after { content: ", "; }
`

// ViewerStyle returns the viewer's style sheet, and its version.
func ViewerStyle(u *db.User) (css, version string) {
	css = fmt.Sprintf(viewerStyle, u.ID, cssString(strings.ToLower(u.Name)))
	sum := sha256.Sum256([]byte(css))
	return css, hex.EncodeToString(sum[:8])
}

// ViewerStylePath is the address of the viewer's style sheet, which changes whenever the sheet does.
func ViewerStylePath(u *db.User) string {
	_, version := ViewerStyle(u)
	return "/me.css?v=" + version
}

// cssString escapes what may not stand in a string of CSS as it is, and more (www.w3.org/TR/css-syntax-3/#consume-escaped-code-point).
func cssString(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\%x `, r)
		}
	}
	return b.String()
}
