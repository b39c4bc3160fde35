package machine

import (
	"errors"
	"strings"
)

// Room is how much of something this process may use.
type Room struct {
	Free  uint64 // bytes that may still be taken; of memory at least 1
	Total uint64 // bytes there are, taken or not, where Free was found the least
	By    string // the limit that leaves the least: a file's path, or a resource limit's name; "" is the machine itself
}

// Memory returns how much memory this process may use: the least that the machine,
// the control groups and the resource limits leave. It returns errors.ErrUnsupported
// where the system does not say.
//
// A group's file cache that has not been used for long counts as free, as it is given
// back on demand.
func Memory() (Room, error) { return system{"/"}.memory() }

func (s system) memory() (Room, error) {
	var least Room
	see := func(total, used uint64, by string) {
		r := Room{Free: max(total-min(used, total), 1), Total: total, By: by}
		if least.Free == 0 || r.Free < least.Free {
			least = r
		}
	}
	table := s.read("/proc/meminfo")
	free, ok := field(table, "MemAvailable:")
	if total, known := field(table, "MemTotal:"); ok && known {
		see(total, total-min(free, total), "")
	}
	for _, g := range s.groups("memory") {
		s.groupMemory(g, see)
	}
	status := s.read("/proc/self/status")
	for _, limit := range []struct{ name, used string }{{"Max address space", "VmSize:"}, {"Max data size", "VmData:"}} {
		if soft, ok := s.resource(limit.name); ok {
			used, _ := field(status, limit.used)
			see(soft, used, strings.ToLower(limit.name)+" (ulimit)")
		}
	}
	if least.Free == 0 {
		return Room{}, errors.ErrUnsupported
	}
	return least, nil
}

// noLimit is what the first version's files hold where there is no limit, or more:
// the largest whole number of pages in 63 bits.
const noLimit = 1 << 62

// groupMemory sees a group's limits.
func (s system) groupMemory(g group, see func(total, used uint64, by string)) {
	limits, use, cache := []string{"memory.max", "memory.high"}, "memory.current", "inactive_file"
	if !g.second {
		limits, use, cache = []string{"memory.limit_in_bytes"}, "memory.usage_in_bytes", "total_inactive_file"
	}
	stat := s.read(g.dir + "/memory.stat")
	used, _ := number(s.read(g.dir + "/" + use))
	given, _ := field(stat, cache)
	used -= min(given, used)
	for _, name := range limits {
		if limit, ok := number(s.read(g.dir + "/" + name)); ok && limit < noLimit {
			see(limit, used, g.dir+"/"+name)
		}
	}
	// The first version says what the groups above allow, also those that are not
	// mounted here.
	if limit, ok := field(stat, "hierarchical_memory_limit"); ok && limit < noLimit {
		see(limit, used, g.dir+"/memory.stat")
	}
}

// resource returns a resource limit that is set, by its name in /proc/self/limits.
func (s system) resource(name string) (soft uint64, ok bool) {
	for line := range strings.Lines(s.read("/proc/self/limits")) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			if f := strings.Fields(rest); len(f) > 0 {
				return number(f[0])
			}
		}
	}
	return 0, false
}
