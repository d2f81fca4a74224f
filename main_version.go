package main

import (
	"fmt"
	"runtime/debug"
)

// build is what this binary was made of, as far as the Go tools have written it into the binary.
type build struct {
	version  string // of a tagged release, or made of the commit's time and hash; "(devel)" when unknown
	commit   string // its hash, "" when unknown
	modified bool   // the working tree had changes that are not in commit
	compiler string // of Go
}

func readBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return build{version: "(devel)"}
	}
	b := build{version: info.Main.Version, compiler: info.GoVersion}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	return b
}

// String returns one line for -version.
func (b build) String() string {
	text := "sarangbang " + b.version
	if b.commit != "" {
		text += ", commit " + b.commit
	}
	if b.modified {
		text += " with changes"
	}
	return fmt.Sprintf("%s, %s", text, b.compiler)
}
