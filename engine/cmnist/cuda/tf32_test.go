//go:build gpu

package cuda

import (
	"math"
	"testing"

	"modspec/engine/cmnist"
)

// Tensor cores train to other numbers, and runs in other groups still to the same.
func TestTF32(t *testing.T) {
	needDevice(t)
	j := severalRuns(t, 4)
	float := mustTrain(t, opened(t, Options{}), j)
	b := opened(t, Options{TF32: true})
	if b.Name() != "cuda-tf32" {
		t.Errorf("the backend's name is %q", b.Name())
	}
	want := mustTrain(t, b, j)
	for run := range j.Runs {
		if same(want.last[run].Parameters, float.last[run].Parameters) {
			t.Errorf("run %d ends with the bits of float32", run+1)
		}
		final := func(k *kept) cmnist.Measure { return k.observations[run][len(k.observations[run])-1].Test }
		fine, coarse := final(float), final(want)
		t.Logf("run %d: test errors differ from those of float32 by %.1g and %.1g of themselves", run+1,
			math.Abs(coarse.Compositional/fine.Compositional-1), math.Abs(coarse.NonCompositional/fine.NonCompositional-1))
	}
	b.most = 3
	agree(t, "smaller groups", mustTrain(t, b, j), want)
}
