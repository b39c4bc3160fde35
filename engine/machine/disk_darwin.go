package machine

import "golang.org/x/sys/unix"

func disk(dir string) (Room, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return Room{}, err
	}
	block := uint64(s.Bsize)
	return Room{Free: s.Bavail * block, Total: s.Blocks * block}, nil
}
