// Package compare measures modspec beside what a person would otherwise write: NumPy,
// JAX, PyTorch and gorgonia, each as a good user of that library writes it.
//
// A contender is a process (ours too) that speaks the lines of
// bench/peers/contest.py: it trains a few networks from given weights, whose maps
// are held against float64 before anything is timed ([Bound]), gets ready, and then
// trains once for every line it is sent. So repetitions of all contenders
// interleave, each with threads pinned alike and memory of its own. The peak of
// multiply-adds and the bandwidth of memory are measured in the same run, and
// every row says which share of them it reaches.
//
// [Run] makes a [Result]; a Result is JSON, a Markdown table, a figure, and the
// section of the README that [Section] writes.
package compare
