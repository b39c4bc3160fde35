package programs

import (
	"testing"

	"modspec/engine/program"
	"modspec/engine/program/programtest"
	"modspec/engine/train/cpu/asm"
)

type evaluator struct{ o Options }

func (b evaluator) Roundoff() float64 {
	if b.o.Precision == Float64 {
		return 0x1p-53
	}
	return 0x1p-24
}

func (b evaluator) Evaluate(p *program.Program, at []program.Place) ([][][]float64, error) {
	return Evaluate(p, b.o, at...)
}

// forEachSet runs a test in both precisions on every kernel set of this processor.
func forEachSet(t *testing.T, test func(*testing.T, Options)) {
	for i, k := range asm.Sets[float32]() {
		t.Run(k.Set+"/float32", func(t *testing.T) { test(t, Options{Precision: Float32, set: i}) })
		t.Run(k.Set+"/float64", func(t *testing.T) { test(t, Options{Precision: Float64, set: i}) })
	}
}

func TestSuite(t *testing.T) {
	forEachSet(t, func(t *testing.T, o Options) { programtest.Suite(t, evaluator{o}) })
}
