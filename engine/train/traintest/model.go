package traintest

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// checkModel holds the case's models to what [train.Model] says of them, which no backend
// can find out: models of one shape have one program, and a setting that is named after a
// parameter has its value.
//
// Beside the case's settings it looks at some that differ from the first in one parameter.
func checkModel(_ Subject, c *Case) error {
	var first train.Model // of the case's settings
	for i, setting := range append(slices.Clone(c.Settings), c.neighbours()...) {
		m, err := c.Model(setting)
		if err != nil && i >= len(c.Settings) {
			continue // the combination does not exist
		}
		if err != nil {
			return err
		}
		if first == nil {
			first = m
		}
		if m.Shape() != first.Shape() {
			if i < len(c.Settings) {
				return fmt.Errorf("%v has the shape %s, but the settings of a case have one shape, here %s", setting, m.Shape(), first.Shape())
			}
			continue
		}
		if err := checkSettings(c.Kind.Parameters(), m); err != nil {
			return fmt.Errorf("%v: %w", setting, err)
		}
		equal, err := equalPrograms(first, m)
		if err != nil {
			return err
		}
		if !equal || m.Steps() != first.Steps() {
			return fmt.Errorf("%v and %v have the shape %s, but other programs or numbers of steps: one would be trained as the other", c.Settings[0], setting, m.Shape())
		}
	}
	return nil
}

// neighbours are the first setting with another value of one parameter, which is in its
// domain; of numbers there are up to four, of texts every word.
func (c *Case) neighbours() (list []map[string]string) {
	base, err := c.Model(c.Settings[0])
	if err != nil {
		return nil // checkModel reports it
	}
	for i, p := range c.Kind.Parameters() {
		texts := slices.Clone(p.Words)
		if v := base.Parameters()[i].Number; p.Numeric() {
			for _, near := range []float64{v + 1, v - 1, 2 * v, v / 2} {
				texts = append(texts, train.NumberText(near))
			}
		}
		for _, text := range texts {
			if _, err := train.ReadValue(c.Kind, &p, text); err != nil {
				continue
			}
			setting := map[string]string{}
			for name, value := range c.Settings[0] {
				setting[name] = value
			}
			setting[p.Name] = text
			list = append(list, setting)
		}
	}
	return list
}

// checkSettings compares the settings of a run with the parameters of their names. A model
// may have rounded a value to float32.
func checkSettings(parameters results.Schema, m train.Model) error {
	training, err := m.Program()
	if err != nil {
		return err
	}
	settings := m.Run(random.Stream{}).Settings
	if len(settings) != len(training.Settings) {
		return fmt.Errorf("the run has %d settings, but its training has %d: %v", len(settings), len(training.Settings), training.Settings)
	}
	for i, name := range training.Settings {
		p := parameters.Index(name)
		if p < 0 || !parameters[p].Numeric() {
			continue
		}
		if want := m.Parameters()[p].Number; math.Float32bits(float32(settings[i])) != math.Float32bits(float32(want)) {
			return fmt.Errorf("the setting %s of the run is %v, but the parameter %s is %v; the settings are, in order, %v", name, settings[i], name, want, training.Settings)
		}
	}
	return nil
}

func equalPrograms(a, b train.Model) (bool, error) {
	one, err := a.Program()
	if err != nil {
		return false, err
	}
	other, err := b.Program()
	if err != nil {
		return false, err
	}
	return reflect.DeepEqual(one, other), nil
}
