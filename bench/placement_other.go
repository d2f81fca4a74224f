//go:build !linux

package main

import "os/exec"

// Elsewhere than on Linux processes run on any core, and what they use is not known.

func choosePlacement() (placement, error) { return placement{}, nil }

func startOn(cmd *exec.Cmd, _ []int) error { return cmd.Start() }

func usageOf(int) (usage, error) { return usage{}, errUnknown }

func descriptorsOf(int) (int, error) { return 0, errUnknown }

func processor() string { return "unknown" }
