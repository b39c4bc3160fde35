package reference

import (
	"slices"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
)

// In an epoch every training example is served once, in batches of the asked size
// but for the last, in the order of the copy's permutation of that epoch.
//
// A batch is told from its moments: with k_x = 1 and r = 1 the diagonal of Σ_x's
// Γ block is 1/(size of the batch) at the batch's examples and 0 elsewhere.
func TestBatchesVisitEachExampleOnceAnEpoch(t *testing.T) {
	p := dataset.NewPoint(3, 3, 1, 1, 1, 1)
	for _, c := range []struct {
		examples []int
		batch    int
		sizes    []int
	}{
		{nil, 3, []int{3, 3, 2}},
		{nil, 1, []int{1, 1, 1, 1, 1, 1, 1, 1}},
		{nil, 7, []int{7, 1}},
		{nil, 4, []int{4, 4}},
		{[]int{6, 1, 4, 0, 3}, 2, []int{2, 2, 1}},
	} {
		task := &linear.Task{Point: p, Examples: c.examples, Batch: c.batch}
		stream := random.Stream{Seed: 5, Point: 6}
		moments, err := newMoments(&linear.Copy{Task: task, Stream: stream}, &momentCache{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := p.Select(c.examples)
		if err != nil {
			t.Fatal(err)
		}
		var orders [][]int
		for epoch := range uint32(4) {
			var seen []int
			order := stream.Permutation(len(all), epoch)
			for _, size := range c.sizes {
				batch, err := moments.next()
				if err != nil {
					t.Fatal(err)
				}
				var served []int
				for e := range p.Examples() {
					if batch.X.At(3+e, 3+e) != 0 {
						served = append(served, e)
					}
				}
				var want []int
				for _, i := range order[len(seen):][:size] {
					want = append(want, all[i])
				}
				seen = append(seen, want...)
				slices.Sort(want)
				if !slices.Equal(served, want) || batch.Examples != size {
					t.Fatalf("examples %v, batch %d, epoch %d: served %v (%d), want %v", all, c.batch, epoch, served, batch.Examples, want)
				}
			}
			slices.Sort(seen)
			if sorted := slices.Sorted(slices.Values(all)); !slices.Equal(seen, sorted) {
				t.Errorf("examples %v, batch %d, epoch %d: served %v altogether", all, c.batch, epoch, seen)
			}
			orders = append(orders, order)
		}
		if slices.Equal(orders[0], orders[1]) && slices.Equal(orders[1], orders[2]) {
			t.Errorf("examples %v: every epoch has the order %v", all, orders[0])
		}
	}
}

// The moments of a task are computed once for all copies that share it.
func TestMomentsAreShared(t *testing.T) {
	task := &linear.Task{Point: dataset.NewPoint(3, 3, 1, 1, 1, 1)}
	other := &linear.Task{Point: dataset.NewPoint(3, 3, 2, 1, 1, 1)}
	cache := &momentCache{}
	first, err := cache.of(task, network.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := cache.of(task, network.Rule{}); again != first {
		t.Error("the same task's moments were computed again")
	}
	if contrastive, _ := cache.of(task, network.Rule{Gamma: 1}); first.Y != nil || contrastive.Y == nil {
		t.Error("Σ_y must be there for a rule with γ ≠ 0, and for no other")
	}
	if second, _ := cache.of(other, network.Rule{}); second == first {
		t.Error("another task got the same moments")
	}
	all := &linear.Copy{Task: &linear.Task{Point: task.Point, Batch: 8}}
	m, err := newMoments(all, cache)
	if err != nil {
		t.Fatal(err)
	}
	if m.full == nil {
		t.Error("a batch of all examples is not full-batch training")
	}
}
