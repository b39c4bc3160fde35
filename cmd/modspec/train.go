package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/names"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/theory"
	"modspec/engine/train"
)

// trainFlags are the flags of modspec train.
type trainFlags struct {
	point           pointFlags
	network         networkFlags
	rule            ruleFlags
	lr, initScale   float64
	steps           int
	record          recordFlags
	examples, batch int
	seed            uint64
	backendFlags
	precision            string
	weights, saveWeights string
	tensorboard          string
	json                 bool
}

// newTrain returns the command that trains one linear network, and under it a command
// for each kind.
func newTrain() *cobra.Command {
	cmd := newTrainLinear("train")
	cmd.Short = "Train one network: linear, beside theory, or of another kind"
	cmd.Long += `

Networks of other kinds have commands of their own, such as those below; modspec
kinds says what each kind is and has. The kind linear is this command.`
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return badInput(names.Unknown("kind", args[0], kindNames()))
		}
		return nil
	}
	for _, k := range kinds {
		below := newTrainLinear(k.Name())
		if k.Name() != train.DefaultKind {
			below = newTrainKind(k)
		}
		below.Args = noArguments
		cmd.AddCommand(below)
	}
	return cmd
}

// newTrainLinear returns a command that trains a linear network.
func newTrainLinear(use string) *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   use,
		Short: "Train a linear network on one dataset and show it beside theory",
		Long: `Train one network on one dataset and record its loss, the four quadrants of its
map, its mode strengths and its systematicity, with theory's prediction beside
them where there is one. The defaults are the paper's dense experiment.

The loss is ½ · mean over examples of ‖y − ŷ‖²; --lr is η of that mean, the
paper's step_size times the number of examples. Step 0 and the last step are
always recorded. The architecture partitioned is omega>omega; gamma>gamma.

In JSON, quadrants are squared Frobenius norms, named input_output, and "modes"
are listed as the table "modes" describes them; the tables show norms.`,
		Example: `  modspec train --arch dense --steps 300 --record-every 10
  modspec train --arch split --init-scale 0.002 --seed 7 --json
  modspec train --rule contrastive-hebbian --lr 0.04 --steps 1500
  modspec train --arch partitioned --train-examples 3 --save-weights w.json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.point.add(flags)
	f.network.add(flags, "dense")
	f.rule.add(flags)
	numberVar(flags, &f.lr, "lr", 0.16, "learning rate η; the paper's step_size times the number of examples")
	numberVar(flags, &f.steps, "steps", 300, "updates")
	f.record.add(flags)
	numberVar(flags, &f.examples, "train-examples", 0, "train on the first so many examples and test on the rest (default: train on all)")
	numberVar(flags, &f.batch, "batch", 0, "examples in a step (default: all training examples)")
	numberVar(flags, &f.initScale, "init-scale", 0.0002, fmt.Sprintf("σ, standard deviation of the initial weights, 0 or %g to %g", network.MinScale, network.MaxScale))
	numberVar(flags, &f.seed, "seed", 0, "seed of the initial weights and batch orders; other parameters draw other weights (--weights fixes them)")
	f.backendFlags.add(flags, "reference")
	flags.StringVar(&f.precision, "precision", "float64", "float64, or float32 with --backend cpu or cuda")
	flags.StringVar(&f.weights, "weights", "", `file with the initial weights, {"modules":[{"w1":[[…]],"w2":[[…]]}]}`)
	flags.StringVar(&f.saveWeights, "save-weights", "", "file to write the weights after the last step to, in the same form")
	flags.StringVar(&f.tensorboard, "tensorboard", "", "folder for event files that TensorBoard shows: the simulation, and theory beside it")
	flags.BoolVar(&f.json, "json", false, "print JSON instead of tables")
	return cmd
}

func (f *trainFlags) run(cmd *cobra.Command) error {
	if err := checkGiven(cmd.Flags(), "weights", "save-weights", "modules", "tensorboard"); err != nil {
		return err
	}
	job, err := f.job(cmd)
	if err != nil {
		return err
	}
	backend, err := f.open(f.precision)
	if err != nil {
		return badInput(err)
	}
	defer backend.Close()
	// An unwritable weights file is found out before the training, not after.
	if f.saveWeights != "" {
		if err := checkWritable(f.saveWeights); err != nil {
			return badInput(err)
		}
	}
	if f.tensorboard != "" {
		if err := checkEventFolders(f.tensorboard, simulationRun, theoryRun); err != nil {
			return badInput(err)
		}
	}
	runs, err := linear.Collect(cmd.Context(), backend, job)
	if errors.Is(err, errors.ErrUnsupported) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	out, err := newTrainOutput(job, runs[0], backend.Name())
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
	} else {
		out.print(cmd.OutOrStdout())
	}
	if err != nil {
		return err
	}
	if f.tensorboard != "" {
		if err := out.writeEvents(f.tensorboard, results.CommandLine(os.Args)); err != nil {
			return err
		}
	}
	if final := runs[0].Final; final.Diverged {
		return diverged(final.Step, "the map is", f.remedy(cmd, job, runs[0]), f.saveWeights)
	}
	if f.saveWeights == "" {
		return nil
	}
	return results.WriteOutput(f.saveWeights, func(w io.Writer) error { return network.WriteWeights(w, runs[0].Final.Weights) })
}

// diverged returns the error of a training that diverged: what is no longer finite, what
// to do, and which file of weights is not written for it.
func diverged(step int, what, remedy, unsaved string) error {
	if unsaved != "" {
		unsaved = "; " + unsaved + " is not written"
	}
	return exitError{exitDiverged, fmt.Errorf("training diverged at step %d: %s no longer finite%s; use %s", step, what, unsaved, remedy)}
}

// checkGiven returns an error for the first of the flags that is given an empty value.
// That is usually a shell variable that was not set; training without the file would
// lose its result.
func checkGiven(flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		if flag := flags.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return badInput(fmt.Errorf("--%s is empty; give it a value, or leave it out", name))
		}
	}
	return nil
}

// remedy says which flag made a training diverge: the initial weights, where the
// network answered more than the labels before its first update, else the learning
// rate. A network without hidden layer is linear in its weights, so its initial weights
// are the cause only if they have no finite loss.
func (f *trainFlags) remedy(cmd *cobra.Command, job *linear.Job, run linear.Run) string {
	deep := slices.ContainsFunc(job.Architecture.Modules, func(m network.Module) bool { return len(m.Hidden) > 0 })
	omega, gamma := theory.Unlearned(job.Copies[0].Task.Point, nil) // the loss of the answer 0
	switch {
	case f.lr > 0 && len(run.Trajectory) > 0 && !(deep && answersMore(run.Trajectory[0].Train.Total, omega+gamma)):
		remedy := fmt.Sprintf("a smaller --lr than %g", f.lr)
		for _, strength := range []string{"gamma", "beta"} {
			if flag := cmd.Flags().Lookup(strength); flag.Changed {
				remedy += fmt.Sprintf(" or a --%s nearer to 0 than %v", strength, flag.Value)
			}
		}
		return remedy
	case f.weights != "":
		return "smaller weights than those in " + f.weights
	}
	return fmt.Sprintf("a smaller --init-scale than %g", f.initScale)
}

// beginsWith reports whether a file holds a text at a place.
func beginsWith(path string, at int64, text string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	found := make([]byte, len(text))
	_, err = file.ReadAt(found, at)
	return err == nil && string(found) == text
}

// checkWritable returns an error if a file cannot be made at path. It leaves
// nothing behind.
func checkWritable(path string) error {
	// The file is put in place by a rename, which would replace a link or a device.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("cannot write %s: it is a folder; name a file", path)
		}
		return fmt.Errorf("cannot write %s: it is a link or a device, which would be replaced; name a file", path)
	}
	if err := probe(filepath.Dir(path)); err != nil {
		return fmt.Errorf("cannot write %s: %w; choose a folder that exists and can be written to", path, errNo(err))
	}
	return nil
}

// probe makes a file in a folder and removes it.
func probe(dir string) error {
	file, err := os.CreateTemp(dir, ".modspec-probe-*")
	if err != nil {
		return err
	}
	file.Close()
	return os.Remove(file.Name())
}

// job returns the job that the flags name, checked.
func (f *trainFlags) job(cmd *cobra.Command) (*linear.Job, error) {
	p, err := f.point.point()
	if err != nil {
		return nil, err
	}
	arch, err := f.network.architecture(p)
	if err != nil {
		return nil, err
	}
	rule, err := f.rule.rule()
	if err != nil {
		return nil, err
	}
	if f.steps < 0 || f.steps > maxSteps {
		return nil, badInput(fmt.Errorf("--steps is %d, but must be 0 to %d", f.steps, maxSteps))
	}
	schedule, err := f.record.schedule()
	if err != nil {
		return nil, badInput(err)
	}
	task := &linear.Task{Point: p, Batch: f.batch}
	if cmd.Flags().Changed("batch") && f.batch < 1 {
		return nil, badInput(fmt.Errorf("--batch is %d, but must be 1 or more examples", f.batch))
	}
	if cmd.Flags().Changed("train-examples") {
		if task.Examples, err = p.FirstExamples(f.examples); err != nil {
			return nil, badInput(fmt.Errorf("--train-examples: %w", err))
		}
	}
	if err := network.CheckScale(f.initScale); err != nil {
		return nil, badInput(fmt.Errorf("--init-scale: %w", err))
	}
	c := linear.Copy{Task: task, Rule: rule, LearningRate: f.lr, InitScale: f.initScale}
	if c.Stream, err = f.stream(c); err != nil {
		return nil, badInput(err)
	}
	if f.weights != "" {
		c.Weights, err = interruptible(cmd.Context(), func() (*network.Weights, error) { return readWeights(f.weights, arch, p) })
		if err != nil {
			return nil, badInput(err)
		}
	}
	job := &linear.Job{Architecture: arch, Steps: f.steps, Schedule: schedule, Copies: []linear.Copy{c}}
	return job, badInput(job.Check())
}

// stream returns the randomness that a sweep's copy of the same parameters and
// seed has, so that train shows any copy of a sweep, to the last bit.
func (f *trainFlags) stream(c linear.Copy) (random.Stream, error) {
	arch, err := f.network.parse()
	if err != nil {
		return random.Stream{}, err
	}
	parameters, err := model.Describe(arch, &c, f.steps)
	if err != nil {
		return random.Stream{}, err
	}
	return train.Stream(model.Kind, parameters, f.seed), nil
}

// recordFlags say when a run is recorded.
type recordFlags struct {
	every, perDecade int
	set              *pflag.FlagSet
}

func (f *recordFlags) add(set *pflag.FlagSet) {
	f.set = set
	numberVar(set, &f.every, "record-every", 10, "steps between two recordings")
	numberVar(set, &f.perDecade, "record-per-decade", 0, "recordings in each tenfold of steps, instead of --record-every")
}

func (f *recordFlags) schedule() (train.Schedule, error) {
	if !f.set.Changed("record-per-decade") {
		if f.every < 1 {
			return train.Schedule{}, fmt.Errorf("--record-every is %d, but must be 1 or more", f.every)
		}
		return train.Schedule{Every: f.every}, nil
	}
	if f.set.Changed("record-every") {
		return train.Schedule{}, fmt.Errorf("--record-every and --record-per-decade both say when to record; give one of them")
	}
	if f.perDecade < 1 {
		return train.Schedule{}, fmt.Errorf("--record-per-decade is %d, but must be 1 or more", f.perDecade)
	}
	return train.Schedule{PerDecade: f.perDecade}, nil
}

func readWeights(path string, arch network.Architecture, p dataset.Point) (*network.Weights, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, errNo(err))
	}
	defer file.Close()
	w, err := network.ReadWeights(file, arch, p)
	if err != nil && beginsWith(path, 8, "{") { // after the length of the header
		return nil, fmt.Errorf(`%s is safetensors, but must be JSON, {"modules":[{"w1":[[…]],"w2":[[…]]}]}, as --save-weights writes it for linear networks`, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}
