package machine

import "golang.org/x/sys/unix"

func disk(dir string) (Room, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return Room{}, err
	}
	return roomOf(&s), nil
}

// roomOf counts blocks in fragments, as Linux does; what it calls the size of a block
// is what is best read at once, and larger on some file systems, such as FUSE's.
func roomOf(s *unix.Statfs_t) Room {
	block := uint64(s.Frsize)
	if block == 0 { // a file system that does not say
		block = uint64(s.Bsize)
	}
	return Room{Free: s.Bavail * block, Total: s.Blocks * block}
}
