package results

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
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

// TestCommitOfACheckout: results of go run had commit "unknown". What the checkout says
// is taken, and nothing that another repository says.
func TestCommitOfACheckout(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		command := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := write("a/b/source.go", "package b")
	expect := func(what, commit, tree string) {
		t.Helper()
		if got := checkout(context.Background(), file); got.commit != commit || got.tree != tree || got.note == "" || strings.Contains(got.note, dir) {
			t.Errorf("%s: %+v, want commit %s and tree %s", what, got, commit, tree)
		}
	}
	expect("no repository", Unknown, Unknown)
	git("init", "-q")
	expect("no commit", Unknown, Unknown)
	write("other", "x")
	git("add", "other")
	git("commit", "-q", "-m", "other")
	expect("a repository without the file", Unknown, Unknown)
	git("add", ".")
	git("commit", "-q", "-m", "all")
	head := git("rev-parse", "HEAD")
	// As in a hook of another repository.
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "none"))
	expect("as committed", head, "clean")
	write("a/b/source.go", "package b // changed")
	expect("changed", head, "modified")
	write("a/b/source.go", "package b")
	expect("changed back", head, "clean")
	write("new.go", "package new")
	expect("a new file", head, "modified")
	t.Setenv("PATH", t.TempDir())
	expect("no git", Unknown, Unknown)
}

// Of other executables than those of go run a checkout says nothing.
func TestExecutablesOfGoRun(t *testing.T) {
	for path, want := range map[string]bool{
		"/tmp/go-build3180/b001/exe/modspec":                                      true,
		"/home/a/.cache/go-build/0a/0a" + strings.Repeat("9f", 31) + "-d/modspec": true,
		"/tmp/go-build3180/b001/results.test":                                     false,
		"/home/a/modspec/bin/modspec":                                             false,
		"/home/a/go/bin/modspec":                                                  false,
	} {
		if goRun.MatchString(path) != want {
			t.Errorf("%s is go run's: %v, want %v", path, !want, want)
		}
	}
}
