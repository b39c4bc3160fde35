package runner

import (
	"testing"

	"modspec/engine/program"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// The steps of a long run are counted while it is in training, each once, and those of
// an earlier process never.
func TestStepsAreCountedInBetween(t *testing.T) {
	for _, before := range []int{0, 500} {
		run := train.Run{}
		if before > 0 {
			run.From = &train.Checkpoint{Checkpoint: program.Checkpoint{Step: before}}
		}
		job := &train.Job{Kind: traintest.Toy{}, Steps: 1000, Schedule: train.Schedule{Every: 10}, Runs: []train.Run{run}}
		finished := make(chan *store.Row, 1)
		var counts counts
		r := newRecorder(&space.Chunk{Job: job, Copies: make([]space.Identity, 1)}, []int{0}, true, finished, new(waiting), &counts)
		r.rounds = newRounds(1)
		for step := 0; step <= 990; step += 10 {
			if err := r.Observe(0, step, nil); err != nil {
				t.Fatal(err)
			}
			done, counted := int64(max(0, step-before)), counts.steps.Load()
			if counted > done || counted < done-countedSteps {
				t.Fatalf("begun at step %d: %d steps are counted of %d", before, counted, done)
			}
		}
		if err := r.Finish(0, train.End{Step: 1000}); err != nil {
			t.Fatal(err)
		}
		if counted := counts.steps.Load(); counted != int64(1000-before) {
			t.Errorf("begun at step %d: %d steps are counted at the end", before, counted)
		}
	}
}
