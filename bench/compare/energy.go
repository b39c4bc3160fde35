package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A meter reads the energy that the processor's packages have used, where the
// system lets one (Linux, RAPL).
type meter struct{ files, ranges []string }

// powerFolder is where Linux shows RAPL.
const powerFolder = "/sys/class/powercap"

// openMeter returns a meter, or why there is none.
func openMeter(folder string) (*meter, string) {
	packages, _ := filepath.Glob(filepath.Join(folder, "intel-rapl:[0-9]*", "energy_uj"))
	m := &meter{}
	for _, file := range packages {
		// intel-rapl:0:1 is a part of package 0.
		if strings.Count(filepath.Base(filepath.Dir(file)), ":") == 1 {
			m.files = append(m.files, file)
			m.ranges = append(m.ranges, filepath.Join(filepath.Dir(file), "max_energy_range_uj"))
		}
	}
	if len(m.files) == 0 {
		return nil, "this system shows no counters of energy (RAPL)"
	}
	if _, err := m.read(); err != nil {
		return nil, fmt.Sprintf("the counters of energy cannot be read: %v", err)
	}
	return m, ""
}

// read returns every package's counter, in microjoules.
func (m *meter) read() ([]uint64, error) { return counters(m.files) }

func counters(files []string) ([]uint64, error) {
	values := make([]uint64, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if values[i], err = strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return values, nil
}

// since returns the joules used since an earlier reading. A counter that has come
// round once is put right.
func (m *meter) since(before []uint64) (float64, error) {
	now, err := m.read()
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i := range now {
		used := float64(now[i]) - float64(before[i])
		if used < 0 {
			most, err := counters(m.ranges[i : i+1])
			if err != nil {
				return 0, err
			}
			used += float64(most[0])
		}
		sum += used
	}
	return sum / 1e6, nil
}
