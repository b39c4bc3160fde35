package machine

import (
	"os"
	"path/filepath"
)

// Disk returns how much this user may still write in a folder, or where the folder
// will be made, and what the file system has in all. A quota counts where the file
// system tells it as its size, as XFS does for projects; others are not seen. It
// returns errors.ErrUnsupported where the system does not say.
func Disk(dir string) (Room, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return Room{}, err
	}
	// A folder that is still to be made is on the disk of the one above it.
	for {
		if _, err := os.Stat(at); err == nil || filepath.Dir(at) == at {
			break
		}
		at = filepath.Dir(at)
	}
	return disk(at)
}
