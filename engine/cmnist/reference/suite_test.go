package reference_test

import (
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/backendtest"
	"modspec/engine/cmnist/reference"
)

func TestSuite(t *testing.T) {
	backendtest.Run(t, "reference", func() (cmnist.Backend, error) { return reference.Backend{}, nil }, 0x1p-53)
}
