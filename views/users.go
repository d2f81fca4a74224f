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

// PhotoPath returns the address of a user's photo. It changes with the photo, so that browsers may
// keep what they got for ever.
func PhotoPath(u *db.User) string {
	return "/users/" + strconv.FormatInt(u.ID, 10) + "/photo?v=" + url.QueryEscape(PhotoVersion(u))
}

// PhotoVersion returns the version of a user's photo: of one made of initials, that of the user.
func PhotoVersion(u *db.User) string {
	if u.PhotoVersion != "" {
		return u.PhotoVersion
	}
	return strconv.FormatInt(u.Version, 10)
}

// viewerStyle is the format of the rules that show the viewer's own messages, mentions of the
// viewer and the viewer's own typing differently: the HTML is the same for everybody. Its arguments
// are the user's id, and the name as in data-named, which older messages have.
const viewerStyle = `:is([data-mentions~="%[1]d"], [data-mentions~="0"], [data-named~="%[2]s"]) { --surface-message: var(--surface-mention); --edge-message: var(--edge-mention); }
[data-author="%[1]d"] { --surface-message: none; --edge-message: var(--edge-own); }
.mention[data-user="%[1]d"] { font-weight: 800; }
.reaction[data-users~="%[1]d"] > [aria-pressed="false"], .reaction:not([data-users~="%[1]d"]) > [aria-pressed="true"] { display: none; }
.reaction[data-users~="%[1]d"] { --surface-reaction: var(--surface-mention); --edge-reaction: var(--accent); }
#typing:not(:has(.typist:not([data-typist="%[1]d"]))) { visibility: hidden; }
.typist[data-typist="%[1]d"] { visibility: hidden; position: absolute; }
.typist:has(~ .typist:not([data-typist="%[1]d"]))::after { content: attr(data-and); }
.typist:has(~ .typist:not([data-typist="%[1]d"]) ~ .typist:not([data-typist="%[1]d"]))::after { content: attr(data-comma); }
.typist:not([data-typist="%[1]d"]) ~ .typist:not([data-typist="%[1]d"]) ~ .types { display: none; }
.typist:not([data-typist="%[1]d"]) ~ .typist:not([data-typist="%[1]d"]) ~ .type { display: inline; }
`

// ViewerStyle returns a user's own style sheet and its version, a hash of 16 hexadecimal digits.
func ViewerStyle(u *db.User) (css, version string) {
	css = fmt.Sprintf(viewerStyle, u.ID, cssString(strings.ToLower(u.Name)))
	sum := sha256.Sum256([]byte(css))
	return css, hex.EncodeToString(sum[:8])
}

// ViewerStylePath returns the address of a user's own style sheet, which changes with the sheet.
func ViewerStylePath(u *db.User) string {
	_, version := ViewerStyle(u)
	return "/me.css?v=" + version
}

// cssString returns text escaped for a string of CSS, more of it than necessary
// (www.w3.org/TR/css-syntax-3/#consume-escaped-code-point).
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
