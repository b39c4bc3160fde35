package experiment

import (
	"cmp"
	"encoding/json"
	"os"
	"runtime"

	"modspec/engine/results"
)

// underArithmetic returns the configuration as the file at path has to have it, if
// there is one: without an arithmetic where it is from before that was recorded. The
// error is a [MismatchError] if the file was written by a process of another
// arithmetic; without a record that is taken for the usual build's.
func (c Config) underArithmetic(path string) (Config, error) {
	var then Config
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &then) != nil {
		return c, nil // whoever compares the files says what is wrong
	}
	if other := results.OtherArithmetic(path, cmp.Or(then.Arithmetic, runtime.GOARCH), c.Arithmetic); other != "" {
		return c, &MismatchError{other}
	}
	c.Arithmetic = then.Arithmetic
	return c, nil
}
