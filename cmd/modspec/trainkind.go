package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"modspec/engine/names"
	"modspec/engine/program"
	"modspec/engine/results"
	"modspec/engine/safetensors"
	"modspec/engine/sweep/plan"
	"modspec/engine/tensorboard"
	"modspec/engine/train"
)

// kindFlags are the flags of modspec train KIND.
type kindFlags struct {
	kind    train.Kind
	setting train.Setting
	seed    uint64
	record  recordFlags
	backendFlags
	precision                     string
	weights, batches, saveWeights string
	tensorboard                   string
	metrics                       []string
	json                          bool
}

// newTrainKind returns the command that trains a network of a kind. Its flags are the
// parameters of the kind's schema, and those that all kinds have.
func newTrainKind(k train.Kind) *cobra.Command {
	f := kindFlags{kind: k}
	cmd := &cobra.Command{
		Use:   k.Name(),
		Short: "Train a network of the kind " + k.Name(),
		Long: fmt.Sprintf(`Train one network of the kind %s:
%s.

The metrics are shown at the recorded steps; step 0 and the last are always
recorded. "modspec kinds %[1]s" says what each of them is, and names the tensors
of the files.

--save-weights writes every variable after the last step, the optimizer's too,
as safetensors. --weights reads the parameters by the same names in place of
drawing them, and variables that no step changes, where the file has them; an
optimizer begins anew. --batches reads every input of the task in place of
drawing it: a tensor for each name, whose first axis is the step. Inputs that
are measured have one value more, for the recording after the last step. Files
are of float32 or float64, classes and indices too, from any program.`, k.Name(), k.Doc()),
		Example: fmt.Sprintf(`  modspec train %[1]s
  modspec train %[1]s --steps 100 --seed 7 --json
  modspec train %[1]s --steps 100 --save-weights w.safetensors
  modspec train %[1]s --steps 100 --weights w.safetensors`, k.Name()),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	var err error
	if f.setting, err = train.NewSetting(k); err != nil {
		panic(err) // run checks every kind
	}
	addParameters(flags, k, &f.setting)
	numberVar(flags, &f.seed, "seed", 0, "seed of the initial weights, and of all else that the run draws itself; other parameters draw other numbers")
	f.record.add(flags)
	f.backendFlags.add(flags, "cpu")
	f.addTF32(flags)
	flags.StringVar(&f.precision, "precision", "", "float32 or float64 (default: float32, and float64 with --backend reference)")
	flags.StringVar(&f.weights, "weights", "", "safetensors file with the initial parameters")
	flags.StringVar(&f.batches, "batches", "", "safetensors file with the inputs of every step")
	flags.StringVar(&f.saveWeights, "save-weights", "", "safetensors file to write the variables after the last step to")
	flags.StringSliceVar(&f.metrics, "metrics", nil, "metrics that the table shows, by name (default: all that the run has)")
	offered := func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return offerList(k.Metrics().Names(), begun), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("metrics", offered); err != nil {
		panic(err) // a flag of this command, once
	}
	flags.StringVar(&f.tensorboard, "tensorboard", "", "folder for event files that TensorBoard shows")
	flags.BoolVar(&f.json, "json", false, "print JSON with all metrics instead of a table")
	return cmd
}

func (f *kindFlags) run(cmd *cobra.Command) error {
	if !cmd.Flags().Changed("precision") {
		f.precision = "float32"
		if f.backend == "reference" {
			f.precision = "float64"
		}
	}
	if err := checkGiven(cmd.Flags(), "weights", "batches", "save-weights", "tensorboard"); err != nil {
		return err
	}
	model, err := f.model(cmd.Context())
	if err != nil {
		return badInput(err)
	}
	schedule, err := f.record.schedule()
	if err != nil {
		return badInput(err)
	}
	if cmd.Flags().Changed("metrics") && len(f.metrics) == 0 {
		return badInput(fmt.Errorf("--metrics is empty; give it names of metrics, or leave it out"))
	}
	for _, name := range f.metrics {
		if f.kind.Metrics().Index(name) < 0 {
			return badInput(fmt.Errorf("--metrics: %w", names.Unknown("metric", name, f.kind.Metrics().Names())))
		}
	}
	run := train.Run{Model: model, Stream: train.Stream(f.kind, model.Parameters(), f.seed)}
	job := &train.Job{Kind: f.kind, Precision: f.precision, Steps: model.Steps(), Schedule: schedule, Runs: []train.Run{run}}
	if err := job.Check(); err != nil {
		return badInput(err)
	}
	backend, err := f.openKinds(f.precision)
	if err != nil {
		return badInput(err)
	}
	defer backend.Close()
	if err := plan.CheckRun(job, planOptions(f.backend, f.precision)); err != nil {
		return badInput(err)
	}
	if f.saveWeights != "" {
		if err := checkWritable(f.saveWeights); err != nil {
			return badInput(err)
		}
	}
	if f.tensorboard != "" {
		if err := checkEventFolders(f.tensorboard, simulationRun); err != nil {
			return badInput(err)
		}
	}
	out := newKindOutput(f, model, backend.Name())
	err = backend.Train(cmd.Context(), job, out)
	if errors.Is(err, errors.ErrUnsupported) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
	} else {
		out.print(cmd.OutOrStdout(), f.metrics)
	}
	if err != nil {
		return err
	}
	if f.tensorboard != "" {
		if err := out.writeEvents(f.tensorboard, results.CommandLine(os.Args)); err != nil {
			return err
		}
	}
	if out.Diverged {
		return diverged(out.Steps, "the weights are", f.remedy(out), f.saveWeights)
	}
	if f.saveWeights == "" {
		return nil
	}
	return results.WriteOutput(f.saveWeights, func(w io.Writer) error { return out.writeWeights(w, model) })
}

// model resolves the parameters, and replaces draws by files.
func (f *kindFlags) model(ctx context.Context) (train.Model, error) {
	if err := checkSetting(f.kind, f.setting); err != nil {
		return nil, err
	}
	model, err := f.kind.Resolve(f.setting)
	if err != nil {
		return nil, err
	}
	if err := checkUsed(f.kind, f.setting, model); err != nil {
		return nil, err
	}
	t, err := model.Program()
	if err != nil || f.weights == "" && f.batches == "" {
		return model, err
	}
	if f.weights != "" {
		size := 0
		for _, v := range t.Variables {
			size += program.Size(v.Shape)
		}
		// Twice what fits, so that a file of another network is refused because of its
		// names.
		given, err := readTensors(ctx, f.weights, 16*int64(size)+1<<20)
		if err == nil {
			t, err = program.WithInitial(t, given)
		}
		if err == nil {
			err = f.checkPrecision("variable", given)
		}
		if err != nil {
			return nil, f.fileError(f.weights, err)
		}
	}
	if f.batches != "" {
		given, err := readTensors(ctx, f.batches, maxBatches)
		if err == nil {
			t, err = program.WithTables(t, given, model.Steps())
		}
		if err == nil {
			err = f.checkPrecision("input", given)
		}
		if err != nil {
			return nil, f.fileError(f.batches, err)
		}
	}
	return &givenModel{model, t}, nil
}

// checkPrecision returns an error for the first number that the precision cannot hold.
func (f *kindFlags) checkPrecision(what string, given map[string]program.Tensor) error {
	if f.precision != "float32" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := given[name].CheckFloat32(fmt.Sprintf("the %s %q", what, name)); err != nil {
			return fmt.Errorf("%w; give smaller numbers, or --precision float64", err)
		}
	}
	return nil
}

// maxBatches bounds the numbers of a file of batches, in bytes.
const maxBatches = 8 << 30

// A givenModel is a model whose program takes numbers from files.
type givenModel struct {
	train.Model
	training *program.Training
}

func (m *givenModel) Program() (*program.Training, error) { return m.training, nil }

// A foreignError names its file itself.
type foreignError struct{ error }

func (e foreignError) Unwrap() error { return e.error }

// fileError puts a file's name before what is wrong with its tensors.
func (f *kindFlags) fileError(path string, err error) error {
	var named foreignError
	var unknown *program.UnknownNameError
	switch {
	case errors.As(err, &named) || errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &unknown):
		err = fmt.Errorf("%w; modspec kinds %s lists them", err, f.kind.Name())
	}
	return fmt.Errorf("%s: %w", path, err)
}

// readTensors reads a file of tensors of any program.
func readTensors(ctx context.Context, path string, most int64) (map[string]program.Tensor, error) {
	file, err := interruptible(ctx, func() (safetensors.File, error) { return safetensors.ReadAny(path, most) })
	var system *os.PathError
	switch {
	case errors.As(err, &system):
		return nil, foreignError{fmt.Errorf("cannot read %s: %w", path, system.Err)}
	case err != nil && beginsWith(path, 0, "{"):
		return nil, foreignError{fmt.Errorf("%s is JSON, but must be safetensors, as --save-weights writes it", path)}
	case err != nil:
		return nil, foreignError{err}
	}
	out := map[string]program.Tensor{}
	for name, x := range file.Tensors {
		out[name] = program.Tensor(x)
	}
	return out, nil
}

// remedy says what may have made a training diverge: the initial weights, where not
// even their metrics were finite, else the learning rate, by the names that kinds give
// them; and the batches, where a file gives them. A parameter that is 0 is not named.
func (f *kindFlags) remedy(out *kindOutput) string {
	parameter, file := "lr", ""
	if out.Steps == 0 || slices.ContainsFunc(out.Trajectory[0].metrics, func(v float64) bool { return math.IsInf(v, 0) }) {
		parameter, file = "init_scale", f.weights
	}
	var list []string
	at := f.kind.Parameters().Index(parameter)
	switch {
	case file != "":
		list = append(list, "smaller weights than those in "+file)
	case at >= 0 && f.setting.Values[at].Number > 0:
		list = append(list, fmt.Sprintf("a smaller --%s than %s", flagName(parameter), train.ValueText(f.setting.Values[at])))
	}
	if f.batches != "" {
		list = append(list, "smaller numbers than those in "+f.batches)
	}
	if list == nil {
		return "other parameters"
	}
	return strings.Join(list, " or ")
}

// A kindOutput is what modspec train KIND prints. It records one run.
type kindOutput struct {
	Kind       string         `json:"kind"`
	Version    string         `json:"version"`
	Backend    string         `json:"backend"`
	Precision  string         `json:"precision"`
	Seed       uint64         `json:"seed"`
	Parameters map[string]any `json:"parameters"` // resolved, without words that stand for numbers
	Weights    string         `json:"weights,omitempty"`
	Batches    string         `json:"batches,omitempty"`
	Steps      int            `json:"steps"` // steps done
	Diverged   bool           `json:"diverged"`
	Trajectory []kindRow      `json:"trajectory"`

	metrics   results.Schema
	names     []string // of the metrics
	heading   string
	variables [][]float64
}

// A kindRow is the metrics at a recorded step. Its JSON form is an object of step and
// the metrics by name.
type kindRow struct {
	step    int
	names   []string
	metrics []float64
}

// MarshalJSON implements json.Marshaler; the order of the columns is that of the schema.
func (r kindRow) MarshalJSON() ([]byte, error) {
	out := strconv.AppendInt([]byte(`{"step":`), int64(r.step), 10)
	for i, name := range r.names {
		value, err := results.Number(r.metrics[i]).MarshalJSON()
		if err != nil {
			return nil, err
		}
		out = append(append(strconv.AppendQuote(append(out, ','), name), ':'), value...)
	}
	return append(out, '}'), nil
}

func newKindOutput(f *kindFlags, m train.Model, backend string) *kindOutput {
	out := &kindOutput{
		Kind: f.kind.Name(), Version: version(), Backend: backend, Precision: f.precision, Seed: f.seed, Parameters: map[string]any{},
		Weights: f.weights, Batches: f.batches, Trajectory: []kindRow{}, metrics: f.kind.Metrics(), names: f.kind.Metrics().Names(),
	}
	out.heading = out.Kind + " network"
	for i, c := range f.kind.Parameters() {
		v := m.Parameters()[i]
		out.heading += fmt.Sprintf(", %s %s", c.Name, train.ValueText(v))
		out.Parameters[c.Name] = v.Number
		if c.Type == results.Text || v.Text != "" {
			out.Parameters[c.Name] = v.Text
		}
	}
	out.heading += fmt.Sprintf("; seed %d, %s backend, %s", out.Seed, backend, out.Precision)
	return out
}

// Wanted implements train.Recorder.
func (o *kindOutput) Wanted() bool { return true }

// Observe implements train.Recorder.
func (o *kindOutput) Observe(_, step int, metrics []float64) error {
	o.Trajectory = append(o.Trajectory, kindRow{step, o.names, slices.Clone(metrics)})
	return nil
}

// Finish implements train.Recorder.
func (o *kindOutput) Finish(_ int, end train.End) error {
	o.Steps, o.Diverged = end.Step, end.Diverged
	for _, v := range end.Variables {
		o.variables = append(o.variables, slices.Clone(v))
	}
	return nil
}

// print writes the metrics of the names, or those that have a value at some step.
func (o *kindOutput) print(w io.Writer, chosen []string) {
	var shown []int
	for i, c := range o.metrics {
		has := slices.ContainsFunc(o.Trajectory, func(r kindRow) bool { return r.metrics[i] == r.metrics[i] })
		if slices.Contains(chosen, c.Name) || chosen == nil && has {
			shown = append(shown, i)
		}
	}
	heading := []string{"step"}
	for _, i := range shown {
		heading = append(heading, o.metrics.Label(o.metrics[i].Name))
	}
	fmt.Fprintf(w, "%s\n\n", o.heading)
	t := newTable(heading...)
	for _, r := range o.Trajectory {
		cells := []string{fmt.Sprint(r.step)}
		for _, i := range shown {
			cells = append(cells, short(r.metrics[i]))
		}
		t.row(cells...)
	}
	t.writeRecorded(w)
}

// writeWeights writes the variables by name, and the configuration as texts.
func (o *kindOutput) writeWeights(w io.Writer, m train.Model) error {
	t, err := m.Program()
	if err != nil {
		return err
	}
	if len(o.variables) != len(t.Variables) {
		return fmt.Errorf("the %s backend does not give the variables of a network of the kind %s", o.Backend, o.Kind)
	}
	file := safetensors.File{Double: o.Precision == "float64", Tensors: map[string]safetensors.Tensor{}, Metadata: map[string]string{}}
	for i, v := range t.Variables {
		file.Tensors[v.Name] = safetensors.Tensor{Shape: v.Shape, Data: o.variables[i]}
	}
	maps.Copy(file.Metadata, map[string]string{
		"kind": o.Kind, "version": o.Version, "backend": o.Backend, "precision": o.Precision,
		"seed": strconv.FormatUint(o.Seed, 10), "steps_done": strconv.Itoa(o.Steps),
	})
	parameters, err := json.Marshal(o.Parameters)
	if err != nil {
		return err
	}
	file.Metadata["parameters"] = string(parameters)
	return safetensors.Write(w, file)
}

// writeEvents writes the trajectory as event files, under the names of the metrics.
func (o *kindOutput) writeEvents(dir, command string) error {
	w, err := tensorboard.Open(filepath.Join(dir, simulationRun))
	if err != nil {
		return err
	}
	w.Text("command", "`"+command+"`")
	for _, r := range o.Trajectory {
		list := make([]tensorboard.Scalar, len(r.names))
		for i, name := range r.names {
			list[i] = tensorboard.Scalar{Tag: name, Value: r.metrics[i]}
		}
		w.Scalars(r.step, list...)
	}
	return w.Close()
}
