//go:build !linux

package e2e

import "syscall"

// endsWithTest does nothing here: processes outlive a test program that is killed.
var endsWithTest *syscall.SysProcAttr
