//go:build !linux && !darwin

package machine

import "errors"

func disk(string) (Room, error) { return Room{}, errors.ErrUnsupported }
