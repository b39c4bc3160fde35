package results

import (
	"os"
	"strings"
	"testing"
)

func TestCommandLineNamesNeitherPlaceNorUser(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, ""},
		{[]string{"/home/ada/go/bin/modspec", "reproduce"}, "modspec reproduce"},
		{[]string{`C:\Users\ada\modspec.exe`, "reproduce"}, "modspec reproduce"},
		{[]string{"ada", "reproduce"}, "ada reproduce"}, // the program keeps its name
		{[]string{"modspec", "reproduce", "--out", "/home/ada/results/"}, "modspec reproduce --out results"},
		{[]string{"modspec", "--out=/home/ada/results"}, "modspec --out=results"},
		{[]string{"modspec", "-I/home/ada/in"}, "modspec -Iin"},
		{[]string{"modspec", `--out=C:\Users\ada\out`}, "modspec --out=C:out"},
		{[]string{"modspec", "--in=/data/a.csv,/home/ada/b.csv"}, "modspec --in=a.csv,b.csv"},
		{[]string{"modspec", "/a/b:/home/ada"}, "modspec b:user"},
		{[]string{"modspec", "~/out", "~ada/out", "~ada", "../ada/out", "x/../../ada"}, "modspec out out ~ out user"},
		{[]string{"modspec", "ada", "runs/ada/1"}, "modspec user runs/user/1"},
		{[]string{"modspec", `{"out":"/home/ada/x"}`}, `modspec '{"out":"x"}'`},
		{[]string{"modspec", "--shard", "3/8", "runs/1", "step_size=0.02", "-v", "/"}, "modspec --shard 3/8 runs/1 step_size=0.02 -v /"},
		{[]string{"modspec", "a b", "it's", ""}, `modspec 'a b' 'it'\''s' ''`},
	} {
		if got := commandLine(c.args, "ada"); got != c.want {
			t.Errorf("commandLine(%q) = %s, want %s", c.args, got, c.want)
		}
	}
}

// The process's own arguments hold an absolute path under go test.
func TestCommandLineOfThisProcess(t *testing.T) {
	got := CommandLine(os.Args)
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got, os.TempDir()+string(os.PathSeparator)) || strings.Contains(got, folder) {
		t.Errorf("CommandLine(os.Args) = %s, which holds a folder of this machine", got)
	}
}
