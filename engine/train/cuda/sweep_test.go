//go:build gpu

package cuda

import (
	"context"
	"strings"
	"testing"
	"time"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// interruptedSweep is a sweep of networks of several shapes, of which one rate diverges.
const interruptedSweep = `
name: interrupted
method: grid
seeds: 5
steps: 30
record: {every: 3}
precision: float32
skip_invalid: true
parameters:
  bits: {value: 2}
  kx: {value: 1}
  ny: {values: [0, 1]}
  hidden: {value: 3}
  arch: {values: [dense, split, shallow]}
  lr: {values: [0.2, 400]}
  init_scale: {value: 0.3}
`

// A sweep whose device fails in the middle ends with an error that says so; started
// again it goes on, and leaves what a sweep leaves that nothing happened to. Both are
// of last observations and passages, or of whole trajectories.
func TestASweepGoesOnAfterADeviceFailed(t *testing.T) {
	needStandIn(t)
	file, err := spec.Parse("interrupted.yaml", []byte(interruptedSweep), []train.Kind{model.Kind})
	if err != nil {
		t.Fatal(err)
	}
	points, err := space.Enumerate(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	for _, trajectories := range []bool{false, true} {
		train := func(dir string) error {
			b, err := Open(Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = runner.Run(context.Background(), runner.Options{
				Dir: dir, Sweep: store.SweepOf(points, trajectories),
				Chunks: points.Chunks(func(*space.Group) int { return 4 }), Copy: points.Copy, Backend: model.Backend(b),
				Provenance: results.NewProvenance(b.Name(), file.Precision, []string{"modspec"}, time.Now()), PartRows: 8,
			})
			if closing := b.Close(); closing != nil {
				t.Errorf("closing: %v", closing)
			}
			return err
		}
		digest := func(dir string) store.ResultsDigest {
			d, err := store.Digest(dir)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		whole, dir := t.TempDir(), t.TempDir()
		if err := train(whole); err != nil {
			t.Fatal(err)
		}
		for _, launch := range []string{"9", "17"} {
			t.Setenv("MODSPEC_STANDIN_FAIL_LAUNCH", launch)
			if err := train(dir); err == nil || !strings.Contains(err.Error(), "a launch failed") {
				t.Errorf("launch %s fails, and the error is %v", launch, err)
			}
		}
		t.Setenv("MODSPEC_STANDIN_FAIL_LAUNCH", "")
		if err := train(dir); err != nil {
			t.Fatal(err)
		}
		if got, want := digest(dir), digest(whole); got != want {
			t.Errorf("trajectories %v: the results have digest %v, want %v", trajectories, got, want)
		}
	}
}
