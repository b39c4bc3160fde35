package main

import (
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// The suite holds the kind on the cpu backend against the reference.
func TestParity(t *testing.T) {
	traintest.Suite(t, traintest.Subject{Precision: "float64", Open: func(threads int) (train.Backend, error) {
		executor, err := programs.New(programs.Options{Precision: programs.Float64, Threads: threads})
		if err != nil {
			return nil, err
		}
		return backend.New(executor), nil
	}}, traintest.Case{Name: "small", Kind: Parity{}, Settings: []map[string]string{
		{"bits": "2", "hidden": "3", "batch": "5", "steps": "6"},
		{"bits": "2", "hidden": "3", "batch": "5", "steps": "6", "lr": "0.1"},
	}})
}
