//go:build !linux

package dbtest

// scratch returns "", for the system's folder of temporary files.
func scratch() string { return "" }
