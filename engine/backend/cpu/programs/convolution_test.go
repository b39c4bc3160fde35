package programs

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"modspec/engine/program"
)

// TestSharedConvolutions: convolutions that are large enough to be shared have the same
// bits on any number of threads and on every kernel set.
func TestSharedConvolutions(t *testing.T) {
	had := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(had)
	image, window, result := []int{1, 11, 30, 31}, []int{27, 11, 4, 5}, []int{1, 27, 27, 27}
	if program.Size(window)*result[2]*result[3] < leastShared {
		t.Fatal("the convolution is too small to be shared")
	}
	r := rand.New(rand.NewPCG(17, 18))
	d := program.NewDraft()
	b := d.Observe
	var at program.Place
	var in []program.Value
	for i, shape := range [][]int{image, window, result} {
		in = append(in, b.Read(d.State(fmt.Sprint("x", i), d.Start.Zeros(shape...))))
		data := make([]float64, program.Size(shape))
		for k := range data {
			data[k] = float64(float32(r.NormFloat64()))
		}
		at.Variables = append(at.Variables, data)
	}
	b.Output("result", b.Conv2D(in[0], in[1]))
	b.Output("image", b.Conv2DInput(in[2], in[1]))
	b.Output("window", b.Conv2DWeights(in[0], in[2]))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	want := map[Precision][][]float64{}
	forEachSet(t, func(t *testing.T, o Options) {
		for _, o.Threads = range []int{1, 2, 3} {
			got, err := Evaluate(p, o, at)
			if err != nil {
				t.Fatal(err)
			}
			if want[o.Precision] == nil {
				want[o.Precision] = got[0]
			}
			same(t, fmt.Sprintf("%d threads", o.Threads), got[0], want[o.Precision])
		}
	})
}
