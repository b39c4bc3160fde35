package study_test

import (
	"context"
	"fmt"

	"modspec/engine/study"
)

func ExampleByID() {
	s, err := study.ByID("full-rank")
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := s.Decide(context.Background(), study.Evidence{}) // it has no sweeps
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range outcome.Claims {
		fmt.Println(c.ID, c.Pass)
	}
	// Output:
	// full-rank/enumerated true
	// full-rank/sampled true
	// full-rank/few-examples true
}
