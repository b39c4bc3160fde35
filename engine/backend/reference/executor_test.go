package reference_test

import (
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/reference"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

func TestKinds(t *testing.T) {
	traintest.Suite(t, traintest.Subject{Precision: "float64", Open: func(threads int) (train.Backend, error) {
		return backend.New(reference.New(threads)), nil
	}}, traintest.Cases(t)...)
}
