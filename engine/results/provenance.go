package results

import (
	"runtime"
	"runtime/debug"
	"time"
)

// Unknown stands for a part of the provenance that could not be found out.
const Unknown = "unknown"

// A Provenance says what computed a result, on what, and when: enough to run it
// again and to judge its timings. It names no folder and no user.
type Provenance struct {
	Version string `json:"version"` // of modspec; "(devel)" for a build from a working tree
	Commit  string `json:"commit"`  // full hash, or "unknown"
	Tree    string `json:"tree"`    // "clean", "modified" or "unknown"
	// CommitNote says how the commit is known where the build does not name it, or why it
	// is not.
	CommitNote string `json:"commit_note,omitempty"`
	GoVersion  string `json:"go"`       // "go1.26.8"
	Platform   string `json:"platform"` // "linux/amd64"
	CPU        string `json:"cpu"`      // model name, or the architecture where the system names none
	CPUs       int    `json:"cpus"`     // logical processors this process may use
	// Arithmetic is what [Arithmetic] returns; see [Provenance.ArithmeticName].
	Arithmetic string    `json:"arithmetic,omitempty"`
	Backend    string    `json:"backend"`   // linear.Backend's name
	Precision  string    `json:"precision"` // "float32", "float64"
	Command    string    `json:"command"`   // as typed, see [CommandLine]
	Started    time.Time `json:"started"`   // UTC, whole seconds
	Seconds    Number    `json:"seconds"`   // wall time, set by Took
}

// NewProvenance describes this process, which began its work at started. The
// arguments are os.Args.
func NewProvenance(backend, precision string, args []string, started time.Time) Provenance {
	p := Provenance{
		GoVersion:  runtime.Version(),
		Platform:   runtime.GOOS + "/" + runtime.GOARCH,
		CPU:        cpuModel(),
		CPUs:       runtime.NumCPU(),
		Arithmetic: Arithmetic(),
		Backend:    backend,
		Precision:  precision,
		Command:    CommandLine(args),
		Started:    started.UTC().Truncate(time.Second),
	}
	info, _ := debug.ReadBuildInfo() // nil where there is none
	p.Version, p.Commit, p.Tree = build(info)
	if p.Commit == Unknown {
		from := ofCheckout()
		p.Commit, p.Tree, p.CommitNote = from.commit, from.tree, from.note
	}
	return p
}

// Took records how long the work lasted. The duration is an argument because Started is
// rounded to whole seconds and has no monotonic clock.
func (p *Provenance) Took(d time.Duration) {
	p.Seconds = Number(d.Seconds())
}

// build reads version, commit and state of the working tree from info, which
// may be nil. A build by go run or with -buildvcs=false carries no commit; see
// ofCheckout.
func build(info *debug.BuildInfo) (version, commit, tree string) {
	version, commit, tree = Unknown, Unknown, Unknown
	if info == nil {
		return
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && s.Value != "":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			tree = "modified"
		case s.Key == "vcs.modified" && s.Value == "false":
			tree = "clean"
		}
	}
	return
}
