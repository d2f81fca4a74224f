package e2e

import "syscall"

// endsWithTest lets the kernel kill a process when the test program ends, however that ends.
var endsWithTest = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
