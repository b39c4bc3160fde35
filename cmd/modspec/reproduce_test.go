package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"modspec/engine/results"
	"modspec/engine/study"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

const studyText = `name: NAME
method: grid
precision: float64
seeds: SEEDS
steps: 20
record: {every: 5}
parameters:
  arch: {values: [shallow, split]}
`

// twoStudies share the sweep "one", of 4 networks; "two" has 6.
func twoStudies() []study.Study {
	file := func(name, seeds string) study.Sweep {
		return study.Sweep{Name: name, Text: strings.NewReplacer("NAME", name, "SEEDS", seeds).Replace(studyText)}
	}
	one, two := file("one", "2"), file("two", "3")
	return []study.Study{{ID: "a", Sweeps: []study.Sweep{one}}, {ID: "b", Sweeps: []study.Sweep{two, one}}}
}

func plannedFor(t *testing.T, out string, studies []study.Study) *studySweeps {
	t.Helper()
	return plannedOn(t, "reference", out, studies)
}

func plannedOn(t *testing.T, backend, out string, studies []study.Study) *studySweeps {
	t.Helper()
	s, err := planSweeps(context.Background(), &reproduceFlags{backendFlags: backendFlags{backend: backend, threads: 1}}, studies)
	if err != nil {
		t.Fatal(err)
	}
	s.out = out
	return s
}

// A stopping backend counts the runs that it has told of, and cancels once there are so
// many; what ends after that is lost, as it is when a process is interrupted.
type stopping struct {
	train.Backend
	cancel context.CancelFunc
	after  int
	told   *int
}

func (b stopping) Train(ctx context.Context, job *train.Job, to train.Recorder) error {
	return b.Backend.Train(ctx, job, stoppingRecorder{to, b})
}

type stoppingRecorder struct {
	train.Recorder
	b stopping
}

func (r stoppingRecorder) Finish(run int, end train.End) error {
	if *r.b.told == r.b.after {
		return context.Canceled
	}
	err := r.Recorder.Finish(run, end)
	if *r.b.told++; *r.b.told == r.b.after {
		r.b.cancel()
	}
	return err
}

// stopAfter has the sweeps stop after so many runs, or never for −1.
func (s *studySweeps) stopAfter(after int, cancel context.CancelFunc) (told *int) {
	told = new(int)
	open := s.open
	s.open = func(f *backendFlags, precision string) (train.Backend, error) {
		b, err := open(f, precision)
		return stopping{b, cancel, after, told}, err
	}
	return told
}

// TestSweepsOfStudiesGoOn: an interrupted reproduction trains what is missing and nothing
// twice, to the tables of one that was not interrupted.
func TestSweepsOfStudiesGoOn(t *testing.T) {
	out, whole := t.TempDir(), t.TempDir()
	now := results.NewProvenance("reference", "float64", nil, time.Now())
	studies := twoStudies()
	ctx, cancel := context.WithCancel(context.Background())
	s := plannedFor(t, out, studies)
	s.stopAfter(5, cancel) // one network of "two"
	var said bytes.Buffer
	err := s.train(ctx, &said, &said, now)
	var exit exitError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &exit) || exit.code != exitInterrupted || !strings.Contains(err.Error(), "sweep two: interrupted: the folder holds 1 of 6 copies, and the same command goes on from there") {
		t.Fatalf("the error is %v", err)
	}
	if _, _, err := s.tables(studies[0]); err != nil {
		t.Errorf("the sweep that was whole: %v", err)
	}

	again := plannedFor(t, out, studies)
	if err := again.discard(false, &now); err != nil {
		t.Fatal(err)
	}
	told := again.stopAfter(-1, cancel)
	said.Reset()
	if err := again.train(context.Background(), &said, &said, now); err != nil {
		t.Fatal(err)
	}
	if *told != 5 || !strings.Contains(said.String(), "5 networks of 2 sweeps trained") {
		t.Errorf("%d networks were trained, want the 5 that were missing: %q", *told, said.String())
	}
	straight := plannedFor(t, whole, studies)
	if err := straight.train(context.Background(), &said, &said, now); err != nil {
		t.Fatal(err)
	}
	for _, of := range studies {
		got, _, err := again.tables(of)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := straight.tables(of)
		if err != nil {
			t.Fatal(err)
		}
		for _, named := range of.Sweeps {
			// As texts, which NaN equals itself in; numbers are written exactly.
			if got, want := fmt.Sprintf("%+v", *got[named.Name]), fmt.Sprintf("%+v", *want[named.Name]); got != want {
				t.Errorf("study %s: the table of %s is not that of a run without interruption", of.ID, named.Name)
			}
		}
	}
	for _, named := range studies[1].Sweeps {
		if text, err := os.ReadFile(filepath.Join(out, sweepsFolder, named.Name+".yaml")); err != nil || string(text) != named.Text {
			t.Errorf("the file of %s: %v", named.Name, err)
		}
	}
}

// TestSweepsOfStudiesBeginAnew: what another file, backend or program made is begun anew,
// and nothing else is; a folder that is no sweep's stays as it is.
func TestSweepsOfStudiesBeginAnew(t *testing.T) {
	now := results.NewProvenance("reference", "float64", nil, time.Now())
	changed := twoStudies()
	changed[1].Sweeps[0].Text = strings.Replace(changed[1].Sweeps[0].Text, "steps: 20", "steps: 10", 1)
	other := now
	other.Commit = "other"
	for _, c := range []struct {
		name    string
		studies []study.Study
		backend string
		all     bool
		by      results.Provenance
		kept    []string
	}{
		{"the same", twoStudies(), "reference", false, now, []string{"one", "two"}},
		{"another file", changed, "reference", false, now, []string{"one"}},
		{"another backend", twoStudies(), "cpu", false, now, nil},
		{"another program", twoStudies(), "reference", false, other, nil},
		{"all", twoStudies(), "reference", true, now, nil},
	} {
		out := t.TempDir()
		var said bytes.Buffer
		if err := plannedFor(t, out, twoStudies()).train(context.Background(), &said, &said, now); err != nil {
			t.Fatal(err)
		}
		if err := plannedOn(t, c.backend, out, c.studies).discard(c.all, &c.by); err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, name := range []string{"one", "two"} {
			if _, err := store.ReadStatus(filepath.Join(out, sweepsFolder, name)); err == nil {
				kept = append(kept, name)
			}
		}
		if !reflect.DeepEqual(kept, c.kept) {
			t.Errorf("%s: %v were kept, want %v", c.name, kept, c.kept)
		}
	}

	out := t.TempDir()
	mine := filepath.Join(out, sweepsFolder, "one", "runs", "mine.parquet")
	if err := os.MkdirAll(filepath.Dir(mine), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := plannedFor(t, out, twoStudies())
	if err := s.discard(true, &now); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "mine" {
		t.Errorf("the file of another: %q, %v", text, err)
	}
}

// TestSweepsInFloat32: what the reference backend has no precision for trains on the cpu
// backend, beside the others.
func TestSweepsInFloat32(t *testing.T) {
	studies := twoStudies()
	studies[1].Sweeps[0].Text = strings.Replace(studies[1].Sweeps[0].Text, "float64", "float32", 1)
	out := t.TempDir()
	var said bytes.Buffer
	if err := plannedFor(t, out, studies).train(context.Background(), &said, &said, results.NewProvenance("reference", "float64", nil, time.Now())); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"one": "reference float64", "two": "cpu float32"} {
		status, err := store.ReadStatus(filepath.Join(out, sweepsFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		by := status.Processes[0]
		if got := status.Backend + " " + status.Precision; got != want || by.Backend+" "+by.Precision != want {
			t.Errorf("%s was trained on %s, by %s %s; want %s", name, got, by.Backend, by.Precision, want)
		}
	}
}

// TestSweepsOfStudiesAreChecked: a file that is no sweep, or one that cannot be run, is
// told before anything is trained.
func TestSweepsOfStudiesAreChecked(t *testing.T) {
	studies := twoStudies()
	studies[1].Sweeps[0].Text = strings.Replace(studies[1].Sweeps[0].Text, "arch", "arhc", 1)
	if _, err := planSweeps(context.Background(), &reproduceFlags{backendFlags: backendFlags{backend: "reference"}}, studies); err == nil || !strings.Contains(err.Error(), "two.yaml") || !strings.Contains(err.Error(), "arhc") {
		t.Errorf("the error is %v", err)
	}
	s := plannedFor(t, t.TempDir(), twoStudies())
	broken := errors.New("no such device")
	s.open = func(*backendFlags, string) (train.Backend, error) { return nil, broken }
	var said bytes.Buffer
	var exit exitError
	if err := s.train(context.Background(), &said, &said, results.Provenance{}); !errors.Is(err, broken) || !errors.As(err, &exit) || exit.code != exitBadInput {
		t.Errorf("the error is %v", err)
	}
}

// TestReproduceOneStudy: the command writes claims, figures, report and sweeps. After its
// end it begins anew; without its verdict, as after an interruption, it goes on.
func TestReproduceOneStudy(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	began := func() time.Time {
		t.Helper()
		stdout, stderr, code := modspec(t, "reproduce", "--only", "shallow-dynamics", "--out", out)
		if code != exitOK || !strings.Contains(stdout, "3 of 3 claims hold") {
			t.Fatalf("exit %d, %q, %q", code, stdout, stderr)
		}
		status, err := store.ReadStatus(filepath.Join(out, sweepsFolder, "shallow"))
		if err != nil || status.State != store.StateDone || len(status.Processes) != 1 {
			t.Fatalf("status %+v, %v", status, err)
		}
		return status.Began
	}
	first := began()
	claims, err := results.ReadClaims(filepath.Join(out, claimsName))
	if err != nil {
		t.Fatal(err)
	}
	if len(claims.Claims) != 3 || len(claims.Studies) != 1 || claims.Studies[0].ID != "shallow-dynamics" || len(claims.Studies[0].Figures) != 1 || !(claims.Studies[0].Seconds > 0) {
		t.Errorf("claims.json has %d claims and the studies %+v", len(claims.Claims), claims.Studies)
	}
	figure := claims.Studies[0].Figures[0]
	if figure.Caption == "" || figure.Alt == "" {
		t.Errorf("the figure %q has no caption or alternative text", figure.Name)
	}
	for _, name := range []string{reportName, figure.Name + ".png", figure.Name + ".svg"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, "sweep", "plan", filepath.Join(out, sweepsFolder, "shallow.yaml"))

	second := began()
	if !second.After(first) {
		t.Errorf("the second reproduction went on with the sweep of %v", first)
	}
	if err := os.Remove(filepath.Join(out, claimsName)); err != nil {
		t.Fatal(err)
	}
	if third := began(); !third.Equal(second) {
		t.Errorf("the third reproduction began the sweep anew at %v", third)
	}
}
