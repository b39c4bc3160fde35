package machine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// tree makes a system's files: a path and a text, in turn.
func tree(t *testing.T, files map[string]string) system {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return system{root}
}

const (
	mib = 1 << 20
	// The machine of the tests has 64 GiB, of which 40 GiB are to be had.
	meminfo = "MemTotal:       67108864 kB\nMemFree:        100 kB\nMemAvailable:   41943040 kB\nHugePages_Total:  0\n"

	secondMount = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	firstMounts = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n" +
		"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n" +
		"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	slurmFirst = "11:memory:/slurm/uid_0/job_1/step_0/task_0\n4:cpu,cpuacct:/slurm/uid_0/job_1/step_0/task_0\n1:name=systemd:/system.slice/slurmd.service\n0::/system.slice/slurmd.service\n"
	slurmPath  = "/slurm/uid_0/job_1"

	unlimitedFirst = "9223372036854771712\n"
)

// The limit of a job was not seen: only the files at the mount point of a control
// group hierarchy were read, so that a sweep was planned for the whole node. Each case
// is a layout of control groups, with the limit that binds.
func TestMemoryIsTheLeastThatAnyLimitLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  Room
	}{
		"no control groups": {nil, Room{Free: 40960 * mib, Total: 65536 * mib}},
		"second version, at the mount point": {map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/memory.max": "1048576000\n", "sys/fs/cgroup/memory.current": "104857600\n",
		}, Room{900 * mib, 1000 * mib, "/sys/fs/cgroup/memory.max"}},
		"second version, nested: the parent leaves less than the leaf": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/a/b/memory.max": "1048576000\n", "sys/fs/cgroup/a/b/memory.current": "104857600\n",
			"sys/fs/cgroup/a/memory.max": "2097152000\n", "sys/fs/cgroup/a/memory.current": "1992294400\n",
		}, Room{100 * mib, 2000 * mib, "/sys/fs/cgroup/a/memory.max"}},
		"second version, a limit past which the process is held back": {map[string]string{
			"proc/self/cgroup": "0::/a\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.high": "1048576000\n", "sys/fs/cgroup/a/memory.current": "104857600\n",
		}, Room{900 * mib, 1000 * mib, "/sys/fs/cgroup/a/memory.high"}},
		"second version, file cache is given back": {map[string]string{
			"proc/self/cgroup": "0::/a\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/a/memory.max": "1048576000\n", "sys/fs/cgroup/a/memory.current": "943718400\n",
			"sys/fs/cgroup/a/memory.stat": "anon 104857600\ninactive_file 838860800\nactive_file 0\n",
		}, Room{900 * mib, 1000 * mib, "/sys/fs/cgroup/a/memory.max"}},
		"second version, Slurm's job": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/slurmstepd.scope/job_1/step_0/user/task_0\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/system.slice/slurmstepd.scope/job_1/memory.max":                    "8589934592\n",
			"sys/fs/cgroup/system.slice/slurmstepd.scope/job_1/memory.current":                "1073741824\n",
			"sys/fs/cgroup/system.slice/slurmstepd.scope/job_1/step_0/memory.max":             "max\n",
			"sys/fs/cgroup/system.slice/slurmstepd.scope/job_1/step_0/user/task_0/memory.max": "max\n",
		}, Room{7168 * mib, 8192 * mib, "/sys/fs/cgroup/system.slice/slurmstepd.scope/job_1/memory.max"}},
		"second version, a container's own namespace": {map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": "31 23 0:28 /../../pod /sys/fs/cgroup ro - cgroup2 cgroup rw\n" +
				"32 23 0:28 /../.. /host\\040groups ro - cgroup2 cgroup rw\n",
			// The first mount shows a group that need not be above this process's.
			"sys/fs/cgroup/memory.max": "1\n",
			"host groups/memory.max":   "1048576000\n",
		}, Room{1000 * mib, 1000 * mib, "/host groups/memory.max"}},
		"second version, the mount's top is the container": {map[string]string{
			"proc/self/cgroup": "0::/kubepods/pod1/c1/inner\n", "proc/self/mountinfo": "31 23 0:28 /kubepods/pod1/c1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			"sys/fs/cgroup/inner/memory.max": "2097152000\n", "sys/fs/cgroup/memory.max": "1048576000\n",
			// A folder of the path as it is from the root is another group's.
			"sys/fs/cgroup/kubepods/pod1/c1/inner/memory.max": "1\n",
		}, Room{1000 * mib, 1000 * mib, "/sys/fs/cgroup/memory.max"}},
		"second version, another's container": {map[string]string{
			"proc/self/cgroup": "0::/kubepods/pod12\n", "proc/self/mountinfo": "31 23 0:28 /kubepods/pod1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			"sys/fs/cgroup/memory.max": "1\n",
		}, Room{Free: 40960 * mib, Total: 65536 * mib}},
		"second version, the process is outside its namespace's root": {map[string]string{
			"proc/self/cgroup": "0::/../other\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/memory.max": "1\n", "sys/fs/other/memory.max": "1\n",
		}, Room{Free: 40960 * mib, Total: 65536 * mib}},
		"first version, Slurm's step": {map[string]string{
			"proc/self/cgroup": slurmFirst, "proc/self/mountinfo": firstMounts,
			"sys/fs/cgroup/memory/memory.limit_in_bytes":                                    unlimitedFirst,
			"sys/fs/cgroup/memory/memory.usage_in_bytes":                                    "60000000000\n",
			"sys/fs/cgroup/memory" + slurmPath + "/memory.limit_in_bytes":                   "8589934592\n",
			"sys/fs/cgroup/memory" + slurmPath + "/memory.usage_in_bytes":                   "1073741824\n",
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/memory.limit_in_bytes":            "4294967296\n",
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/memory.usage_in_bytes":            "2147483648\n",
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/memory.stat":                      "cache 5\ninactive_file 0\ntotal_inactive_file 1073741824\n",
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/task_0/memory.limit_in_bytes":     unlimitedFirst,
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/task_0/memory.usage_in_bytes":     "1073741824\n",
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/task_0/unrelated/memory.limit":    "1\n",
			"sys/fs/cgroup/memory" + slurmPath + "/step_0/task_0/memory.soft_limit_in_byte": "1\n",
		}, Room{3072 * mib, 4096 * mib, "/sys/fs/cgroup/memory" + slurmPath + "/step_0/memory.limit_in_bytes"}},
		"first version, what groups above the mount allow": {map[string]string{
			"proc/self/cgroup": "4:memory:/docker/abc\n", "proc/self/mountinfo": "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": unlimitedFirst, "sys/fs/cgroup/memory/memory.usage_in_bytes": "104857600\n",
			"sys/fs/cgroup/memory/memory.stat": "hierarchical_memory_limit 1048576000\n",
		}, Room{900 * mib, 1000 * mib, "/sys/fs/cgroup/memory/memory.stat"}},
		"first version, a parent that leaves its children alone": {map[string]string{
			"proc/self/cgroup": "4:memory:/a/b\n", "proc/self/mountinfo": firstMounts,
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1\n", "sys/fs/cgroup/memory/a/memory.use_hierarchy": "0\n",
			"sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "1048576000\n", "sys/fs/cgroup/memory/a/b/memory.use_hierarchy": "0\n",
		}, Room{1000 * mib, 1000 * mib, "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes"}},
		"both versions, memory in the first": {map[string]string{
			"proc/self/cgroup": "4:memory:/a\n0::/b\n", "proc/self/mountinfo": firstMounts + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1048576000\n",
			"sys/fs/cgroup/memory/b/memory.limit_in_bytes": "1\n",
			"sys/fs/cgroup/unified/b/cgroup.procs":         "1\n",
		}, Room{1000 * mib, 1000 * mib, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes"}},
		"more is used than there may be": {map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "2000\n",
		}, Room{1, 1000, "/sys/fs/cgroup/memory.max"}},
		"a limit of nothing is a limit": {map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": secondMount, "sys/fs/cgroup/memory.max": "0\n",
		}, Room{1, 0, "/sys/fs/cgroup/memory.max"}},
		"a limit beyond the machine's memory does not bind": {map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": secondMount, "sys/fs/cgroup/memory.max": "1099511627776\n",
		}, Room{Free: 40960 * mib, Total: 65536 * mib}},
		"ulimit -v": {map[string]string{
			"proc/self/limits": "Limit                     Soft Limit           Hard Limit           Units     \n" +
				"Max data size             unlimited            unlimited            bytes     \n" +
				"Max address space         2097152000           unlimited            bytes     \n",
			"proc/self/status": "Name:\tmodspec\nVmSize:\t 1024000 kB\nVmData:\t  10 kB\n",
		}, Room{1000 * mib, 2000 * mib, "max address space (ulimit)"}},
		"ulimit -d": {map[string]string{
			"proc/self/limits": "Max data size             2097152000           unlimited            bytes     \nMax address space         unlimited            unlimited            bytes     \n",
			"proc/self/status": "VmSize:\t 1024000 kB\nVmData:\t 102400 kB\n",
		}, Room{1900 * mib, 2000 * mib, "max data size (ulimit)"}},
		"garbage": {map[string]string{
			"proc/self/cgroup":         "\n:\n0::\n4:memory\n0::/a\n\x00\xff:memory:x\n",
			"proc/self/mountinfo":      "\n - \n - cgroup2 x rw\n31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n1 2 3 4 5 6 - cgroup\n",
			"sys/fs/cgroup/memory.max": "-1\n", "sys/fs/cgroup/memory.high": "12 34\n", "sys/fs/cgroup/a/memory.max": "99999999999999999999999\n",
			"sys/fs/cgroup/a/memory.current": "x\n", "sys/fs/cgroup/a/memory.stat": "inactive_file\nhierarchical_memory_limit x\n",
			"proc/self/limits": "Max address space\nMax data size   x y\n",
		}, Room{Free: 40960 * mib, Total: 65536 * mib}},
	} {
		t.Run(name, func(t *testing.T) {
			s := tree(t, c.files)
			if err := os.MkdirAll(filepath.Join(s.root, "proc"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(s.root, "proc/meminfo"), []byte(meminfo), 0o666); err != nil {
				t.Fatal(err)
			}
			got, err := s.memory()
			if err != nil || got != c.want {
				t.Errorf("found %+v (%v), want %+v", got, err, c.want)
			}
		})
	}
}

// A system that does not say is no system without memory.
func TestMemoryThatIsNotTold(t *testing.T) {
	for _, text := range []string{"", "MemTotal: x kB\n", "MemTotal: 5 kB\n", "MemAvailable:\n", "MemAvailable: 99999999999999999999 kB\nMemTotal: 5 kB\n", "MemTotal: 5 kB\nMemAvailable: 36028797018963968 kB\n"} {
		if r, err := tree(t, map[string]string{"proc/meminfo": text}).memory(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%q: %+v, and the error is %v", text, r, err)
		}
	}
	// A limit counts where the machine's own memory is not told.
	s := tree(t, map[string]string{"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": secondMount, "sys/fs/cgroup/memory.max": "4096\n"})
	if r, err := s.memory(); err != nil || r.Free != 4096 {
		t.Errorf("%+v, %v", r, err)
	}
}

// A quota of a group above the process's own was not seen.
func TestQuotaIsTheLeastOnThePath(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
		by    string
	}{
		"none": {nil, 0, ""},
		"second version, nested": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": secondMount,
			"sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n", "sys/fs/cgroup/cpu.max": "400000 100000\n",
		}, 1.5, "/sys/fs/cgroup/a/cpu.max"},
		"first version, Slurm's": {map[string]string{
			"proc/self/cgroup": slurmFirst, "proc/self/mountinfo": firstMounts,
			"sys/fs/cgroup/cpu,cpuacct" + slurmPath + "/step_0/task_0/cpu.cfs_quota_us":  "-1\n",
			"sys/fs/cgroup/cpu,cpuacct" + slurmPath + "/step_0/task_0/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/cpu,cpuacct" + slurmPath + "/cpu.cfs_quota_us":                "200000\n",
			"sys/fs/cgroup/cpu,cpuacct" + slurmPath + "/cpu.cfs_period_us":               "50000\n",
		}, 4, "/sys/fs/cgroup/cpu,cpuacct" + slurmPath + "/cpu.cfs_quota_us"},
		"garbage": {map[string]string{
			"proc/self/cgroup": "0::/a\n4:cpu:/a\n", "proc/self/mountinfo": secondMount + "32 31 0:29 / /one rw - cgroup cgroup rw,cpu\n",
			"sys/fs/cgroup/a/cpu.max": "100000\n", "sys/fs/cgroup/cpu.max": "5 0\n", "one/a/cpu.cfs_quota_us": "100000\n", "one/cpu.cfs_quota_us": "0\n", "one/cpu.cfs_period_us": "10\n",
		}, 0, ""},
	} {
		if got, by := tree(t, c.files).quota(); got != c.want || by != c.by {
			t.Errorf("%s: %v by %q, want %v by %q", name, got, by, c.want, c.by)
		}
	}
}

// The threads for a quota are those that Go's runtime takes for its own group's.
func TestThreadsOfAQuota(t *testing.T) {
	for quota, want := range map[float64]int{0: 0, 0.5: 2, 1: 2, 2: 2, 2.01: 3, 16: 16, 1e300: 1<<31 - 1} {
		if got := threads(quota); got != want {
			t.Errorf("a quota of %v gives %d threads, want %d", quota, got, want)
		}
	}
	before := runtime.GOMAXPROCS(0)
	t.Setenv("GOMAXPROCS", "1")
	LimitProcessors()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS is set in the environment, but %d became %d", before, got)
	}
}

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	here, err := Disk(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system does not tell free disk")
	}
	if err != nil || here.Total == 0 || here.Free > here.Total {
		t.Fatalf("%+v, %v", here, err)
	}
	// Both change with whatever else writes: some file systems share one disk.
	if made, err := Disk(filepath.Join(dir, "still", "to", "be", "made")); err != nil || made.Total == 0 || made.Free > made.Total {
		t.Errorf("a folder that is not there is on a disk of %+v, %v", made, err)
	}
}
