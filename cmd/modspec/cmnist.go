package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/cmnist"
	"modspec/engine/kind/images"
	"modspec/engine/plot"
	"modspec/engine/printable"
	"modspec/engine/regularfile"
	"modspec/engine/report"
	"modspec/engine/results"
	"modspec/engine/study"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// cmnistFlags are the flags of modspec cmnist.
type cmnistFlags struct {
	runFlags
	setting     train.Setting // without architecture and steps
	archs       []string
	runs        int
	epochs      int
	seed        uint64
	out         string
	tensorboard string
	saveWeights bool
	resume      bool
	json        bool
}

func newCMNIST() *cobra.Command {
	var f cmnistFlags
	cmd := &cobra.Command{
		Use:   "cmnist --out DIR",
		Short: "Train dense and split convolutional networks on compositional MNIST",
		Long: `Train convolutional networks on images of several digits side by side, whose
label names each digit by itself (compositional) and the number that they make
together (non-compositional), and measure both parts after every epoch: squared
error, accuracy, and how much the outputs of a digit depend on the others.

Without more flags this is the paper's experiment: three digits, 20,000 images,
300 epochs, ten runs of each network. On two CPU cores that takes weeks;
--backend cuda trains all runs side by side on a GPU, and --train and --epochs
make the experiment smaller.

The folder is that of a sweep of the kind images: "modspec sweep status",
"sweep plot", "sweep export", "report" and "serve" read it. The same command
again goes on where it was stopped, to the same numbers; so does --resume, which
takes the experiment from the folder, and only needs --data again, for images
that are not the default.

A run that diverges is a result like any other; if all diverge, the exit code
is 3.

A network of your own is a text as "modspec kinds images" has it, or a YAML file.
Each tower reads the whole image and ends in a linear layer, which is not named,
that writes the compositional part of the label, the non-compositional part, or
both:

` + cmnist.NetworkFileExample,
		Example: `  modspec cmnist --runs 1 --train 2000 --test 500 --epochs 12 --out small
  modspec cmnist --arch dense,split,mine.yaml --digits 2 --out two-digits
  modspec cmnist --backend cuda --out paper
  modspec cmnist --resume --out paper`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&f.archs, "arch", []string{"dense", "split"}, "networks: dense, split, towers, or YAML files of towers")
	numberVar(flags, &f.runs, "runs", 10, "runs of each network, with seeds one after the other")
	numberVar(flags, &f.epochs, "epochs", 300, "times that every training image is seen")
	numberVar(flags, &f.seed, "seed", 1, "seed of the first run")
	k := images.Kind{}
	var err error
	if f.setting, err = train.NewSetting(k); err != nil {
		panic(err) // run checks every kind
	}
	for _, name := range []string{"train", "test"} { // as in the paper
		f.setting.Set(k.Parameters().Index(name), results.Value{Text: "all"})
	}
	addParameters(flags, k, &f.setting, "arch", train.StepsParameter)
	f.backendFlags.add(flags, "cpu")
	f.addThreads(flags)
	f.addTF32(flags)
	flags.StringVar(&f.out, "out", "", "folder for the results, made if it is not there")
	flags.BoolVar(&f.resume, "resume", false, "go on with the experiment in the folder, whatever it is")
	flags.BoolVar(&f.saveWeights, "save-weights", false, "keep the weights of every finished run (safetensors) in DIR/weights, by the run's id; --resume keeps on")
	flags.StringVar(&f.tensorboard, "tensorboard", "", "folder for event files that TensorBoard shows, a run for each run, as epochs end")
	flags.BoolVar(&f.json, "json", false, "print every epoch as a line of JSON")
	return cmd
}

func (f *cmnistFlags) run(cmd *cobra.Command) error {
	if f.out == "" {
		return badInput(errors.New("no folder is named for the results; add --out DIR"))
	}
	if err := checkGiven(cmd.Flags(), "tensorboard"); err != nil {
		return err
	}
	text, err := f.text(cmd)
	if err != nil {
		return badInput(err)
	}
	file, err := spec.Parse(f.out, []byte(text), kinds)
	if err != nil {
		return badInput(err)
	}
	points, err := space.Enumerate(cmd.Context(), file)
	if err != nil {
		return badInput(err)
	}
	plan, shard, err := f.plan(points)
	if err != nil {
		return err
	}
	if err := plan.Check(); err != nil {
		return badInput(err)
	}
	backend, err := f.openKinds(file.Precision)
	if err != nil {
		return badInput(err)
	}
	defer backend.Close()
	watch, err := f.watch(cmd, points)
	if err != nil {
		return badInput(err)
	}
	started := time.Now()
	provenance := results.NewProvenance(backend.Name(), file.Precision, os.Args, started)
	o := sweepOptions(points, plan, shard, f.out, watchedBackend{backend, watch})
	o.Notice = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "modspec: note: "+printable.Text(text)) }
	warnDisk(cmd.ErrOrStderr(), plan.Disk, f.out)
	_, err = runner.Run(cmd.Context(), o)
	err = errors.Join(err, watch.close())
	if errors.Is(err, context.Canceled) { // it says what is kept and how to go on
		return exitError{exitInterrupted, err}
	}
	if err != nil {
		return err
	}
	provenance.Took(time.Since(started))
	t, err := study.ReadTable(f.out)
	if err != nil {
		return err
	}
	if err := f.report(cmd.OutOrStdout(), points, t, provenance); err != nil {
		return err
	}
	return f.ended(cmd.ErrOrStderr(), t, file.Precision)
}

// text returns the sweep file of the experiment: that of the folder, or that of the
// flags.
func (f *cmnistFlags) text(cmd *cobra.Command) (string, error) {
	if f.resume {
		return f.begun(cmd)
	}
	for _, flag := range []struct {
		name             string
		value, low, high int
	}{{"runs", f.runs, 1, spec.MaxCopies}, {"epochs", f.epochs, 0, train.MaxSteps}} {
		if flag.value < flag.low || flag.value > flag.high {
			return "", fmt.Errorf("--%s is %d, but must be %d to %d", flag.name, flag.value, flag.low, flag.high)
		}
	}
	if f.seed > math.MaxUint64-uint64(f.runs-1) {
		return "", fmt.Errorf("--seed is %d, but with %d runs the last seed would be beyond %d", f.seed, f.runs, uint64(math.MaxUint64))
	}
	archs, err := interruptible(cmd.Context(), f.architectures)
	if err != nil {
		return "", err
	}
	k := images.Kind{}
	schema := k.Parameters()
	var values []results.Value
	epoch := 0
	for _, arch := range archs {
		s := f.setting.Clone()
		s.Set(schema.Index("arch"), results.Value{Text: arch})
		m, err := interruptible(cmd.Context(), func() (train.Model, error) { return k.Resolve(s) })
		if err != nil {
			return "", err
		}
		// The data stand there by their digest, so that the folder may go elsewhere.
		values, epoch = m.Parameters(), images.Epoch(m)
	}
	if f.epochs > train.MaxSteps/epoch {
		return "", fmt.Errorf("--epochs is %d, but must be 0 to %d: an epoch has %d steps, and a run %d at most", f.epochs, train.MaxSteps/epoch, epoch, train.MaxSteps)
	}
	precision := "float32"
	if f.backend == "reference" {
		precision = "float64"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "name: cmnist\nkind: %s\nmethod: grid\nseeds: {min: %d, max: %d}\nsteps: %d\nrecord: {every: %d}\nprecision: %s\nparameters:\n",
		k.Name(), f.seed, f.seed+uint64(f.runs-1), f.epochs*epoch, epoch, precision)
	for i, c := range schema {
		switch c.Name {
		case "arch":
			for j := range archs {
				archs[j] = strconv.Quote(archs[j])
			}
			fmt.Fprintf(&text, "  arch: {values: [%s]}\n", strings.Join(archs, ", "))
		case train.StepsParameter:
		default:
			value := train.ValueText(values[i])
			if c.Type == results.Text {
				value = strconv.Quote(value)
			}
			fmt.Fprintf(&text, "  %s: {value: %s}\n", c.Name, value)
		}
	}
	return text.String(), nil
}

// architectures returns what --arch names, as the parameter has it.
func (f *cmnistFlags) architectures() ([]string, error) {
	k := images.Kind{}
	var list []string
	for _, name := range f.archs {
		arch := name
		if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
			if err := regularfile.Check(name); err != nil {
				return nil, fmt.Errorf("--arch: %w", err)
			}
			n, err := cmnist.ReadNetwork(name)
			if err != nil {
				return nil, fmt.Errorf("--arch: %w", err)
			}
			arch = images.Text(n, int(f.setting.Values[k.Parameters().Index("digits")].Number))
		}
		arch, err := k.CheckText("arch", arch)
		if err != nil {
			return nil, fmt.Errorf("--arch: %w; or a file that ends in .yaml", err)
		}
		if slices.Contains(list, arch) {
			return nil, fmt.Errorf("--arch names %s a second time, as %s; name each network once", arch, name)
		}
		list = append(list, arch)
	}
	if list == nil {
		return nil, errors.New("--arch is empty; name dense, split, or a file of towers")
	}
	return list, nil
}

// resumable are the flags that do not say what is trained.
var resumable = []string{"out", "resume", "data", "backend", "devices", "threads", "tf32", "save-weights", "tensorboard", "json"}

// begun returns the sweep file of the folder and takes the backend that it names.
func (f *cmnistFlags) begun(cmd *cobra.Command) (string, error) {
	var other error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if other == nil && !slices.Contains(resumable, flag.Name) {
			other = fmt.Errorf("--%s is given, but --resume takes the experiment from %s; leave one of them out (the same command without --resume goes on too)", flag.Name, f.out)
		}
	})
	if other != nil {
		return "", other
	}
	m, err := interruptible(cmd.Context(), func() (results.Manifest, error) { return store.ReadManifest(f.out) })
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s holds no experiment to go on with; leave --resume out to begin one there", f.out)
	}
	if err != nil {
		return "", err
	}
	k := images.Kind{}
	file, err := spec.Parse(f.out, []byte(m.Sweep), kinds)
	if err != nil {
		return "", err
	}
	if file.Kind.Name() != k.Name() {
		return "", fmt.Errorf("%s holds a sweep of the kind %s, but modspec cmnist trains the kind %s; go on with modspec sweep run", f.out, file.Kind.Name(), k.Name())
	}
	if file.Schedule.Every == 0 {
		return "", fmt.Errorf("%s holds a sweep that is not recorded by epochs; go on with modspec sweep run", f.out)
	}
	if !cmd.Flags().Changed("backend") {
		var tf32 bool
		f.backend, tf32 = strings.CutSuffix(m.Backend, "-tf32")
		f.tf32 = f.tf32 || tf32
	}
	if info, err := os.Stat(filepath.Join(f.out, weightsFolder)); err == nil && info.IsDir() {
		f.saveWeights = true
	}
	_, err = interruptible(cmd.Context(), func() (string, error) {
		return images.Find(f.setting.Values[k.Parameters().Index(dataParameter)].Text)
	})
	return m.Sweep, err
}

// report draws the figures, writes report.html and prints how each network ended.
func (f *cmnistFlags) report(w io.Writer, points *space.Space, t *study.Table, p results.Provenance) error {
	section := report.Section{
		ID: "cmnist", Title: "Compositional MNIST", Seconds: float64(p.Seconds), Source: "the paper's section on compositional MNIST",
		Runs: describeImages(points),
	}
	for _, fig := range study.ImageFigures(t) {
		drawing, err := plot.Draw(f.out, fig)
		if err != nil {
			return err
		}
		section.Figures = append(section.Figures, drawing)
	}
	page := filepath.Join(f.out, reportName)
	err := report.WriteHTML(page, report.Document{
		Title: "Compositional MNIST",
		Intro: "Convolutional networks read images of several digits side by side. The compositional part of the label names each digit by itself, the non-compositional part " +
			"the number that they make together.",
		Provenance: p, Sections: []report.Section{section},
	})
	if err != nil || f.json {
		return err
	}
	printImages(w, t)
	fmt.Fprintf(w, "\nReport: %s; tables: %s\n", page, f.out)
	return nil
}

// describeImages says in a sentence what was run.
func describeImages(points *space.Space) string {
	var archs, common []string
	for i := range points.Len() {
		for p, c := range (images.Kind{}).Parameters() {
			v := train.ValueText(points.Point(i)[p])
			switch {
			case c.Name == "arch":
				archs = append(archs, v)
			case i == 0 && c.Name != dataParameter:
				common = append(common, c.Name+" "+v)
			}
		}
	}
	seeds := points.File.Seeds
	return fmt.Sprintf("%d runs of each network (%s), seeds %d to %d, %s; an epoch is %d steps",
		seeds.Len(), strings.Join(archs, " | "), seeds.At(0), seeds.At(seeds.Len()-1), strings.Join(common, ", "), points.File.Schedule.Every)
}

// printImages prints the means of the last metrics over the runs of each network.
func printImages(w io.Writer, t *study.Table) {
	shown := []string{"train_compositional", "test_compositional", "test_non_compositional", "test_all_digits", "test_number", "systematicity"}
	out := newTable("network", "runs", "comp train", "comp test", "non-c test", "digits", "number", "systematicity", "diverged")
	for _, runs := range t.Settings() {
		diverged, sums := 0, make([]float64, len(shown))
		for i := range runs {
			if runs[i].Diverged {
				diverged++
				continue
			}
			for k, metric := range shown {
				curve := runs[i].Curve(metric)
				sums[k] += curve[len(curve)-1]
			}
		}
		cells := []string{runs[0].Text("arch"), fmt.Sprint(len(runs))}
		for _, sum := range sums {
			cells = append(cells, short(sum/float64(len(runs)-diverged)))
		}
		out.row(append(cells, fmt.Sprint(diverged))...)
	}
	fmt.Fprintln(w)
	out.write(w)
}

// ended returns an error if not one run has learned anything, and notes runs whose
// weights were not kept.
func (f *cmnistFlags) ended(notes io.Writer, t *study.Table, precision string) error {
	diverged, without := 0, 0
	for i := range t.Runs {
		r := &t.Runs[i]
		switch {
		case r.Diverged:
			diverged++
		case f.saveWeights:
			id := space.CopyID(images.Kind{}, r.Parameters, precision, r.Seed)
			if _, err := os.Stat(weightsPath(f.out, id.String())); err != nil {
				without++
			}
		}
	}
	if without > 0 {
		fmt.Fprintf(notes, "modspec: note: %s finished without --save-weights: no weights in %s\n", counted(without, "run was", "runs were"), filepath.Join(f.out, weightsFolder))
	}
	if diverged < len(t.Runs) {
		return nil
	}
	return exitError{exitDiverged, fmt.Errorf("training diverged in every run: the errors are no longer finite; use a smaller --lr than %g", t.Runs[0].Number("lr"))}
}
