package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"modspec/engine/results"
)

// A Result is all that a run of the comparison found.
type Result struct {
	Device     string             `json:"device"` // "cpu" or "gpu": whose throughput stands first
	Date       string             `json:"date"`   // of its start, UTC
	Provenance results.Provenance `json:"provenance"`
	Threads    int                `json:"threads"` // of every contender
	Memory     uint64             `json:"memory"`  // of the machine, in bytes; 0 if unknown
	Quick      bool               `json:"quick"`
	Budget     results.Number     `json:"budget_seconds"` // that a repetition may take
	Rounds     int                `json:"rounds"`
	Libraries  map[string]string  `json:"libraries"` // of every contender
	Limits     Limits             `json:"limits"`
	Repeated   int                `json:"repeated"`            // repetitions that were not kept, since the machine was not quiet
	NoEnergy   string             `json:"no_energy,omitempty"` // why there are no joules
	Rows       []*Row             `json:"rows"`
	Growth     []Growth           `json:"growth,omitempty"`
}

// What became of a contender.
const (
	Measured = "measured"
	Missing  = "missing"
	Failed   = "failed"
)

// A Row is one contender in one workload. Rates are network-steps a second, or images
// a second.
type Row struct {
	Workload  string `json:"workload"`
	Title     string `json:"title"`
	Unit      string `json:"unit"`
	Contender string `json:"contender"`
	Who       string `json:"who"`
	Form      string `json:"form"`
	Ours      bool   `json:"ours"`
	Status    string `json:"status"`
	Reason    string `json:"reason,omitempty"` // why it is not measured

	Copies      int `json:"copies,omitempty"` // of the workload
	TimedCopies int `json:"timed_copies,omitempty"`
	TimedSteps  int `json:"timed_steps,omitempty"`

	Rates   []float64 `json:"rates,omitempty"`
	Median  float64   `json:"median,omitempty"`
	Lowest  float64   `json:"lowest,omitempty"`
	Highest float64   `json:"highest,omitempty"`
	// Quiet is the least share of its multiply-adds (Limits.Steady) that the machine had
	// to give right before or after a repetition; seen is the same a second.
	Quiet float64 `json:"quiet,omitempty"`
	seen  float64
	// Times is how many times faster the baseline is: the median over pairs of
	// neighbouring repetitions; TimesLow and TimesHigh are the ends of their range.
	Times     float64 `json:"times,omitempty"`
	TimesLow  float64 `json:"times_low,omitempty"`
	TimesHigh float64 `json:"times_high,omitempty"`

	Work      float64 `json:"multiply_adds,omitempty"` // of a network-step or image, in its form
	Share     float64 `json:"share,omitempty"`         // of the peak of multiply-adds of its precision
	Deviation float64 `json:"deviation,omitempty"`     // of the check
	Bound     float64 `json:"bound,omitempty"`
	First     float64 `json:"first_seconds,omitempty"` // first repetition, with compilation
	Start     float64 `json:"start_seconds,omitempty"` // from the start of the process until it was ready
	Memory    uint64  `json:"memory_bytes,omitempty"`  // the most that it had
	Joules    float64 `json:"joules,omitempty"`        // a million network-steps, or images; whole packages
}

// summarise fills in what follows from the rates.
func (r *Row) summarise(limits Limits, double bool) {
	r.Median, r.Lowest, r.Highest = median(r.Rates), slices.Min(r.Rates), slices.Max(r.Rates)
	peak := limits.Float32
	if double {
		peak = limits.Float64
	}
	if peak > 0 {
		r.Share = r.Median * r.Work / peak
	}
	r.Quiet = r.seen / limits.Steady
}

// disturbed reports whether something else ran beside a row that was kept.
func (r *Row) disturbed() bool { return r.Quiet > 0 && r.Quiet < quietShare }

// share is a row's share of the peak; where the machine was not quiet beside it, with
// what the machine had to give.
func (r *Row) share() string {
	switch {
	case r.Share == 0:
		return ""
	case r.disturbed():
		return fmt.Sprintf("%s (machine at %s)", percent(r.Share), percent(r.Quiet))
	}
	return percent(r.Share)
}

// lowestSeen is the least that the machine had to give beside some rows; +Inf if none
// was measured.
func lowestSeen(rows []*Row) float64 {
	low := math.Inf(1)
	for _, r := range rows {
		if r.Status == Measured {
			low = min(low, r.seen)
		}
	}
	return low
}

// median returns the middle of some values, which it leaves in their order.
func median(values []float64) float64 {
	sorted := slices.Clone(values)
	sort.Float64s(sorted)
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// Stem is the name of a result's files: cpu-2026-01-31.
func (r *Result) Stem() string { return r.Device + "-" + r.Date }

// Write writes a result into a folder, which it makes: JSON, the whole table as
// Markdown, and the figure. It returns the path of the JSON.
func (r *Result) Write(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(dir, r.Stem()+".json")
	err := results.WriteFile(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	})
	if err != nil {
		return "", err
	}
	err = results.WriteFile(filepath.Join(dir, r.Stem()+".md"), func(w io.Writer) error {
		_, err := io.WriteString(w, r.Markdown())
		return err
	})
	if err != nil {
		return "", err
	}
	return path, r.draw(dir)
}

// ReadResult reads the JSON of a result.
func ReadResult(path string) (*Result, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Newest returns the newest complete result of the CPU in a folder and the path of
// its JSON; nil if there is none. Quick runs do not count.
func Newest(dir string) (*Result, string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "cpu-*.json"))
	if err != nil {
		return nil, "", err
	}
	slices.Sort(paths) // by date
	for _, path := range slices.Backward(paths) {
		r, err := ReadResult(path)
		if err != nil {
			return nil, "", err
		}
		if !r.Quick && strings.HasSuffix(path, r.Stem()+".json") {
			return r, path, nil
		}
	}
	return nil, "", nil
}

// errNothing is what a run without a single measurement ends with.
var errNothing = errors.New("nothing was measured")
