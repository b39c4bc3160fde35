//go:build !unix

package serve_test

import "errors"

func fifo(string) error { return errors.ErrUnsupported }
