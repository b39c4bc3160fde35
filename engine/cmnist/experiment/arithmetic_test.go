package experiment

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnotherArithmeticIsRefused: an experiment that one build had begun was resumed
// by another whose results differ in the last bits.
func TestAnotherArithmeticIsRefused(t *testing.T) {
	unsynced(t)
	o := small(t, filepath.Join(t.TempDir(), "x"))
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	begun, err := ReadConfig(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	other := begun
	other.Arithmetic = "s390x"
	if err := other.store(o.Dir); err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	_, err = Run(context.Background(), o)
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), "begun by a build for s390x") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
	if err := begun.store(o.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), o); err != nil {
		t.Error(err)
	}
}
