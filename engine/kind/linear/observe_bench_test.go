package linear_test

import (
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"

	"gonum.org/v1/gonum/mat"
)

// BenchmarkObserve times one observation in the paper's dense setting.
func BenchmarkObserve(b *testing.B) {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	arch := network.Dense(50)
	w, err := network.Initial(arch, p, random.Stream{Seed: 1}, 0.01)
	if err != nil {
		b.Fatal(err)
	}
	observer, err := linear.NewObserver(&linear.Task{Point: p}, arch)
	if err != nil {
		b.Fatal(err)
	}
	maps := []*mat.Dense{w.ModuleMap(0)}
	for b.Loop() {
		observer.Observe(0, maps)
	}
}
