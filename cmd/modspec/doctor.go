package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"modspec/engine/machine"
	"modspec/engine/results"
	"modspec/engine/train/cpu"
	"modspec/engine/train/cuda"
)

// A finding is one thing that modspec doctor looks at.
type finding struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Problem string `json:"problem,omitempty"` // what is wrong and what to do; empty where all is well
	Needed  bool   `json:"needed"`            // whether modspec cannot do without
}

func newDoctor() *cobra.Command {
	var asJSON bool
	var dir string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Show what this machine has to train on, and what is missing",
		Long: `Show the version, the processor and the kernels chosen for it, memory, free disk,
and every NVIDIA GPU with its driver, each with ok or what to do about it.

Exits with 1 if something is missing that modspec cannot do without; a GPU is not.`,
		Example: `  modspec doctor
  modspec doctor --dir results --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := examine(dir)
			if asJSON {
				if err := json.NewEncoder(cmd.OutOrStdout()).Encode(findings); err != nil {
					return err
				}
			} else {
				printFindings(cmd.OutOrStdout(), findings)
			}
			for _, f := range findings {
				if f.Needed && f.Problem != "" {
					return errors.New(f.Name + ": " + f.Problem)
				}
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&dir, "dir", ".", "folder that results would go to")
	flags.BoolVar(&asJSON, "json", false, "print JSON instead of a table")
	return cmd
}

// examine looks at everything.
func examine(dir string) []finding {
	p := results.NewProvenance("", "", nil, time.Now())
	commit := p.Commit
	if len(commit) > 12 {
		commit = commit[:12]
	}
	list := []finding{
		{Name: "modspec", Value: fmt.Sprintf("%s, commit %s (%s tree), %s, %s", p.Version, commit, p.Tree, p.GoVersion, p.Platform), Needed: true},
		{Name: "processor", Value: processorText(p.CPU), Needed: true},
	}
	list = append(list, kernelsFinding())
	list = append(list, memoryFinding(), diskFinding(dir))
	return append(list, gpuFindings(cuda.Devices())...)
}

// kernelsFinding says which kernels the cpu backend would run.
func kernelsFinding() finding {
	f := finding{Name: "cpu kernels", Needed: true}
	b, err := cpu.New(cpu.Options{})
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	defer b.Close()
	f.Value = b.Kernels()
	if f.Value == "go" {
		f.Value += " (plain Go)"
		f.Problem = "ten to thirty times slower than AVX2 or AVX-512, which this processor or build lacks; on amd64 build without the tag noasm"
		f.Needed = false
	}
	return f
}

// gpuFindings says what there is for the cuda backend.
func gpuFindings(r cuda.Report) []finding {
	driver := finding{Name: "GPU driver", Value: "none"}
	if r.Driver != "" {
		driver.Value = "supports CUDA " + r.Driver
	}
	if r.Problem != nil {
		driver.Problem = r.Problem.Error()
	}
	list := []finding{driver}
	for _, d := range r.Devices {
		f := finding{Name: fmt.Sprintf("GPU %d", d.Number)}
		if d.Problem != nil {
			f.Problem = d.Problem.Error()
			d.Problem = nil
		}
		_, f.Value, _ = strings.Cut(d.String(), ": ")
		list = append(list, f)
	}
	return list
}

// diskFinding says how much room results would have.
func diskFinding(dir string) finding {
	f := finding{Name: "disk", Needed: true}
	room, err := machine.Disk(dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		f.Value, f.Needed = "unknown on this system", false
	case err != nil:
		f.Problem = errNo(err).Error()
	default:
		f.Value = bytesText(room.Free) + " free"
		if room.Free < 1<<30 {
			f.Problem = "less than a gigabyte; a sweep of a million copies takes about that; choose another folder with --dir"
			f.Needed = false
		}
	}
	return f
}

// memoryFinding says how much memory there is.
func memoryFinding() finding {
	f := finding{Name: "memory"}
	room, err := machine.Memory()
	if err != nil {
		f.Value = "unknown on this system"
		return f
	}
	f.Value = fmt.Sprintf("%s free of %s", bytesText(room.Free), bytesText(room.Total))
	advice := "end other programs"
	if room.By != "" {
		f.Value += ", the limit of " + room.By
		advice = "ask for a job or container with more memory"
	}
	if room.Free < 1<<29 {
		f.Problem = "less than half a gigabyte free; " + advice
	}
	return f
}

// processorText says which processor there is and how many threads run on it.
func processorText(model string) string {
	text := fmt.Sprintf("%s, %d logical", model, runtime.NumCPU())
	if n := runtime.GOMAXPROCS(0); n != runtime.NumCPU() {
		text += fmt.Sprintf(", %d threads", n)
	}
	if quota, by := machine.Quota(); quota > 0 && quota < float64(runtime.NumCPU()) {
		text += fmt.Sprintf(", quota %.3g processors (%s)", quota, by)
	}
	return text
}

// bytesText is an amount of memory as people read it.
func bytesText(n uint64) string { return fmt.Sprintf("%.3g GiB", float64(n)/(1<<30)) }

// printFindings prints a line each, and what to do below.
func printFindings(w io.Writer, list []finding) {
	for _, f := range list {
		mark := "ok"
		switch {
		case f.Problem != "" && f.Needed:
			mark = "MISSING"
		case f.Problem != "":
			mark = "-"
		}
		fmt.Fprintf(w, "%-8s %-12s %s\n", mark, f.Name, f.Value)
		for _, line := range wrap(f.Problem, 58) {
			fmt.Fprintf(w, "%-21s %s\n", "", line)
		}
	}
}
