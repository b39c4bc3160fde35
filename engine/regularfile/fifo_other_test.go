//go:build !unix

package regularfile

import "errors"

func fifo(string) error { return errors.ErrUnsupported }
