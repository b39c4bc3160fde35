package explorer

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"modspec/engine/names"
	"modspec/engine/number"
)

// all stands for as many as there are.
const all = "all"

const defaultBits = 3

// kind is what a setting takes.
type kind int

const (
	wholeKind kind = iota
	countKind      // whole, or all
	realKind
	textKind
	seedKind
)

// A setting is one parameter of a network. Names and defaults are those of
// modspec train; what is allowed is less.
type setting struct {
	name      string
	kind      kind
	initial   string // "": none
	low, high float64
}

func (s *setting) ranged() bool { return s.high > s.low }

var settings = []setting{
	{"bits", wholeKind, "3", 1, maxBits},
	{"nx", countKind, all, 0, maxBits},
	{"ny", wholeKind, "1", 0, maxBits},
	{"kx", wholeKind, "3", 0, maxCopies},
	{"ky", wholeKind, "1", 0, maxCopies},
	{"r", realKind, "1", 0, maxStrength},
	{"arch", textKind, "dense", 0, 0},
	{"hidden", wholeKind, "50", 1, maxHidden},
	{"depth", wholeKind, "1", 1, maxDepth},
	{"rule", textKind, "gd", 0, 0},
	{"gamma", realKind, "", -maxStrength, maxStrength},
	{"beta", realKind, "", -maxStrength, maxStrength},
	{"lr", realKind, "0.16", 0, maxStrength},
	{"init_scale", realKind, "0.0002", 0, maxScale},
	{"steps", wholeKind, "300", 1, maxSteps},
	{"train_examples", countKind, all, 1, 1 << maxBits},
	{"batch", countKind, all, 1, 1 << maxBits},
	{"seed", seedKind, "0", 0, 0},
}

// number reads a number and holds it to the setting's range.
func (s *setting) number(text string) (float64, error) {
	if s.kind == realKind {
		v, err := number.Real(text)
		if err == nil && (v < s.low || v > s.high) {
			err = fmt.Errorf("is %v, but must be a number from %v to %v", v, s.low, s.high)
		}
		if err != nil {
			err = fmt.Errorf("%s %w", s.name, err)
		}
		return v, err
	}
	n, err := number.Whole(text, int(s.low), int(s.high))
	if err != nil {
		or := ""
		if s.kind == countKind {
			or = ", or all"
		}
		err = fmt.Errorf("%s %w%s", s.name, err, or)
	}
	return float64(n), err
}

// values are settings that have been read.
type values struct {
	numbers map[string]float64 // without those that are "all" or not given
	texts   map[string]string
	seed    uint64
}

func read(given map[string]string) (values, error) {
	v := values{numbers: map[string]float64{}, texts: map[string]string{}}
	known := make([]string, len(settings))
	for i := range settings {
		known[i] = settings[i].name
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			if len(name) > 40 {
				name = name[:40]
			}
			return v, names.Unknown("parameter", name, known)
		}
	}
	for i := range settings {
		s := &settings[i]
		text := strings.TrimSpace(given[s.name])
		if text == "" {
			text = s.initial
		}
		var err error
		switch {
		case text == "", s.kind == countKind && text == all:
		case s.kind == textKind:
			v.texts[s.name] = text
		case s.kind == seedKind:
			if v.seed, err = number.Whole(text, 0, uint64(math.MaxUint64)); err != nil {
				return v, fmt.Errorf("seed %w", err)
			}
		default:
			if v.numbers[s.name], err = s.number(text); err != nil {
				return v, err
			}
		}
	}
	return v, nil
}
