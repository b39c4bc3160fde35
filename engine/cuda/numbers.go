package cuda

import (
	"fmt"
	"slices"
)

// Numbers returns the numbers of the devices that somebody asked for, the first where
// none is named, or what is wrong with them.
func Numbers(asked []int) ([]int, error) {
	if len(asked) == 0 {
		return []int{0}, nil
	}
	for i, n := range asked {
		if n < 0 {
			return nil, fmt.Errorf("device %d: devices are numbered from 0", n)
		}
		if slices.Contains(asked[:i], n) {
			return nil, fmt.Errorf("device %d is named twice; name each device once", n)
		}
	}
	return asked, nil
}
