package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A kubernetesJob is what the tests need of a Job's manifest.
type kubernetesJob struct {
	Kind string
	Spec struct {
		CompletionMode string `yaml:"completionMode"`
		Completions    int
		Template       struct {
			Spec struct {
				RestartPolicy string `yaml:"restartPolicy"`
				Containers    []struct {
					Command, Args []string
				}
			}
		}
	}
}

// readJob reads a manifest of testdata/kubernetes and returns its command line,
// with files in place of those that a pod would mount.
func readJob(t *testing.T, name string, mounted ...string) (kubernetesJob, []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "kubernetes", name))
	if err != nil {
		t.Fatal(err)
	}
	var job kubernetesJob
	if err := yaml.Unmarshal(data, &job); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	containers := job.Spec.Template.Spec.Containers
	if job.Kind != "Job" || len(containers) != 1 || len(containers[0].Command) != 1 || containers[0].Command[0] != "modspec" {
		t.Fatalf("%s is no job of modspec's: %+v", name, job)
	}
	return job, replaced(containers[0].Args, mounted...)
}

func replaced(args []string, mounted ...string) []string {
	list := []string{}
	for _, a := range args {
		list = append(list, strings.NewReplacer(mounted...).Replace(a))
	}
	return list
}

// TestKubernetesIndexedJob runs the command lines of the manifests, as the pods
// would with their indices, and wants the digest of an unbroken sweep.
func TestKubernetesIndexedJob(t *testing.T) {
	file, results := writeSweep(t, smallSweep), t.TempDir()
	mounts := []string{"/sweep/sweep.yaml", file, "/results", results}
	job, args := readJob(t, "indexed-job.yaml", mounts...)
	if job.Spec.CompletionMode != "Indexed" || job.Spec.Template.Spec.RestartPolicy != "Never" {
		t.Errorf("the job is %+v", job.Spec)
	}
	copies := 0.0
	for index := range job.Spec.Completions {
		t.Setenv("JOB_COMPLETION_INDEX", strconv.Itoa(index))
		copies += decode(t, append(args, "--json")...)["copies"].(float64)
	}
	if copies != 12 {
		t.Errorf("%d pods train %v copies of 12", job.Spec.Completions, copies)
	}
	// Once more is once too often.
	t.Setenv("JOB_COMPLETION_INDEX", strconv.Itoa(job.Spec.Completions))
	_, stderr, code := modspec(t, args...)
	if says := fmt.Sprintf("there are %d shards", job.Spec.Completions); code != exitBadInput || !strings.Contains(stderr, says) {
		t.Errorf("a pod too many: exit %d, %s", code, stderr)
	}
	os.Unsetenv("JOB_COMPLETION_INDEX")

	_, merge := readJob(t, "merge-job.yaml", mounts...)
	must(t, merge...)
	whole := filepath.Join(t.TempDir(), "whole")
	must(t, "sweep", "run", file, "--out", whole)
	want := decode(t, "sweep", "digest", whole, "--json")["digest"]
	if got := decode(t, "sweep", "digest", filepath.Join(results, "first"), "--json")["digest"]; got != want {
		t.Errorf("the pods' results have digest %v, an unbroken sweep's %v", got, want)
	}
}
