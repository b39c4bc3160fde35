// Package cluster spreads a sweep over the nodes of a cluster that share a file
// system. It runs no daemon and moves no data: the scheduler (Slurm, or Kubernetes
// with an Indexed Job) starts processes, each trains one space.Shard into a
// folder of its own, and the shards come together by store.Merge.
//
// # The folder
//
//	sweep.yaml           the sweep file as it was when the sweep was submitted
//	submission.json      what was sent to the scheduler, and when
//	array.sbatch         the job array: task i trains shard i
//	merge.sbatch         the job that brings the shards together when the array has ended
//	logs/123_4.out       output of task 4 of job 123
//	shards/0004-of-0008  the folder of a shard: tables, journal, lock (package store)
//	runs/, …             after the merge the folder itself is a sweep's folder like any other
//
// # Why it is safe
//
// No two processes write to one file. A shard's folder has its own journal and its own
// lock, so a task that is started twice, because the first still runs on a node that
// was taken for dead, is refused by the lock; logs are named by job and task;
// submission.json is written by the commands that submit, whole or not at all. The lock
// is the file system's (flock), which NFS 4, Lustre mounted with flock and GPFS keep
// between nodes. Where a file system has locks for each node only, a process detects
// another one in its shard before it writes anything, and stops; parts never replace
// each other.
//
// # Stopped and started again
//
// A shard goes on from its journal however its process ended. Slurm signals a task
// before its time is over (SIGTERM); the task keeps every finished copy and is put back
// into the queue ([Requeue]). After a node's failure or a preemption Slurm requeues it
// by itself. modspec sweep resubmit sends what is left over.
package cluster
