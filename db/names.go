package db

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// foldName returns a name in the form in which names are compared: case, full width and
// compatibility forms do not matter. It folds case between two normalisations, because each may
// undo the other (compatibility caseless match, Unicode section 3.13).
func foldName(text string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
}
