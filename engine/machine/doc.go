// Package machine says how much of a machine this process may use: memory,
// processors, and the disk of a folder.
//
// A batch system, a container or a shell gives a process less than the machine has.
// Linux tells how much in control groups, which are nested: the process is in the one
// that /proc/self/cgroup names, and each one above it, up to the root, has a limit and
// a use of its own. What may be had is the least that any of them leaves. Both versions
// of control groups are read, also side by side, from the mount points in
// /proc/self/mountinfo. Slurm's are among them: /slurm/uid_0/job_1/step_0/task_0 in
// the first version and /system.slice/slurmstepd.scope/job_1/step_0/user/task_0 in the
// second, with a limit for the job and one for each step.
//
// References: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst;
// man pages cgroups(7), proc_pid_mountinfo(5), proc_meminfo(5), getrlimit(2).
package machine
