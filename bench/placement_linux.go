package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// coreVariable tells a program that has been started again on its cores which core is the server's.
const coreVariable = "BENCH_SERVER_CORE"

// choosePlacement gives this process the cores of the load. The first time it does not return:
// threads that run already keep their cores, so the program begins again. With a single core every
// process runs there.
func choosePlacement() (placement, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return placement{}, err
	}
	var cores []int
	for core := 0; len(cores) < set.Count(); core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	if core, err := strconv.Atoi(os.Getenv(coreVariable)); err == nil {
		return placement{server: []int{core}, load: cores}, nil
	}
	if len(cores) < 2 {
		return placement{}, nil
	}
	runtime.LockOSThread()
	set.Clear(cores[0])
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return placement{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return placement{}, err
	}
	environment := append(os.Environ(), fmt.Sprintf("%s=%d", coreVariable, cores[0]))
	return placement{}, unix.Exec(program, os.Args, environment)
}

// startOn starts a command on some cores, or with none on those of this process. A process inherits
// the cores of the thread that starts it.
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

// clockTick is the unit of times in /proc.
const clockTick = 10 * time.Millisecond

// usageOf returns what a process has used so far.
func usageOf(pid int) (usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, err
	}
	return parseStat(text)
}

// parseStat parses /proc/<pid>/stat (proc(5)). The name of the program stands in parentheses and
// may hold anything, so that fields are counted from the last of those: user time and system time
// are fields 14 and 15 of all, resident pages are field 24.
func parseStat(text []byte) (usage, error) {
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 22 {
		return usage{}, fmt.Errorf("a process without times and size: %.300q", text)
	}
	user, err := strconv.Atoi(string(fields[11]))
	system, err2 := strconv.Atoi(string(fields[12]))
	pages, err3 := strconv.Atoi(string(fields[21]))
	return usage{
		cpu:    time.Duration(user+system) * clockTick,
		memory: int64(pages) * int64(os.Getpagesize()),
	}, errors.Join(err, err2, err3)
}

// descriptorsOf returns how many open descriptors a process has.
func descriptorsOf(pid int) (int, error) {
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(list), err
}

// processor returns the model of the processor.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
