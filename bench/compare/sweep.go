package compare

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
	"modspec/engine/sweep/store"
)

// A Sweep is a whole sweep of dense networks, timed as a person waits for it: from
// the command to the finished table, start-up and compilation included.
type Sweep struct {
	KX    []int
	R     []float64
	Seeds int
	Steps int
	Rate  float64
}

// wholeSweep is the one that is compared: what differs in shape must be compiled
// apart, and there is enough of each for compilation to pay.
var wholeSweep = Sweep{KX: []int{1, 2, 3}, R: []float64{0.25, 0.5, 1, 1.5, 2, 3}, Seeds: 300, Steps: 300, Rate: 0.08}

func (s Sweep) copies() int { return len(s.KX) * len(s.R) * s.Seeds }

// file is the sweep as modspec sweep run reads it.
func (s Sweep) file() string {
	return fmt.Sprintf(`name: whole
method: grid
seeds: %d
steps: %d
record: ends
precision: float32
parameters:
  kx: {values: %s}
  r: {values: %s}
  lr: {value: %g}
`, s.Seeds, s.Steps, list(s.KX), list(s.R), s.Rate)
}

func list[T any](values []T) string { return "[" + strings.Join(words(values), ", ") + "]" }

func words[T any](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}

// arguments are the sweep as bench/peers/jax_sweep.py takes it.
func (s Sweep) arguments(form string) []string {
	args := append([]string{"--kx"}, words(s.KX)...)
	args = append(append(args, "--r"), words(s.R)...)
	return append(args, "--seeds", fmt.Sprint(s.Seeds), "--steps", fmt.Sprint(s.Steps), "--rate", fmt.Sprint(s.Rate), "--form", form)
}

// A sweepRow is what is compared of a network.
type sweepRow struct {
	KX            int     `parquet:"kx"`
	R             float64 `parquet:"r"`
	Loss          float64 `parquet:"loss_last"`
	OmegaOmega    float64 `parquet:"omega_omega"`
	GammaOmega    float64 `parquet:"gamma_omega"`
	OmegaGamma    float64 `parquet:"omega_gamma"`
	GammaGamma    float64 `parquet:"gamma_gamma"`
	Systematicity float64 `parquet:"systematicity"`
}

func (r sweepRow) values() []float64 {
	return []float64{r.Loss, r.OmegaOmega, r.GammaOmega, r.OmegaGamma, r.GammaGamma, r.Systematicity}
}

var sweepColumns = []string{"loss", "Ωx→Ωy", "Γx→Ωy", "Ωx→Γy", "Γx→Γy", "systematicity"}

// readOurs reads the runs of a folder that modspec sweep run made.
func readOurs(dir string) ([]sweepRow, error) {
	var rows []sweepRow
	for run, err := range results.As[results.Run](store.Runs(dir)) {
		if err != nil {
			return nil, err
		}
		q := run.Quadrants
		rows = append(rows, sweepRow{
			run.KX, run.R, run.Train.Total, math.Sqrt(q.OmegaOmega), math.Sqrt(q.GammaOmega),
			math.Sqrt(q.OmegaGamma), math.Sqrt(q.GammaGamma), run.Systematicity,
		})
	}
	return rows, nil
}

// agree compares two tables point by point. Their random starts differ, so what must
// agree are means over seeds: the mean of n values with standard deviation s has
// itself one of s/√n, and two of them differ by more than six times what both have
// together about once in 10⁹ comparisons. Roundings of float32, T steps of sums of k
// terms, come on top, relative to the value and, for a loss, to the targets' size,
// from which it is left over.
func agree(s Sweep, ours, theirs []sweepRow) error {
	type key struct {
		kx int
		r  float64
	}
	group := func(rows []sweepRow) map[key][]sweepRow {
		m := map[key][]sweepRow{}
		for _, row := range rows {
			k := key{row.KX, row.R}
			m[k] = append(m[k], row)
		}
		return m
	}
	a, b := group(ours), group(theirs)
	for _, kx := range s.KX {
		for _, r := range s.R {
			k := key{kx, r}
			if len(a[k]) != s.Seeds || len(b[k]) != s.Seeds {
				return fmt.Errorf("at k_x %d, r %g there are %d and %d networks, but must be %d", kx, r, len(a[k]), len(b[k]), s.Seeds)
			}
			// Inputs, hidden units, outputs of the networks of wholeSweep.
			const bits, hidden, ny, ky = 3, 50, 1, 1
			terms := bits + kx<<bits + hidden + ny + ky<<bits
			rounding := float64(s.Steps*terms) * unitRoundoff
			for column, name := range sweepColumns {
				m1, v1 := moments(a[k], column)
				m2, v2 := moments(b[k], column)
				size := math.Abs(m1)
				if column == 0 {
					size = (ny + ky*r*r) / 2 // the loss of the answer 0
				}
				allowed := 6*math.Sqrt((v1+v2)/float64(s.Seeds)) + rounding*size
				if !(math.Abs(m1-m2) <= allowed) {
					return fmt.Errorf("at k_x %d, r %g the mean of %s is %.6g, ours is %.6g: more than %.2g apart", kx, r, name, m2, m1, allowed)
				}
			}
		}
	}
	return nil
}

// moments returns the mean and the variance of a column.
func moments(rows []sweepRow, column int) (mean, variance float64) {
	n := float64(len(rows))
	for _, r := range rows {
		mean += r.values()[column] / n
	}
	for _, r := range rows {
		variance += square(r.values()[column]-mean) / n
	}
	return mean, variance
}

// readTheirs reads the table that the peer wrote.
func readTheirs(path string) ([]sweepRow, error) {
	rows, err := parquet.ReadFile[sweepRow](path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// An execution is a command from its start to its end.
type execution struct {
	seconds float64
	memory  uint64 // the most that it had, looked at every 20 ms
	said    string // its output
}

// whole runs a command.
func whole(ctx context.Context, program string, args, environment []string, threads int) (execution, error) {
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), environment...)
	var said, words strings.Builder
	command.Stdout, command.Stderr = &said, &words
	began := time.Now()
	if err := startPinned(command, threads); err != nil {
		return execution{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var e execution
	for {
		select {
		case err := <-ended:
			e.seconds, e.said = time.Since(began).Seconds(), strings.TrimSpace(said.String())
			if err != nil {
				last := strings.Split(strings.TrimSpace(words.String()), "\n")
				return e, fmt.Errorf("%s ended with %w: %s", filepath.Base(program), err, last[len(last)-1])
			}
			return e, nil
		case <-tick.C:
			e.memory = max(e.memory, peakOf(command.Process.Pid))
		}
	}
}
