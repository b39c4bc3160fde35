package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/kind/images"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/tensorboard"
	"modspec/engine/train"
)

// weightsFolder is the folder of the weights of finished runs.
const weightsFolder = "weights"

func weightsPath(dir, id string) string { return filepath.Join(dir, weightsFolder, id+".safetensors") }

// A watchedBackend reports the epochs of the runs that it trains to a watch.
type watchedBackend struct {
	train.Backend
	watch *epochWatch
}

// Train implements train.Backend.
func (b watchedBackend) Train(ctx context.Context, job *train.Job, recorder train.Recorder) error {
	keeper, ok := recorder.(train.Keeper)
	if !ok {
		return fmt.Errorf("the recorder %T takes no checkpoints", recorder)
	}
	if b.watch.f.saveWeights { // the folder says to --resume that they are wanted
		if err := os.MkdirAll(filepath.Join(b.watch.f.out, weightsFolder), 0o777); err != nil {
			return err
		}
	}
	return b.Backend.Train(ctx, job, &watchedRecorder{keeper, b.watch, job, b.Name()})
}

// A watchedRecorder passes what it is given to a watch and to another recorder.
type watchedRecorder struct {
	train.Keeper
	watch   *epochWatch
	job     *train.Job
	backend string
}

// Observe implements train.Recorder.
func (r *watchedRecorder) Observe(run, step int, metrics []float64) error {
	r.watch.epoch(&r.job.Runs[run], step, metrics)
	return r.Keeper.Observe(run, step, metrics)
}

// Finish implements train.Recorder. Weights are written first: what is in the tables has
// its weights.
func (r *watchedRecorder) Finish(run int, end train.End) error {
	if err := r.watch.end(r.job, run, end, r.backend); err != nil {
		return err
	}
	return r.Keeper.Finish(run, end)
}

// An epochWatch shows epochs of networks as they are finished, on the terminal, as lines
// of JSON and as event files, and keeps the weights of finished runs. It keeps its first
// error of event files: a disk that is full of them is no reason to lose the training.
type epochWatch struct {
	f          *cmnistFlags
	out, notes io.Writer
	began      time.Time
	steps      int // of an epoch
	epochs     int
	events     map[string]*tensorboard.Writer // by the run's id
	err        error
}

// watch returns the watch of an experiment.
func (f *cmnistFlags) watch(cmd *cobra.Command, points *space.Space) (*epochWatch, error) {
	w := &epochWatch{f: f, out: cmd.OutOrStdout(), notes: cmd.ErrOrStderr(), began: time.Now(), steps: points.File.Schedule.Every, events: map[string]*tensorboard.Writer{}}
	schema := images.Kind{}.Parameters()
	w.epochs = int(points.Point(0)[schema.Index(train.StepsParameter)].Number) / w.steps
	if f.tensorboard == "" || f.resume {
		return w, nil
	}
	if _, err := store.ReadStatus(f.out); err == nil { // the same command goes on
		return w, nil
	}
	return w, checkEventFolders(f.tensorboard, eventFolders(points)...)
}

// eventFolders are the names of the folders of event files of all runs.
func eventFolders(points *space.Space) []string {
	var list []string
	for i := range points.Len() {
		for seed := range points.File.Seeds.Len() {
			list = append(list, eventFolder(points.Point(i), points.File.Seeds.At(seed)))
		}
	}
	return list
}

// eventFolder is the name of the folder of a run's event files: towers have the run's
// number under which randomness is drawn in place of a long text.
func eventFolder(parameters []results.Value, seed uint64) string {
	arch := parameters[images.Kind{}.Parameters().Index("arch")].Text
	return eventRun(fmt.Sprintf("%s-%d", fileName.Replace(arch), seed), fmt.Sprintf("%016x", train.PointHash(images.Kind{}, parameters)), false)
}

// epoch shows what was measured of a run after a step.
func (w *epochWatch) epoch(run *train.Run, step int, metrics []float64) {
	parameters, seed := run.Model.Parameters(), run.Stream.Seed
	w.event(parameters, seed, step, metrics)
	if run.From != nil && step < run.From.Step {
		return // an earlier process has shown it
	}
	schema := images.Kind{}.Metrics()
	arch := parameters[images.Kind{}.Parameters().Index("arch")].Text
	if w.f.json {
		w.line(arch, seed, step, kindRow{step, schema.Names(), metrics})
		return
	}
	of := func(name string) float64 { return metrics[schema.Index(name)] }
	fmt.Fprintf(w.notes, "%7s  %-8s seed %d, epoch %d of %d: compositional error %.4f train, %.4f test; non-compositional %.4f test; digits %.3f, number %.3f\n",
		precise(time.Since(w.began).Seconds()), arch, seed, step/w.steps, w.epochs,
		of("train_compositional"), of("test_compositional"), of("test_non_compositional"), of("test_all_digits"), of("test_number"))
}

// line prints a line of JSON: architecture, seed, epoch, and the fields of row. A line
// that cannot be written is no reason to lose the run; what reads the lines sees that
// they end.
func (w *epochWatch) line(arch string, seed uint64, step int, row any) {
	own, _ := json.Marshal(struct {
		Arch  string `json:"arch"`
		Seed  uint64 `json:"seed"`
		Epoch int    `json:"epoch"`
	}{arch, seed, step / w.steps})
	rest, err := json.Marshal(row)
	if err == nil {
		fmt.Fprintf(w.out, "%s,%s\n", strings.TrimSuffix(string(own), "}"), strings.TrimPrefix(string(rest), "{"))
	}
}

// event writes the metrics of an epoch as event files. A run that goes on is written from
// its beginning, and TensorBoard drops what it had of it.
func (w *epochWatch) event(parameters []results.Value, seed uint64, step int, metrics []float64) {
	if w.f.tensorboard == "" || w.err != nil {
		return
	}
	name := eventFolder(parameters, seed)
	to := w.events[name]
	if to == nil {
		if to, w.err = tensorboard.Open(filepath.Join(w.f.tensorboard, name)); w.err != nil {
			return
		}
		w.events[name] = to
		to.Start(step / w.steps)
	}
	var list []tensorboard.Scalar
	for i, c := range (images.Kind{}).Metrics() {
		if !strings.Contains(c.Name, "_digit") && metrics[i] == metrics[i] {
			list = append(list, tensorboard.Scalar{Tag: imagesTag(c.Name), Value: metrics[i]})
		}
	}
	to.Scalars(step/w.steps, list...)
	w.err = to.Flush() // so that TensorBoard shows the epoch now
}

// imagesTag turns a metric into the name of a curve, so that those of one kind are shown
// together: test_compositional into error/test_compositional.
func imagesTag(metric string) string {
	switch {
	case strings.HasSuffix(metric, "compositional"):
		return "error/" + metric
	case strings.HasSuffix(metric, "_number") || strings.HasSuffix(metric, "_all_digits"):
		return "accuracy/" + metric
	}
	return "systematicity/" + metric
}

// end reports a run that has ended, and keeps its weights if they are wanted.
func (w *epochWatch) end(job *train.Job, run int, end train.End, backend string) error {
	r := &job.Runs[run]
	arch := r.Model.Parameters()[images.Kind{}.Parameters().Index("arch")].Text
	if end.Diverged {
		if w.f.json {
			w.line(arch, r.Stream.Seed, end.Step, struct {
				Step     int  `json:"step"`
				Diverged bool `json:"diverged"`
			}{end.Step, true})
		} else {
			fmt.Fprintf(w.notes, "%7s  %-8s seed %d diverged at step %d\n", precise(time.Since(w.began).Seconds()), arch, r.Stream.Seed, end.Step)
		}
		return nil
	}
	if !w.f.saveWeights {
		return nil
	}
	out := newKindOutput(&kindFlags{kind: job.Kind, seed: r.Stream.Seed, precision: job.Precision}, r.Model, backend)
	if err := out.Finish(run, end); err != nil {
		return err
	}
	id := space.CopyID(job.Kind, r.Model.Parameters(), job.Precision, r.Stream.Seed)
	return results.WriteOutput(weightsPath(w.f.out, id.String()), func(to io.Writer) error { return out.writeWeights(to, r.Model) })
}

// close ends the files and returns the first error.
func (w *epochWatch) close() error {
	for _, name := range slices.Sorted(maps.Keys(w.events)) {
		if err := w.events[name].Close(); w.err == nil {
			w.err = err
		}
	}
	if w.err != nil {
		return fmt.Errorf("event files: %w", w.err)
	}
	return nil
}
