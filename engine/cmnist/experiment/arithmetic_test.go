package experiment_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"modspec/engine/cmnist/experiment"
	"modspec/engine/results"
)

// TestAnotherArithmeticIsRefused: an experiment that one build had begun was resumed
// by another whose results differ in the last bits.
func TestAnotherArithmeticIsRefused(t *testing.T) {
	o := options(t, t.TempDir())
	o.Config.Epochs = 1
	if _, err := experiment.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.Dir, experiment.ConfigName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := `"arithmetic": "` + results.Arithmetic() + `"`
	if !strings.Contains(string(text), line) {
		t.Fatalf("%s lacks %s", text, line)
	}
	o.Resume = true
	resume := func(now string) error {
		if err := os.WriteFile(path, []byte(now), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := experiment.Run(context.Background(), o)
		return err
	}
	err = resume(strings.Replace(string(text), line, `"arithmetic": "s390x"`, 1))
	var mismatch *experiment.MismatchError
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), "begun by a build for s390x") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
	// Of before it was recorded: as if it were the usual build's.
	err = resume(strings.Replace(string(text), ",\n  "+line, "", 1))
	if usual := results.Arithmetic() == runtime.GOARCH; usual != (err == nil) {
		t.Errorf("a folder without a record: %v", err)
	}
	if err := resume(string(text)); err != nil {
		t.Error(err)
	}
}
