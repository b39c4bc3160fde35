package compare

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

// A Workload is one row of the question "how fast": networks of modules, networks
// of convolutions, mixtures of rules, or a whole sweep.
type Workload struct {
	Name  string
	Title string
	Quick bool // whether a quick run has it

	Setting *Setting // networks of modules
	Images  *Images  // convolutional networks
	Mixture *Mixture // mixtures of rules
	Sweep   *Sweep   // from a sweep's file to its tables
}

// paper is the dataset of the paper's dense setting, and steps its length.
var paper = dataset.NewPoint(3, 3, 1, 3, 1, 1)

const (
	paperSteps = 300
	paperScale = 0.01 / 50
	// paperCheck is where the weakest mode is on its way, so that a training that is
	// a little off is seen to be: at the end all would have arrived.
	paperCheck = 200
)

// setting is a training in the paper's dataset.
func setting(name string, a network.Architecture, rule network.Rule, rate float64, copies int) *Setting {
	return &Setting{
		Name: name, Architecture: a, Point: paper, Rule: rule, LearningRate: rate,
		InitScale: paperScale, Steps: paperSteps, Copies: copies, CheckSteps: paperCheck,
	}
}

// DenseCopies are the numbers of copies of the paper's dense setting.
var DenseCopies = []int{1, 100, 10_000, 100_000}

// denseName is the name of the paper's dense setting with some copies.
func denseName(copies int) string { return fmt.Sprintf("dense-%d", copies) }

// Workloads are all of them, in the order of the table.
func Workloads() []Workload {
	var list []Workload
	add := func(quick bool, title string, s *Setting) {
		list = append(list, Workload{Name: s.Name, Title: title, Quick: quick, Setting: s})
	}
	for _, copies := range DenseCopies {
		name := denseName(copies)
		add(copies == 100 || copies == 10_000, fmt.Sprintf("paper's dense setting, %s", count(copies, "copy", "copies")),
			setting(name, network.Dense(50), network.Rule{}, 0.16, copies))
	}
	add(false, "split, 10,000 copies", setting("split", network.Split(50), network.Rule{}, 0.16, 10_000))
	shallow := setting("shallow", network.Shallow(), network.Rule{}, 0.04, 10_000)
	shallow.Steps, shallow.CheckSteps = 3000, 30 // a step is very little
	add(false, "shallow, 10,000 copies", shallow)
	middle := setting("middle", network.Dense(60), network.Rule{}, 0.16, 1000)
	middle.Point, middle.CheckSteps = dataset.NewPoint(6, 6, 3, 3, 1, 1), 60
	add(false, "middle: bits 6, n_y 3, 60 units, 1,000 copies", middle)
	large := setting("large", network.Dense(256), network.Rule{}, 0.16, 64)
	large.Point, large.Steps, large.CheckSteps = dataset.NewPoint(8, 8, 3, 3, 1, 1), 40, 10
	add(false, "large: bits 8, n_y 3, 256 units, 64 copies", large)
	for _, r := range []struct {
		name string
		rule network.Rule
		rate float64
		// check is where a mode is on its way; the rules differ in when.
		check int
	}{
		{"hebbian", network.Rule{Beta: 0.001}, 0.08, 60},
		{"anti-hebbian", network.Rule{Beta: -0.001}, 0.08, 60},
		{"contrastive-hebbian", network.Rule{Gamma: 1}, 0.04, 150},
		{"predictive-coding", network.Rule{Gamma: -1}, 0.04, paperCheck},
	} {
		s := setting(r.name, network.Dense(50), r.rule, r.rate, 1000)
		s.CheckSteps = r.check
		add(false, r.name+" rule, 1,000 copies", s)
	}
	deep := setting("depth-3", network.Dense(50, 50, 50), network.Rule{}, 0.16, 1000)
	deep.InitScale = 0.05
	add(false, "three hidden layers of 50, 1,000 copies", deep)
	for _, n := range []string{"dense", "split"} {
		list = append(list, Workload{
			Name: "images-" + n, Title: "images: CMNIST, " + n + " network", Quick: n == "split", Images: &Images{Network: n},
		})
	}
	for _, rules := range []int{8, 32} {
		for _, core := range []string{"monolithic", "modular", "modular-op", "ground-truth"} {
			for _, runs := range []int{16, 1} {
				m := Mixture{Core: core, Rules: rules, Runs: runs}
				list = append(list, Workload{
					Name: m.name(), Title: fmt.Sprintf("mixture of %d rules, %s core, %s", rules, core, count(runs, "run", "runs")),
					Quick: core == "modular" && rules == 8 && runs == 16, Mixture: &m,
				})
			}
		}
	}
	return append(list, Workload{
		Name: "sweep", Title: "a whole sweep, from its file to Parquet", Quick: true, Sweep: &wholeSweep,
	})
}

// unit is what a workload's rates count.
func (w Workload) unit() string {
	if w.Images != nil {
		return "images/s"
	}
	return "network-steps/s"
}

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a whole number with a comma before every third digit.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return grouped(n/1000) + fmt.Sprintf(",%03d", n%1000)
}
