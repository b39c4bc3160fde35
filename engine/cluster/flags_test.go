package cluster

import (
	"slices"
	"strings"
	"testing"
)

func TestDirectives(t *testing.T) {
	got, err := directives([]string{"--account=lab", "--nice", "-p", "gpu", "--comment=a b", "-Hv", "--mem", "8G", "--export=A=1,B=2", "-x", "node[1-3],node7"})
	want := []string{"--account=lab", "--nice", "-p gpu", `"--comment=a b"`, "-Hv", "--mem 8G", "--export=A=1,B=2", `-x "node[1-3],node7"`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("directives %q, %v; want %q", got, err, want)
	}
}

// TestReservedFlags: what would make the scripts another array, or hide its jobs
// and logs, is refused however sbatch lets it be written.
func TestReservedFlags(t *testing.T) {
	for _, words := range []string{
		"--array=1-3", "--array 1-3", "--arr=1", "-a 1-3", "-a1-3", "--job-name=x", "-Jx", "-J x", "--job-n=x", "--output=x", "-o x", "--o=x",
		"-e x", "--err=x", "--dependency=afterok:1", "-d afterok:1", "--chdir=/", "-D/", "--signal=TERM", "--no-requeue", "--requeue",
		"--parsable", "--wrap=ls", "--wait", "-W", "--test-only", "-HW", "-va1-3", "--mem=1G --array=3", "--open-mode=truncate", "--",
	} {
		_, err := directives(strings.Fields(words))
		expect(t, err, "modspec's to set")
	}
	for _, words := range []string{
		"--export=NONE", "--exclusive", "--account=a", "--time=1", "-t 1", "-pd", "-Alab", "--wait-all-nodes=1", "--hold", "-H", "--reservation=r", "--nodelist=n1", "-wa", "--qos=q",
	} {
		if _, err := directives(strings.Fields(words)); err != nil {
			t.Errorf("%s: %v", words, err)
		}
	}
	for _, words := range [][]string{{"lab"}, {"-"}, {""}, {"--comment=a\nb"}} {
		if _, err := directives(words); err == nil {
			t.Errorf("%q is taken", words)
		}
	}
}
