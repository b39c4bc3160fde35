package number

import (
	"fmt"
	"math"
)

// A Flag is the value of a command's flag that holds a number. It serves the
// packages flag and pflag, whose own flags for numbers take 010 for 8.
type Flag[T int | uint64 | float64] struct{ to *T }

// NewFlag returns a flag that sets to, which it first sets to its default.
func NewFlag[T int | uint64 | float64](to *T, initial T) Flag[T] {
	*to = initial
	return Flag[T]{to}
}

// Set implements flag.Value.
func (f Flag[T]) Set(text string) (err error) {
	switch to := any(f.to).(type) {
	case *int:
		*to, err = Whole(text, math.MinInt, math.MaxInt)
	case *uint64:
		*to, err = Whole(text, 0, uint64(math.MaxUint64))
	case *float64:
		*to, err = Real(text)
	}
	return err
}

// String implements flag.Value; it is asked of a flag without a number too.
func (f Flag[T]) String() string {
	if f.to == nil {
		return ""
	}
	return fmt.Sprint(*f.to)
}

// Type names the kind of number, as pflag's own flags do.
func (f Flag[T]) Type() string {
	var zero T
	return fmt.Sprintf("%T", zero)
}
