package results

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// goRun matches the executables that go run starts: one that it has just built in a
// folder for that, or one of the build cache, which it uses where no source differs.
var goRun = regexp.MustCompile(`/go-build[0-9]+/b[0-9]+/exe/[^/]+$|/[0-9a-f]{2}/[0-9a-f]{64}-d/[^/]+$`)

// A source is the commit that a program was built from, the state of the working tree,
// and how they are known, or why they are not.
type source struct{ commit, tree, note string }

func unknown(why string) source { return source{Unknown, Unknown, why} }

// ofCheckout returns the commit and the state of the working tree that this program was
// built from, from its checkout, for a build that has none; or [Unknown], and why. go
// run records none, but builds from the files as they are. The checkout of any other
// executable may have changed since.
var ofCheckout = sync.OnceValue(func() source {
	executable, err := os.Executable()
	if err != nil || !goRun.MatchString(filepath.ToSlash(executable)) {
		return unknown("the build does not name it")
	}
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) { // built with -trimpath
		return unknown("the build names neither it nor its checkout")
	}
	// Git answers in milliseconds; a file system that does not answer must not block
	// the program.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return checkout(ctx, file)
})

// checkout asks git for the commit that a source file's folder is at, and whether the
// files there are that commit's ("clean") or were changed ("modified", also by a new
// one). A repository without the file gives nothing.
func checkout(ctx context.Context, file string) source {
	git := func(args ...string) (string, error) {
		command := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks"}, args...)...)
		command.Dir = filepath.Dir(file)
		// A hook that starts this program may have git look at another repository.
		command.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "GIT_") })
		out, err := command.Output()
		return strings.TrimSpace(string(out)), err
	}
	if _, err := exec.LookPath("git"); err != nil {
		return unknown("there is no git to ask the checkout with")
	}
	if _, err := git("ls-files", "--error-unmatch", "--", filepath.Base(file)); err != nil {
		return unknown("the source is in no checkout that git reads")
	}
	commit, err := git("rev-parse", "--verify", "HEAD")
	if err != nil {
		return unknown("the checkout has no commit")
	}
	tree := "clean"
	switch changed, err := git("status", "--porcelain"); {
	case err != nil:
		tree = Unknown
	case changed != "":
		tree = "modified"
	}
	return source{commit, tree, "of the checkout, from which go run built"}
}
