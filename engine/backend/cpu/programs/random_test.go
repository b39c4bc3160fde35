package programs

import (
	"math/rand/v2"
	"testing"

	"modspec/engine/program"
	"modspec/engine/program/programtest"
	"modspec/engine/random"
)

// TestRandomSteps trains random trainings: variables that are overwritten as soon as
// nothing reads their old value are those of the step's program.
func TestRandomSteps(t *testing.T) {
	trainings := uint64(60)
	if testing.Short() {
		trainings = 10
	}
	for seed := range trainings {
		training, err := programtest.Random(rand.New(rand.NewPCG(seed, 9)))
		if err != nil {
			t.Fatal(err)
		}
		place := program.Place{Run: program.Run{Streams: []random.Stream{{Seed: seed}}, Settings: []float64{0.5}}}
		forEachSet(t, func(t *testing.T, o Options) {
			place.Variables = train(t, training, o, 0, nil, place.Run).variables[0]
			next := train(t, training, o, 1, nil, place.Run).variables[0]
			if err := programtest.Compare(training.Step, place, next, evaluator{o}.Roundoff()); err != nil {
				t.Fatalf("training %d: %v", seed, err)
			}
		})
	}
}
