package compare

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// startPinned starts a command on as many CPUs as it may have threads, so that
// libraries that count CPUs, and not variables, keep to it too.
func startPinned(command *exec.Cmd, threads int) error {
	var mine unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mine); err != nil || mine.Count() <= threads {
		return command.Start()
	}
	var fewer unix.CPUSet
	for cpu := 0; fewer.Count() < threads; cpu++ {
		if mine.IsSet(cpu) {
			fewer.Set(cpu)
		}
	}
	// A child has the CPUs of the thread that starts it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &fewer); err != nil {
		return fmt.Errorf("keeping to %d CPUs: %w", threads, err)
	}
	defer unix.SchedSetaffinity(0, &mine)
	return command.Start()
}

// peakOf returns the most memory that a running process has had. What the system
// says once it has ended also counts what its parent had when it was started.
func peakOf(pid int) uint64 {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
			kilobytes, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 54)
			return kilobytes << 10
		}
	}
	return 0
}
