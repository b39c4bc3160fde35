package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// memory returns how many bytes programs can still have, and how many there are, as
// Linux tells; other systems' are not known.
func memory() (free, total uint64, err error) {
	f, err := os.Open("/proc/meminfo")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, errors.ErrUnsupported
	}
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	return readMemory(f)
}

// readMemory reads the format of /proc/meminfo.
func readMemory(from io.Reader) (free, total uint64, err error) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kilobytes, err := strconv.ParseUint(fields[1], 10, 54)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "MemAvailable:":
			free = kilobytes << 10
		case "MemTotal:":
			total = kilobytes << 10
		}
	}
	if free == 0 || total == 0 {
		return 0, 0, errors.ErrUnsupported
	}
	return free, total, lines.Err()
}
