package machine

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestBlocksAreCountedInFragments. Before, they were multiplied by the size of a block,
// which is 32 times as large on a file system of FUSE that reads 128 KiB at once.
func TestBlocksAreCountedInFragments(t *testing.T) {
	want := Room{Free: 10 << 12, Total: 100 << 12}
	for _, s := range []unix.Statfs_t{
		{Bsize: 1 << 17, Frsize: 1 << 12, Blocks: 100, Bavail: 10},
		{Bsize: 1 << 12, Blocks: 100, Bavail: 10},
	} {
		if got := roomOf(&s); got != want {
			t.Errorf("%+v is %+v, want %+v", s, got, want)
		}
	}
}
