package serve

import (
	"context"
	"fmt"
	"sync"
)

// Flights are the readings under way, by the folder that is read. Requests for the
// same folder share one reading, and each waits for it until its own context ends.
// A slow reading does not delay readings of other folders. A walk, which needs all
// folders, bounds the time that it waits for them.
type flights[T any] struct {
	mu    sync.Mutex
	under map[string]*flight[T]
}

type flight[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// do returns the result of read, which may have been begun for another request. If
// the context ends first, the reading goes on.
func (f *flights[T]) do(ctx context.Context, name string, read func() (T, error)) (T, error) {
	return f.begin(name, read).wait(ctx)
}

// begin begins a reading, unless it is under way already.
func (f *flights[T]) begin(name string, read func() (T, error)) *flight[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.under[name]
	if one == nil {
		one = &flight[T]{done: make(chan struct{})}
		if f.under == nil {
			f.under = map[string]*flight[T]{}
		}
		f.under[name] = one
		go f.fly(name, one, read)
	}
	return one
}

// wait returns what was read. The error is the reading's, or the context's.
func (one *flight[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-one.done:
		return one.value, one.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

func (f *flights[T]) fly(name string, one *flight[T], read func() (T, error)) {
	defer func() {
		if fault := recover(); fault != nil { // no request's recover covers this goroutine
			one.err = fmt.Errorf("a fault of the program: %v", fault)
		}
		f.mu.Lock()
		delete(f.under, name)
		f.mu.Unlock()
		close(one.done)
	}()
	one.value, one.err = read()
}
