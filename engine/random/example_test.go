package random_test

import (
	"fmt"

	"modspec/engine/random"
)

// The weights of a layer may be filled at once or looked at one by one, in any
// order.
func ExampleStream_Normals() {
	stream := random.Stream{Seed: 1, Point: 42}
	w1 := make([]float64, 6) // 2 × 3, row-major
	stream.Normals(w1, 0)
	fmt.Printf("%.6f\n", w1[4])
	fmt.Printf("%.6f\n", stream.Normal(0, 4))
	// Output:
	// 2.479116
	// 2.479116
}

// An epoch's order is a function of the epoch, so a resumed run needs no
// history.
func ExampleStream_Permutation() {
	stream := random.Stream{Seed: 1, Point: 42}
	for epoch := range uint32(3) {
		fmt.Println(stream.Permutation(8, epoch))
	}
	// Output:
	// [6 2 0 1 3 5 4 7]
	// [0 5 1 6 2 7 4 3]
	// [1 7 5 2 3 4 6 0]
}
