package main

import (
	"runtime"
	"sync"
)

// An errgroup runs functions, as many at once as there are CPUs, and keeps the first
// error.
type errgroup struct {
	once  sync.Once
	slots chan struct{}
	group sync.WaitGroup
	fault sync.Once
	err   error
}

func (g *errgroup) run(f func() error) {
	g.once.Do(func() { g.slots = make(chan struct{}, runtime.GOMAXPROCS(0)) })
	g.slots <- struct{}{}
	g.group.Go(func() {
		defer func() { <-g.slots }()
		if err := f(); err != nil {
			g.fault.Do(func() { g.err = err })
		}
	})
}

func (g *errgroup) wait() error {
	g.group.Wait()
	return g.err
}
