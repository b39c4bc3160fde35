package programs

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

// TestShare: each piece is computed once, by its own thread's number or the worker's,
// also after the helpers have gone to sleep, and a panic of any piece is the caller's.
func TestShare(t *testing.T) {
	had := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(had)
	team := newTeam(4)
	defer team.close()
	if len(team.helpers) != 3 {
		t.Fatalf("a team of 4 threads has %d helpers, must have 3", len(team.helpers))
	}
	for round := range 2000 {
		if round%200 == 0 {
			for _, h := range team.helpers {
				for !h.asleep.Load() {
					runtime.Gosched()
				}
			}
		}
		pieces := 2 + round%3
		var counts [4]atomic.Int32
		var strange atomic.Int32
		team.share(pieces, func(thread, piece int) {
			counts[piece].Add(1)
			if thread != 0 && thread != piece {
				strange.Add(1)
			}
		})
		for i := range counts {
			want := int32(0)
			if i < pieces {
				want = 1
			}
			if got := counts[i].Load(); got != want {
				t.Fatalf("round %d of %d pieces: piece %d was computed %d times, must be %d", round, pieces, i, got, want)
			}
		}
		if strange.Load() > 0 {
			t.Fatalf("round %d: a piece was computed with another thread's memory", round)
		}
	}
	for piece := range 4 {
		func() {
			defer func() {
				if r := recover(); r != "planted" {
					t.Errorf("a panic of piece %d comes back as %v", piece, r)
				}
			}()
			team.share(4, func(_, p int) {
				if p == piece {
					panic("planted")
				}
			})
		}()
	}
}

// TestSharedInstructions: a network whose products and chains are large enough to be
// shared has the same bits on any number of threads.
func TestSharedInstructions(t *testing.T) {
	had := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(had)
	m := mixture{encoding: 32, width: 128, batch: 256, rules: 8, gate: joint, optimizer: adam}
	training := m.training(t)
	for _, precision := range []Precision{Float32, Float64} {
		want := train(t, training, Options{Precision: precision, Threads: 1}, 3, []int{3}, run(1))
		for _, threads := range []int{2, 3, 4} {
			got := train(t, training, Options{Precision: precision, Threads: threads}, 3, []int{3}, run(1))
			same(t, fmt.Sprintf("%s, %d threads", precision, threads), got.variables[0], want.variables[0])
		}
	}
}
