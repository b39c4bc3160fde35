package results

import (
	"bufio"
	"io"
	"os"
	"runtime"
	"strings"
)

// cpuModel names the processor, or its architecture where the system does not
// say: only Linux lists a model in a file, and on ARM not even that.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	return modelName(f)
}

// modelName finds the first model name in what /proc/cpuinfo holds.
func modelName(cpuinfo io.Reader) string {
	lines := bufio.NewScanner(cpuinfo)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(key) == "model name" {
			if name := strings.Join(strings.Fields(value), " "); name != "" {
				return name
			}
		}
	}
	return runtime.GOARCH
}
