package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modspec/engine/names"
)

// A Contender is one way to train networks.
type Contender struct {
	Name string // as --peers takes it: "jax-reduced"
	Who  string // as the table says it: "JAX jit(vmap(scan))"
	Form string // Plain or Reduced; "" where modspec chooses
	Ours bool

	program string // the Python program, or "" for Go
	way     string
	python  string // which environment: "jax" or "torch"

	backend, precision string // of modspec
	Scaled             bool   // whether few networks are timed for all
	double             bool   // whether its arithmetic is float64
}

// Baseline is the name of the contender that all others are held against.
const Baseline = "cpu-float32"

// Contenders are all for networks of modules, ours first.
func Contenders() []Contender {
	list := []Contender{
		{Name: Baseline, Who: "modspec cpu, float32", Ours: true, backend: "cpu", precision: "float32"},
		{Name: "cpu-float64", Who: "modspec cpu, float64", Ours: true, backend: "cpu", precision: "float64", double: true},
		{Name: "reference", Who: "modspec reference, float64", Ours: true, backend: "reference", precision: "float64", Scaled: true, double: true},
		{Name: "cuda-float32", Who: "modspec cuda, float32", Ours: true, backend: "cuda", precision: "float32"},
	}
	for _, form := range []string{Plain, Reduced} {
		list = append(list,
			Contender{Name: "numpy-" + form, Who: "NumPy, one at a time", Form: form, program: "numpy_loop.py", way: "loop", python: "jax", Scaled: true, double: true},
			Contender{Name: "jax-" + form, Who: "JAX jit(vmap(scan))", Form: form, program: "jax_scan.py", way: "scan", python: "jax"},
		)
		for _, way := range []struct{ name, who string }{{"bmm", "PyTorch bmm"}, {"vmap", "PyTorch vmap"}, {"compile", "PyTorch compile"}} {
			list = append(list, Contender{
				Name: "torch-" + way.name + "-" + form, Who: way.who, Form: form, program: "torch_batched.py", way: way.name, python: "torch",
			})
		}
		list = append(list, Contender{Name: "gorgonia-" + form, Who: "gorgonia, a tape a network", Form: form, Scaled: true})
	}
	return list
}

// imageContenders are those for convolutional networks.
func imageContenders() []Contender {
	return []Contender{
		{Name: Baseline, Who: "modspec cpu, float32", Ours: true, backend: "cpu", precision: "float32"},
		{Name: "torch-contiguous", Who: "PyTorch, contiguous images", Form: Plain, program: "torch_images.py", way: "contiguous", python: "torch"},
		{Name: "torch-channels-last", Who: "PyTorch, channels last", Form: Plain, program: "torch_images.py", way: "channels-last", python: "torch"},
	}
}

// sweepContenders are those for a whole sweep.
func sweepContenders() []Contender {
	return []Contender{
		{Name: Baseline, Who: "modspec sweep run", Ours: true, backend: "cpu", precision: "float32"},
		{Name: "jax-pandas-plain", Who: "JAX and pandas", Form: Plain, program: "jax_sweep.py", python: "jax"},
		{Name: "jax-pandas-reduced", Who: "JAX and pandas", Form: Reduced, program: "jax_sweep.py", python: "jax"},
	}
}

// mixtureContenders are those for a mixture of rules; some are for many runs alone, and
// one for a single run.
func mixtureContenders(runs int) []Contender {
	list := []Contender{
		{Name: Baseline, Who: "modspec cpu, float32", Form: Plain, Ours: true, backend: "cpu", precision: "float32"},
		{Name: "cpu-float64", Who: "modspec cpu, float64", Form: Plain, Ours: true, backend: "cpu", precision: "float64", double: true},
	}
	torch := func(way, who string) {
		list = append(list, Contender{Name: "torch-" + way, Who: "PyTorch " + who, Form: Plain, program: "torch_mixture.py", way: way, python: "torch"})
	}
	torch("published", "eager, as published")
	torch("eager", "eager")
	if runs > 1 {
		torch("bmm", "bmm")
	}
	torch("compile", "compile")
	for _, way := range []struct {
		name, who string
		many      bool
	}{{"jit", "JAX jit", false}, {"vmap", "JAX jit(vmap)", true}, {"map", "JAX jit(map)", true}} {
		if way.many == (runs > 1) {
			list = append(list, Contender{Name: "jax-" + way.name, Who: way.who, Form: Plain, program: "jax_mixture.py", way: way.name, python: "jax"})
		}
	}
	return list
}

// contenders are those of a workload.
func (w Workload) contenders() []Contender {
	switch {
	case w.Mixture != nil:
		return mixtureContenders(w.Mixture.Runs)
	case w.Images != nil:
		return imageContenders()
	case w.Sweep != nil:
		return sweepContenders()
	}
	return Contenders()
}

// Names are what can be chosen: every workload, and every contender but the baseline,
// which always runs.
func Names() (workloads, contenders []string) {
	for _, w := range Workloads() {
		workloads = append(workloads, w.Name)
		for _, c := range w.contenders() {
			if c.Name != Baseline && !slices.Contains(contenders, c.Name) {
				contenders = append(contenders, c.Name)
			}
		}
	}
	return workloads, contenders
}

// chosen reports whether a contender is among names, which may be its own or one that
// its own begins with ("jax"). No names choose all.
func (c Contender) chosen(names []string) bool {
	return len(names) == 0 || c.Name == Baseline || slices.ContainsFunc(names, func(n string) bool {
		return c.Name == n || strings.HasPrefix(c.Name, n+"-")
	})
}

// CheckNames returns an error with the nearest name for a workload or contender that
// does not exist.
func CheckNames(only, peers []string) error {
	workloads, contenders := Names()
	for _, n := range only {
		if !slices.Contains(workloads, n) {
			return names.Unknown("workload", n, workloads)
		}
	}
	for _, n := range peers {
		known := slices.ContainsFunc(contenders, func(c string) bool { return c == n || strings.HasPrefix(c, n+"-") })
		if !known {
			return names.Unknown("peer", n, contenders)
		}
	}
	return nil
}

// environments are where peers run.
type environments struct {
	modspec string // this program
	scripts string // the folder of the Python programs
	peers   string // what bench/peers/setup.sh made: .venv
	python  string // an interpreter for all of them; "" for those of setup.sh
}

// interpreter is the Python of an environment, or why there is none.
func (e environments) interpreter(which string) (string, error) {
	path := e.python
	if path == "" {
		path = filepath.Join(e.peers, which, "bin", "python")
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no %s; bench/peers/setup.sh makes it", path)
	}
	return path, nil
}

// command is how a contender is started for a setting in a folder. The error says why
// it cannot be.
func (e environments) command(c Contender, o Options, subject, folder, maps string) (program string, args []string, err error) {
	budget := fmt.Sprint(o.Budget.Seconds())
	switch {
	case c.Ours:
		args = []string{"bench", "contend", folder, "--subject", subject, "--backend", c.backend, "--precision", c.precision,
			"--maps", maps, "--budget", budget, "--threads", fmt.Sprint(o.Threads)}
		if c.Scaled {
			args = append(args, "--scaled")
		}
		return e.modspec, args, nil
	case c.program == "":
		program = filepath.Join(e.peers, "gorgonia")
		if _, err := os.Stat(program); err != nil {
			return "", nil, fmt.Errorf("there is no %s; bench/peers/setup.sh builds it", program)
		}
		return program, []string{"-form", c.Form, "-maps", maps, "-budget", budget, folder}, nil
	}
	if program, err = e.interpreter(c.python); err != nil {
		return "", nil, err
	}
	args = []string{"-B", filepath.Join(e.scripts, c.program), folder, "--way", c.way, "--maps", maps, "--threads", fmt.Sprint(o.Threads)}
	if subject != OfImages {
		args = append(args, "--budget", budget)
	}
	if subject == OfModules {
		args = append(args, "--form", c.Form)
	}
	return program, args, nil
}

// pinned are the variables by which libraries learn how many threads they have.
// PyTorch shares a batch out itself, so the BLAS below it keeps to one thread: two
// sets of threads would fight for the same CPUs.
func (c Contender) pinned(threads int) []string {
	n := fmt.Sprint(threads)
	blas := n
	if c.python == "torch" {
		blas = "1"
	}
	return []string{
		"OMP_NUM_THREADS=" + n, "OPENBLAS_NUM_THREADS=" + blas, "MKL_NUM_THREADS=" + n, "GOMAXPROCS=" + n,
		"NUMEXPR_NUM_THREADS=" + n, "JAX_PLATFORMS=cpu",
		fmt.Sprintf("XLA_FLAGS=--xla_cpu_multi_thread_eigen=%t", threads > 1),
	}
}
