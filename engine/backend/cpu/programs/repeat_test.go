package programs

import (
	"testing"

	"modspec/engine/program"
)

// A value repeated any number of times, so that a chunk meets one, two or several of
// them, in part or whole. Sums of whole numbers of at most 7 digits are exact.
func TestRepeatedValues(t *testing.T) {
	forEachSet(t, func(t *testing.T, o Options) {
		for _, each := range []int{1, 17, 500, 511, 513, 683, 684, 760, chunk - 1, chunk, chunk + 1, 2*chunk + 3} {
			const values = 7
			list, all := make([]float64, values), make([]float64, values*each)
			for i := range list {
				list[i] = float64(10000 * (i + 1))
			}
			for i := range all {
				all[i] = float64(i % 9001)
			}
			b := program.NewBuilder()
			b.Output("sum", b.Add(b.Constant(all, values, each), b.Broadcast(b.Constant(list, values), 1, each)))
			p, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			got, err := Evaluate(p, o, program.Place{})
			if err != nil {
				t.Fatalf("%d times: %v", each, err)
			}
			for i, v := range got[0][0] {
				if want := all[i] + list[i/each]; v != want {
					t.Fatalf("%d times: element %d is %v, want %v", each, i, v, want)
				}
			}
		}
	})
}
