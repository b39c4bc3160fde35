package machine

import (
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Quota returns how many processors' time the control groups give this process, the
// least of its own and those above it, and the file that says so. It is 0 where
// nothing is said.
//
// Which processors the process may run on at all is another matter, and
// runtime.NumCPU's.
func Quota() (processors float64, by string) { return system{"/"}.quota() }

func (s system) quota() (processors float64, by string) {
	for _, g := range s.groups("cpu") {
		path := g.dir + "/cpu.max"
		if !g.second {
			path = g.dir + "/cpu.cfs_quota_us"
		}
		// The time in each period, in microseconds; "max" and -1 are no limit.
		f := strings.Fields(s.read(path))
		if !g.second {
			f = append(f, strings.TrimSpace(s.read(g.dir+"/cpu.cfs_period_us")))
		}
		if len(f) != 2 {
			continue
		}
		quota, err := strconv.ParseUint(f[0], 10, 63)
		period, periodErr := strconv.ParseUint(f[1], 10, 63)
		if err != nil || periodErr != nil || quota == 0 || period == 0 {
			continue
		}
		if n := float64(quota) / float64(period); processors == 0 || n < processors {
			processors, by = n, path
		}
	}
	return processors, by
}

// LimitProcessors sets GOMAXPROCS, from which everything takes its number of threads,
// to the quota of the control groups above the process's own. Go's runtime counts the
// processors that the process may run on and heeds its own group's quota, but no
// quota above it, where batch systems and containers in containers set theirs. It does
// nothing where a user set GOMAXPROCS in the environment.
func LimitProcessors() {
	quota, _ := Quota()
	if n := threads(quota); os.Getenv("GOMAXPROCS") == "" && n > 0 && n < runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(n)
	}
}

// threads returns the threads for a quota as Go's runtime does: rounded up, and no
// fewer than 2. It returns 0 for none.
func threads(quota float64) int {
	if quota == 0 {
		return 0
	}
	return int(min(max(math.Ceil(quota), 2), math.MaxInt32))
}
