// Command parity is an example of a kind of network that is not modspec's own: a module
// of another person that declares a kind and trains it with modspec's engine. It trains
// the networks of some seeds side by side and prints their last metrics.
package main

import (
	"context"
	"fmt"
	"os"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/train"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(1)
	}
}

func run() error {
	kind := Parity{}
	setting, err := train.NewSetting(kind) // every parameter at its default
	if err != nil {
		return err
	}
	model, err := kind.Resolve(setting)
	if err != nil {
		return err
	}
	job := &train.Job{Kind: kind, Precision: "float32", Steps: model.Steps(), Schedule: train.Schedule{Every: 250}}
	for seed := range uint64(4) {
		job.Runs = append(job.Runs, train.Run{Model: model, Stream: train.Stream(kind, model.Parameters(), seed)})
	}
	executor, err := programs.New(programs.Options{Precision: programs.Float32})
	if err != nil {
		return err
	}
	b := backend.New(executor)
	defer b.Close()
	return b.Train(context.Background(), job, printer{})
}

// printer is a recorder.
type printer struct{}

func (printer) Wanted() bool { return false }

func (printer) Observe(int, int, []float64) error { return nil }

func (printer) Finish(run int, end train.End) error {
	values, err := end.Summary()
	if err != nil {
		return err
	}
	fmt.Printf("seed %d after %d steps:", run, end.Step)
	for i, column := range train.SummaryOf(Parity{}) {
		fmt.Printf("  %s %.4f", column.Name, values[i].Number)
	}
	fmt.Println()
	return nil
}
