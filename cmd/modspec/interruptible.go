package main

import "context"

// interruptible returns what read returns, or the context's error as soon as it is
// cancelled. It is for the reading of files that users name: one that never ends, or a
// file system that does not answer, would block the process despite signals. A
// cancelled reading continues until the process ends, which is soon, and its result is
// discarded.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, ctx.Err()
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
