package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// placedVariable tells a program that has been started again on its cores which core is the server's.
const placedVariable = "BENCH_SERVER_CORE"

// choosePlacing gives this process the cores of the load. It does not return the first time: threads that run already keep their
// cores, so the program begins again. Without two cores there is no placing.
func choosePlacing() (placing, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return placing{}, err
	}
	cores := coresOf(&set)
	if core, err := strconv.Atoi(os.Getenv(placedVariable)); err == nil {
		return placing{server: []int{core}, load: cores}, nil
	}
	if len(cores) < 2 {
		return placing{}, nil
	}
	runtime.LockOSThread()
	set.Clear(cores[0])
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return placing{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return placing{}, err
	}
	return placing{}, unix.Exec(program, os.Args, append(os.Environ(), fmt.Sprintf("%s=%d", placedVariable, cores[0])))
}

func coresOf(set *unix.CPUSet) []int {
	var cores []int
	for core := 0; len(cores) < set.Count(); core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores
}

// startOn starts a command on some cores; with none, on those of this process. A process inherits the cores of the thread
// that starts it.
func startOn(cmd *exec.Cmd, cores []int) error {
	if len(cores) == 0 {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	for _, core := range cores {
		set.Set(core)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	defer unix.SchedSetaffinity(0, &before)
	return cmd.Start()
}

// memoryOf is the resident memory of a process in bytes.
func memoryOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if size, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kib int64
			_, err := fmt.Sscan(size, &kib)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d tells no size", pid)
}

// tick is the unit of times in /proc.
const tick = 10 * time.Millisecond

// cpuOf is how long a process has been running on a core.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name of the program is in brackets and may contain anything. User and system time are the 12th and 13th field after it.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	var ticks time.Duration
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(string(field))
		if err != nil {
			return 0, err
		}
		ticks += time.Duration(n)
	}
	return ticks * tick, nil
}

// descriptorsOf counts the open descriptors of a process.
func descriptorsOf(pid int) (int, error) {
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(list), err
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
