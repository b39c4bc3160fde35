package machine

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A system is a tree of files with proc and sys in it: "/", or a test's folder.
type system struct{ root string }

// read returns a file's text, or "" where it cannot be read: what the system does not
// tell is no limit.
func (s system) read(path string) string {
	data, err := os.ReadFile(filepath.Join(s.root, path))
	if err != nil {
		return ""
	}
	return string(data)
}

// A group is a control group's folder.
type group struct {
	dir    string
	second bool // version of the control groups
}

// groups returns the control groups that bind this process in what a controller
// divides ("memory", "cpu"): its own and those above it, as far as they are mounted.
func (s system) groups(controller string) []group {
	mounts := s.mounts(controller)
	var list []group
	for line := range strings.Lines(s.read("/proc/self/cgroup")) {
		// number:controllers:path; the second version's has no controllers.
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(fields) < 3 {
			continue
		}
		second := fields[0] == "0" && fields[1] == ""
		if !second && !slices.Contains(strings.Split(fields[1], ","), controller) {
			continue
		}
		for _, m := range mounts {
			if m.second != second {
				continue
			}
			if below, ok := pathBelow(m.top, fields[2]); ok {
				list = append(list, s.upwards(m, below)...)
			}
		}
	}
	return list
}

// upwards lists the groups from one below a mount point up to the mount point's own.
func (s system) upwards(m mount, below string) []group {
	var list []group
	for dir := filepath.Join(m.at, below); ; dir = filepath.Dir(dir) {
		// A group of the first version can be set to leave those below it alone.
		if len(list) > 0 && !m.second && strings.TrimSpace(s.read(dir+"/memory.use_hierarchy")) == "0" {
			break
		}
		list = append(list, group{dir, m.second})
		if dir == m.at || dir == "/" {
			break
		}
	}
	return list
}

// pathBelow returns the path of a control group from the group at the top of a mount,
// and whether the group is there or below. Both paths are as seen from the root of the
// process's namespace of control groups, and what is not below that begins with "/..".
func pathBelow(top, path string) (below string, ok bool) {
	if top == "/" {
		below = path
	} else if rest, found := strings.CutPrefix(path, top); found && (rest == "" || rest[0] == '/') {
		below = rest
	} else if strings.Trim(top, "/.") == "" && strings.HasPrefix(top, "/..") {
		// A group above the namespace, so above this process's; the names between are
		// not told.
		return "", true
	} else {
		return "", false
	}
	return below, !slices.Contains(strings.Split(below, "/"), "..")
}

// A mount is a place where control groups are seen.
type mount struct {
	at     string
	top    string // path of the group that is seen there
	second bool   // version
}

// mounts returns where the control groups of a controller are mounted.
func (s system) mounts(controller string) []mount {
	var list []mount
	for line := range strings.Lines(s.read("/proc/self/mountinfo")) {
		// id parent device top at options [optional fields] - type source options
		front, back, found := strings.Cut(line, " - ")
		f, b := strings.Fields(front), strings.Fields(back)
		if !found || len(f) < 6 || len(b) < 3 {
			continue
		}
		second := b[0] == "cgroup2"
		if second || b[0] == "cgroup" && slices.Contains(strings.Split(b[2], ","), controller) {
			list = append(list, mount{filepath.Clean(unescape.Replace(f[4])), unescape.Replace(f[3]), second})
		}
	}
	return list
}

// unescape undoes what mountinfo does to the characters that divide its fields.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// number reads a whole number that stands alone in a text.
func number(text string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	return n, err == nil
}

// field reads the number behind a name in a table of a line each. A unit of kB counts.
func field(table, name string) (uint64, bool) {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != name {
			continue
		}
		n, ok := number(f[1])
		if len(f) > 2 && f[2] == "kB" {
			return n << 10, ok && n < 1<<54
		}
		return n, ok
	}
	return 0, false
}
