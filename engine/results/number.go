package results

import (
	"encoding/json"
	"math"
)

// Number is a float64 that JSON can always carry: NaN and the infinities, for
// which JSON has no form, are written as null, and null is read as NaN.
type Number float64

// MarshalJSON writes the shortest decimal that reads back as the same float64,
// or null for NaN and the infinities.
func (n Number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if !finite(v) {
		return []byte("null"), nil
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads a JSON number, or null as NaN.
func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	var v float64
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*n = Number(v)
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
