package handlers

import (
	"slices"
	"unicode"
)

// scriptSets are the scripts that may stand together in the name of an account, with Latin: those
// of Korean, Japanese and Chinese (UTS #39, section 5.2, "Highly Restrictive").
var scriptSets = [][]*unicode.RangeTable{
	{unicode.Latin, unicode.Han, unicode.Hangul},
	{unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Latin, unicode.Han, unicode.Bopomofo},
}

// mixesScripts reports whether a name has letters of scripts that are not written together, of
// which one can look like another ("аdmin" with a Cyrillic а), or digits of several systems.
func mixesScripts(name string) bool {
	var scripts []*unicode.RangeTable
	zero := rune(-1)
	for _, r := range name {
		if unicode.IsDigit(r) {
			z := zeroOf(r)
			if zero >= 0 && z != zero {
				return true
			}
			zero = z
		}
		if s := scriptOf(r); s != nil && !slices.Contains(scripts, s) {
			scripts = append(scripts, s)
		}
	}
	return len(scripts) > 1 && !slices.ContainsFunc(scriptSets, func(set []*unicode.RangeTable) bool {
		return !slices.ContainsFunc(scripts, func(s *unicode.RangeTable) bool { return !slices.Contains(set, s) })
	})
}

// scriptOf returns the script of a rune; nil for one that stands in all, as a digit does.
func scriptOf(r rune) *unicode.RangeTable {
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		return nil
	}
	for _, set := range scriptSets {
		for _, s := range set {
			if unicode.Is(s, r) {
				return s
			}
		}
	}
	for _, s := range unicode.Scripts {
		if unicode.Is(s, r) {
			return s
		}
	}
	return nil
}

// zeroOf returns the zero of the system to which a decimal digit belongs. Unicode has the ten
// digits of each system in a row.
func zeroOf(digit rune) rune {
	zero := digit
	for unicode.IsDigit(zero-1) && digit-zero < 9 {
		zero--
	}
	return zero
}
