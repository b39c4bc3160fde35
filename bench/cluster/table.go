package main

import (
	"fmt"
	"io"
	"math"

	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
)

// A scenario is how a cluster disturbs its jobs: assumed, not measured.
type scenario struct {
	name                       string
	failures, preemptions      float64 // of a node, a task, an hour
	repairSeconds, awaySeconds float64
}

var scenarios = []scenario{
	{name: "nothing goes wrong"},
	{"a node fails once in 1,000 hours, out for 4 hours", 1.0 / 1000, 0, 4 * 3600, 0},
	{"a task is preempted every hour, its node away for 10 minutes", 0, 1, 0, 600},
	{"a task is preempted every 10 minutes", 0, 6, 0, 600},
}

// workloadOf is the workload of a division, from the rates. Finding points, listing
// and checking are one core's work, training that of all cores.
func workloadOf(s *settings, r *rates, d division) workload {
	own := float64(space.Shard{Index: 1, Count: d.shards}.Of(int(s.copies)))
	perSecond := s.copiesPerSecond
	if perSecond == 0 {
		perSecond = float64(s.cores) / r.train
	}
	// A process that goes on finds half of the copies there, in the mean.
	return workload{
		shards: d.shards, nodes: d.nodes,
		begin: s.copies / seeds * r.point, again: own / 2 * r.check, train: own/perSecond + own*r.list,
		keep: min(partSeconds, partCopies/perSecond), requeue: slurmRequeue,
	}
}

func printTable(w io.Writer, s *settings, r *rates) {
	fmt.Fprintf(w, "%.3g copies on nodes of %d cores; medians of %d simulations, failures and preemptions assumed:\n\n", s.copies, s.cores, s.trials)
	fmt.Fprintln(w, "| shards × nodes | what happens | wall time | node-hours | of them training | tasks ended early |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, d := range s.shards {
		for _, c := range scenarios {
			load := workloadOf(s, r, d)
			load.failures, load.preemptions = c.failures/3600, c.preemptions/3600
			load.repair, load.away = c.repairSeconds, c.awaySeconds
			o := simulateOften(&load, s.trials)
			wall := hours(o.wall)
			if !o.done {
				wall = "does not end"
			}
			fmt.Fprintf(w, "| %d × %d | %s | %s | %.1f | %.0f %% | %d |\n",
				d.shards, d.nodes, c.name, wall, o.nodeSeconds/3600, 100*o.training/o.nodeSeconds, o.failed+o.preempted)
		}
	}
	fmt.Fprintf(w, "\n| shards | copies of one | files | tables | index in memory | merge, one core |\n|---|---|---|---|---|---|\n")
	seen := map[int]bool{}
	for _, d := range s.shards {
		if seen[d.shards] {
			continue
		}
		seen[d.shards] = true
		load := workloadOf(s, r, d)
		own := space.Shard{Index: 1, Count: d.shards}.Of(int(s.copies))
		parts := math.Max(math.Ceil(float64(own)/partCopies), math.Ceil(load.train/partSeconds))
		fmt.Fprintf(w, "| %d | %d | %.0f | %s, twice while merging | %s | %s |\n", d.shards, own, files(float64(d.shards), parts, s.record),
			plan.Bytes(s.copies*r.bytes), plan.Bytes(indexBytes*s.copies), hours(s.copies*r.merge))
	}
}

// indexBytes is what a process holds of every copy of the sweep: two bits for what
// is done, and two 32-bit numbers for every point.
const indexBytes = 2.0/8 + 8.0/seeds

// files counts those of the shards, of the merge, and the logs: every part's
// tables, and a journal, a manifest and a lock a folder.
func files(shards, parts float64, record string) float64 {
	tables := 1.0
	if record != "ends" {
		tables = 2
	}
	return 2*shards*parts*tables + 3*(shards+1) + shards + 1
}

func hours(seconds float64) string {
	switch {
	case seconds < 100:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}
