package results

import (
	"os"
	"path/filepath"
)

// leftover matches the names of [WriteFile]'s temporary files, see createBeside.
const leftover = ".*.[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f].tmp"

// RemoveLeftovers removes the temporary files that a process left in a folder which
// was killed inside [WriteFile]. Only the process that alone writes there may call
// it. It has no error: a file that stays is in nobody's way.
func RemoveLeftovers(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if ours, _ := filepath.Match(leftover, e.Name()); ours && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}
