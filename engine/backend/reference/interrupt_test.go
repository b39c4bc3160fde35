package reference

import (
	"context"
	"errors"
	"testing"

	"modspec/engine/program"
)

// A later context ends once it has been asked a number of times.
type later struct {
	context.Context
	asked int
}

func (c *later) Err() error {
	if c.asked--; c.asked < 0 {
		return context.Canceled
	}
	return nil
}

// TestInterruptedBetweenNodes: an evaluation ends before the node at which its context
// has ended. The last node here, number 3, is an error of its own, as it takes a row
// that its table lacks.
func TestInterruptedBetweenNodes(t *testing.T) {
	b := program.NewBuilder()
	b.Output("row", b.Gather(b.Exp(b.Constant([]float64{1, 2}, 2)), b.Constant([]float64{7}, 1)))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for asked := range len(p.Nodes) + 1 {
		_, err := evaluate(&later{context.Background(), asked}, p, program.Place{})
		if errors.Is(err, context.Canceled) != (asked < len(p.Nodes)) {
			t.Errorf("a context that ends at node %d of %d: %v", asked, len(p.Nodes), err)
		}
	}
}
