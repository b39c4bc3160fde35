package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/experiment"
	"modspec/engine/mnist"
	"modspec/engine/names"
	"modspec/engine/printable"
	"modspec/engine/regularfile"
	"modspec/engine/report"
	"modspec/engine/results"
	"modspec/engine/tensorboard"
)

// cmnistFlags are the flags of modspec cmnist.
type cmnistFlags struct {
	archs       []string
	config      experiment.Config
	backend     cmnistBackendFlags
	out         string
	data        string
	tensorboard string
	saveWeights bool
	resume      bool
	json        bool
}

func newCMNIST() *cobra.Command {
	var f cmnistFlags
	cmd := &cobra.Command{
		Use:   "cmnist --out DIR",
		Short: "Train dense and split networks of convolutions on compositional MNIST",
		Long: `Train networks of convolutions on images of several digits side by side, whose
label names each digit by itself (compositional) and the number that they make
together (non-compositional), and measure both parts after every epoch: squared
error, accuracy, and how much the answer to a digit depends on the others.

Without more flags this is the paper's experiment: three digits, 20,000 images,
300 epochs, ten runs of each network. On two CPU cores that takes weeks;
--backend cuda trains all runs side by side on a GPU, and --train and --epochs
make the experiment smaller. Every epoch leaves a checkpoint, and --resume goes
on from there to the same numbers. What is run it takes from the folder, and only
--data is to be given again, for images that are not the default. Flags that are
given must agree with the folder.

A run that diverges is a result like any other; if all diverge, the exit code
is 3.

A network of your own is a YAML file. Each tower reads the whole image and ends
in a linear layer, which is not named, that writes the compositional part of the
label, the non-compositional part, or both:

` + cmnist.NetworkFileExample,
		Example: `  modspec cmnist --runs 1 --train 2000 --test 500 --epochs 12 --out small
  modspec cmnist --arch dense,split,mine.yaml --digits 2 --out two-digits
  modspec cmnist --backend cuda --out paper
  modspec cmnist --resume --out paper`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	c := &f.config
	flags.StringSliceVar(&f.archs, "arch", []string{"dense", "split"}, "networks: dense, split, or YAML files of towers")
	numberVar(flags, &c.Runs, "runs", 10, "runs of each network, with seeds one after the other")
	numberVar(flags, &c.Epochs, "epochs", 300, "times that every training image is seen")
	numberVar(flags, &c.Batch, "batch", 16, "images in a step")
	numberVar(flags, &c.LearningRate, "lr", 0.002, "learning rate")
	numberVar(flags, &c.Momentum, "momentum", 0, "momentum, 0 to below 1")
	numberVar(flags, &c.InitScale, "init-scale", 0.01, "standard deviation of initial weights and biases")
	numberVar(flags, &c.Seed, "seed", 1, "seed of the first run")
	numberVar(flags, &c.Digits, "digits", 3, "digits side by side in an image, 2 to 4")
	numberVar(flags, &c.R, "r", 10, "what a non-compositional label holds")
	numberVar(flags, &c.Train, "train", 0, "training images (default: all that there are)")
	numberVar(flags, &c.Test, "test", 0, "test images (default: all that there are)")
	numberVar(flags, &c.Withhold, "withhold", 0, "of every ten numbers, how many are never trained")
	numberVar(flags, &c.Probe, "probe", 0, "measure systematicity every so many epochs (default: after the last)")
	flags.StringVar(&f.data, "data", "", "folder of MNIST or a set like it, as published or as torchvision keeps it (default: testdata/mnist)")
	f.backend.add(flags)
	flags.StringVar(&f.out, "out", "", "folder for the results, made if it is not there")
	flags.BoolVar(&f.resume, "resume", false, "go on where the experiment in the folder stopped, with what it was begun with")
	flags.BoolVar(&f.saveWeights, "save-weights", false, "keep the weights of every finished run (safetensors); --resume keeps on")
	flags.StringVar(&f.tensorboard, "tensorboard", "", "folder for event files that TensorBoard shows, a run for each network and run, as epochs end")
	flags.BoolVar(&f.json, "json", false, "print every epoch as a line of JSON")
	return cmd
}

func (f *cmnistFlags) run(cmd *cobra.Command) error {
	if f.out == "" {
		return badInput(errors.New("no folder is named for the results; add --out DIR"))
	}
	for _, flag := range []struct {
		name  string
		value int
	}{{"--train", f.config.Train}, {"--test", f.config.Test}} {
		if cmd.Flags().Changed(flag.name[2:]) && flag.value == 0 {
			return badInput(fmt.Errorf("%s is 0, but must be 1 or more; leave it out for all images", flag.name))
		}
	}
	if f.resume {
		if err := f.takeBegun(cmd.Context(), cmd.Flags()); err != nil {
			return badInput(err)
		}
	}
	if c := f.config; c.Runs > 0 && c.Seed > math.MaxUint64-uint64(c.Runs-1) {
		return badInput(fmt.Errorf("--seed is %d, but with %d runs the last seed would be beyond %d", c.Seed, c.Runs, uint64(math.MaxUint64)))
	}
	if len(f.config.Networks) == 0 {
		if err := f.readNetworks(cmd.Context()); err != nil {
			return badInput(err)
		}
	}
	composition := cmnist.Composition{Digits: f.config.Digits, R: f.config.R}
	if err := composition.Check(); err != nil {
		return badInput(err)
	}
	for _, n := range f.config.Networks {
		if err := n.Check(composition); err != nil {
			return badInput(err)
		}
	}
	set, err := interruptible(cmd.Context(), func() (*mnist.Set, error) { return mnist.Find(f.data) })
	if err != nil {
		return badInput(err)
	}
	backend, precision, err := f.backend.open()
	if err != nil {
		return badInput(err)
	}
	defer backend.Close()
	if f.tensorboard != "" && !f.resume {
		if err := checkEventFolders(f.tensorboard, eventFolders(f.config)...); err != nil {
			return badInput(err)
		}
	}
	started := time.Now()
	provenance := results.NewProvenance(backend.Name(), precision, os.Args, started)
	show := newEpochLines(cmd, f)
	events := &epochEvents{dir: f.tensorboard, runs: map[string]*tensorboard.Writer{}}
	rows, err := experiment.Run(cmd.Context(), experiment.Options{
		Dir: f.out, Config: f.config, Set: set, Backend: backend, Double: precision == "float64",
		Resume: f.resume, SaveWeights: f.saveWeights,
		Notice: func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "modspec: note: "+printable.Text(text)) },
		Progress: func(row results.CMNISTEpoch) {
			show.epoch(row)
			events.epoch(row)
		},
	})
	err = errors.Join(err, events.close())
	var mismatch *experiment.MismatchError
	var config *experiment.ConfigError
	switch {
	case errors.As(err, &mismatch), errors.As(err, &config):
		return badInput(err)
	case errors.Is(err, context.Canceled):
		return exitError{exitInterrupted, fmt.Errorf("interrupted; %s holds every epoch that was finished, and the same command with --resume goes on from there", f.out)}
	case err != nil:
		return err
	}
	provenance.Took(time.Since(started))
	if err := f.report(cmd.OutOrStdout(), rows, provenance); err != nil {
		return err
	}
	return f.diverged(rows)
}

// diverged returns an error if not one run has learned anything. Beside others a run
// that diverged is a result, as a copy of a sweep is.
func (f *cmnistFlags) diverged(rows []results.CMNISTEpoch) error {
	diverged := 0
	for i := range rows {
		diverged += rows[i].Diverged // of each run, its last row at most
	}
	if diverged < len(f.config.Networks)*f.config.Runs {
		return nil
	}
	return exitError{exitDiverged, fmt.Errorf("training diverged in every run: the errors are no longer finite; use a smaller --lr than %g", f.config.LearningRate)}
}

// takeBegun takes what the experiment in the folder was begun with. A flag that says
// otherwise is an error.
func (f *cmnistFlags) takeBegun(ctx context.Context, flags *pflag.FlagSet) error {
	begun, err := interruptible(ctx, func() (experiment.Config, error) { return experiment.ReadConfig(f.out) })
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s holds no experiment to go on with: it has no %s; leave --resume out to begin one there", f.out, experiment.ConfigName)
	}
	if err != nil {
		return err
	}
	given := map[*pflag.Flag]string{}
	flags.Visit(func(flag *pflag.Flag) { given[flag] = flag.Value.String() })
	f.config = begun
	f.backend.take(begun.Backend)
	for flag, text := range given {
		// A flag that is not in the configuration still has its value. To set it again
		// could change it: a list would grow.
		if flag.Value.String() == text {
			continue
		}
		if err := flag.Value.Set(text); err != nil {
			return err
		}
	}
	if flags.Changed("arch") {
		if err := f.readNetworks(ctx); err != nil {
			return err
		}
	}
	if f.backend.backend != "cuda" && !flags.Changed("tf32") {
		f.backend.tf32 = false
	}
	// The backend and the images are compared when they are open, and what cannot be
	// trained at all is named by other checks.
	var mismatch *experiment.MismatchError
	if err := begun.Agree(f.out, f.config); errors.As(err, &mismatch) {
		return err
	}
	return nil
}

// readNetworks makes the networks of the configuration those that --arch names.
func (f *cmnistFlags) readNetworks(ctx context.Context) (err error) {
	f.config.Networks, err = interruptible(ctx, func() ([]cmnist.Network, error) {
		return cmnistNetworks(f.archs, f.config.Digits)
	})
	return err
}

// cmnistNetworks returns the networks that --arch names.
func cmnistNetworks(archs []string, digits int) ([]cmnist.Network, error) {
	var list []cmnist.Network
	for _, name := range archs {
		switch {
		case name == "dense":
			list = append(list, cmnist.Dense(digits))
		case name == "split":
			list = append(list, cmnist.Split(digits))
		case strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"):
			if err := regularfile.Check(name); err != nil {
				return nil, fmt.Errorf("--arch: %w", err)
			}
			n, err := cmnist.ReadNetwork(name)
			if err != nil {
				return nil, fmt.Errorf("--arch: %w", err)
			}
			list = append(list, n)
		default:
			return nil, fmt.Errorf("--arch: %w, or a file that ends in .yaml", names.Unknown("network", name, []string{"dense", "split"}))
		}
	}
	return list, nil
}

// report draws the figures, writes report.html and prints how each network ended.
func (f *cmnistFlags) report(w io.Writer, rows []results.CMNISTEpoch, p results.Provenance) error {
	section := report.Section{
		ID: "cmnist", Title: "Compositional MNIST", Runs: f.describe(), Seconds: float64(p.Seconds),
		Source: "the paper's section on compositional MNIST",
	}
	var err error
	if section.Figures, err = drawCMNIST(f.out, rows); err != nil {
		return err
	}
	page := filepath.Join(f.out, reportName)
	err = report.WriteHTML(page, report.Document{
		Title: "Compositional MNIST",
		Intro: "Networks of convolutions read images of several digits side by side. The compositional part of the label names each digit by itself, the non-compositional part " +
			"the number that they make together.",
		Provenance: p, Sections: []report.Section{section},
	})
	if err != nil || f.json {
		return err
	}
	printCMNIST(w, rows, f.config.Epochs)
	fmt.Fprintf(w, "\nReport: %s; table: %s\n", page, filepath.Join(f.out, experiment.TableName))
	return nil
}

// describe says in a sentence what was run.
func (f *cmnistFlags) describe() string {
	c := f.config
	var networks []string
	for _, n := range c.Networks {
		networks = append(networks, n.String())
	}
	images := "all training images"
	if c.Train > 0 {
		images = fmt.Sprintf("%d training images", c.Train)
	}
	return fmt.Sprintf("%d runs of each network (%s) for %d epochs on %s of %d digits, batches of %d, learning rate %g, momentum %g, σ %g, r %g, seeds from %d",
		c.Runs, strings.Join(networks, " | "), c.Epochs, images, c.Digits, c.Batch, c.LearningRate, c.Momentum, c.InitScale, c.R, c.Seed)
}

// printCMNIST prints the means over runs at the last epoch.
func printCMNIST(w io.Writer, rows []results.CMNISTEpoch, epochs int) {
	type ending struct {
		runs, diverged int
		sums           [6]float64
	}
	var order []string
	ends := map[string]*ending{}
	for i := range rows {
		row := &rows[i]
		e := ends[row.Arch]
		if e == nil {
			e = &ending{}
			ends[row.Arch] = e
			order = append(order, row.Arch)
		}
		switch {
		case row.Diverged != 0:
			e.diverged++
		case row.Epoch == epochs:
			e.runs++
			for k, v := range []results.Number{row.Train.Compositional, row.Test.Compositional, row.Test.NonCompositional, row.Test.AllDigits, row.Test.Number, row.Systematicity} {
				e.sums[k] += float64(v)
			}
		}
	}
	fmt.Fprintf(w, "\n%-12s %5s  %10s %10s  %10s  %6s %6s  %s\n", "after "+fmt.Sprint(epochs), "runs", "comp train", "comp test", "non-c test", "digits", "number", "systematicity")
	for _, name := range order {
		e := ends[name]
		fmt.Fprintf(w, "%-12s %5d", printable.Text(name), e.runs)
		for k, format := range []string{"  %10.4f", " %10.4f", "  %10.4f", "  %6.3f", " %6.3f", "  %.3f"} {
			fmt.Fprintf(w, format, e.sums[k]/float64(e.runs))
		}
		if e.diverged > 0 {
			fmt.Fprintf(w, "  (%d diverged)", e.diverged)
		}
		fmt.Fprintln(w)
	}
}

// epochLines shows epochs as they are finished.
type epochLines struct {
	out, notes io.Writer
	json       bool
	config     *experiment.Config
	began      time.Time
}

func newEpochLines(cmd *cobra.Command, f *cmnistFlags) *epochLines {
	return &epochLines{out: cmd.OutOrStdout(), notes: cmd.ErrOrStderr(), json: f.json, config: &f.config, began: time.Now()}
}

func (e *epochLines) epoch(row results.CMNISTEpoch) {
	if e.json {
		// A line that cannot be written is no reason to lose the run; what reads the
		// lines sees that they end.
		_ = json.NewEncoder(e.out).Encode(row)
		return
	}
	fmt.Fprintf(e.notes, "%7s  %-8s run %d, epoch %d of %d: compositional error %.4f train, %.4f test; non-compositional %.4f test; digits %.3f, number %.3f\n",
		precise(time.Since(e.began).Seconds()), row.Arch, row.RunIndex+1, row.Epoch, e.config.Epochs,
		float64(row.Train.Compositional), float64(row.Test.Compositional), float64(row.Test.NonCompositional), float64(row.Test.AllDigits), float64(row.Test.Number))
}
