package results

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestNewProvenance(t *testing.T) {
	started := time.Date(2026, 3, 1, 12, 30, 15, 999, time.FixedZone("east", 3600))
	p := NewProvenance("reference", "float64", []string{"/opt/modspec", "reproduce"}, started)
	p.Took(1500 * time.Millisecond)
	if p.Backend != "reference" || p.Precision != "float64" || p.Command != "modspec reproduce" || p.Seconds != 1.5 {
		t.Errorf("provenance is %+v", p)
	}
	if want := time.Date(2026, 3, 1, 11, 30, 15, 0, time.UTC); p.Started != want {
		t.Errorf("started at %v, want %v", p.Started, want)
	}
	if p.GoVersion != runtime.Version() || p.Platform != runtime.GOOS+"/"+runtime.GOARCH || p.CPUs < 1 || p.CPU == "" {
		t.Errorf("machine is %+v", p)
	}
	// What the build says of itself is not dropped: Go's own tests have a version.
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		t.Fatal("this test was built without its module's version")
	}
	if version, commit, tree := build(info); p.Version != info.Main.Version || p.Version != version || p.Commit != commit || p.Tree != tree {
		t.Errorf("version %q, commit %q, tree %q, but the build says %q, %q, %q", p.Version, p.Commit, p.Tree, version, commit, tree)
	}
}

func TestBuild(t *testing.T) {
	setting := func(pairs ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}
		for i := 0; i < len(pairs); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return info
	}
	for _, c := range []struct {
		name                  string
		info                  *debug.BuildInfo
		version, commit, tree string
	}{
		{"no build info", nil, Unknown, Unknown, Unknown},
		{"empty build info", &debug.BuildInfo{}, Unknown, Unknown, Unknown},
		{"no version control", setting("GOOS", "linux"), "v1.2.3", Unknown, Unknown},
		{"clean", setting("vcs.revision", "abc", "vcs.modified", "false"), "v1.2.3", "abc", "clean"},
		{"modified", setting("vcs.revision", "abc", "vcs.modified", "true"), "v1.2.3", "abc", "modified"},
	} {
		version, commit, tree := build(c.info)
		if version != c.version || commit != c.commit || tree != c.tree {
			t.Errorf("%s: %s, %s, %s; want %s, %s, %s", c.name, version, commit, tree, c.version, c.commit, c.tree)
		}
	}
}

func TestModelName(t *testing.T) {
	for _, c := range []struct{ cpuinfo, want string }{
		{"processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some  CPU @ 2.00GHz\nmodel name\t: Other\n", "Some CPU @ 2.00GHz"},
		{"processor\t: 0\nBogoMIPS\t: 243.75\n", runtime.GOARCH}, // ARM
		{"model name\t:\n", runtime.GOARCH},
		{"", runtime.GOARCH},
	} {
		if got := modelName(strings.NewReader(c.cpuinfo)); got != c.want {
			t.Errorf("modelName(%q) = %q, want %q", c.cpuinfo, got, c.want)
		}
	}
}
