// Package testcache keeps go test from taking the old result of a test that builds and runs the
// program for a new one. Only tests import it.
package testcache

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// others are folders of the module's root that the program is not made of.
var others = []string{".git", "data"}

// DependOnModule looks at each file of the module with the given root. go test notes at which files
// a test looks, and runs the test again when one of them has changed. Imports would not do: what a
// test does not call is not linked into it, and templates are not either. It is called in a test:
// in TestMain, before the tests run, go test notes nothing yet.
func DependOnModule(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(others, entry.Name()) && filepath.Dir(path) == filepath.Clean(root) {
				return fs.SkipDir
			}
			return nil
		}
		_, err = os.Stat(path)
		return err
	})
}
