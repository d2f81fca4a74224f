package db

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold makes texts equal that people take for the same: case, full width and compatibility forms do not matter.
// It folds between two normalisations, because each may undo the other (compatibility caseless match, Unicode section 3.13).
func fold(text string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is a LIKE pattern, with \ as its escape character, for texts that hold the given one.
func containing(text string) string { return "%" + likeEscapes.Replace(text) + "%" }
