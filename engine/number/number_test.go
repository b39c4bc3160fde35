package number_test

import (
	"flag"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"modspec/engine/number"
)

// TestOneNumberManySpellings: every spelling of a number is that number, exactly,
// or is refused with what is meant. Flags used to read 010 as 8, and whole numbers
// beyond 2⁵³ came out as their neighbours.
func TestOneNumberManySpellings(t *testing.T) {
	for _, c := range []struct {
		text  string
		whole string // the whole number, or part of the error
		real  string // the same, of the real number
	}{
		{"3", "3", "3"},
		{"+3", "3", "3"},
		{"-3", "-3", "-3"},
		{"3.", "3", "3"},
		{"3.000", "3", "3"},
		{"1e3", "1000", "1000"},
		{"1E+3", "1000", "1000"},
		{"1.25e2", "125", "125"},
		{"1250e-1", "125", "125"},
		{"0", "0", "0"},
		{"-0", "0", "0"},
		{"0e9999", "0", "0"},
		{"-.0e-3", "0", "0"},
		{"9007199254740993", "9007199254740993", "9007199254740992"},
		{"9.007199254740993e15", "9007199254740993", "9007199254740992"},
		{"9223372036854775807", "9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
		{"9223372036854775808", "must be a whole number from -9223372036854775808 to 9223372036854775807", "9223372036854775808"},
		{"1e30", "must be a whole number from", "1e30"},
		{"1e9999", "must be a whole number from", "beyond the largest number"},
		{"3.5", "is 3.5, but must be a whole number", "3.5"},
		{"3.0000000000000000001", "must be a whole number", "3"},
		{"1e-3", "must be a whole number", "0.001"},
		{".5", "must be a whole number", "0.5"},
		{"1e-400", "must be a whole number", "nearer to 0"},
		{"5e-324", "must be a whole number", "5e-324"},
		{"2e-324", "must be a whole number", "nearer to 0"},
		{"1.8e308", "must be a whole number from", "beyond the largest number"},

		{"010", `is "010", which has a leading zero; write 10`, `is "010", which has a leading zero; write 10`},
		{"-007.5", "write -7.5", "write -7.5"},
		{"00", "write 0", "write 0"},
		{"0x10", `is "0x10", which is not decimal; write 16`, "write 16"},
		{"0b11", "write 3", "write 3"},
		{"0o17", "write 15", "write 15"},
		{"1_000", "has an underscore; write 1000", "has an underscore; write 1000"},
		{"0x1p4", "must be a whole number", "must be a finite number"},
		{"NaN", "must be a whole number", "must be a finite number"},
		{"-Inf", "must be a whole number", "must be a finite number"},
		{".inf", "must be a whole number", "must be a finite number"},
		{`"7"`, `is "\"7\"", but must be`, `is "\"7\"", but must be`},
		{" 7", "must be", "must be"},
		{"7\n", `is "7\n", but must be`, `is "7\n", but must be`},
		{"7 8", "must be", "must be"},
		{"1,000", "must be", "must be"},
		{"−3", "must be", "must be"}, // the sign of typesetters
		{"٣", "must be", "must be"},
		{"1e", "must be", "must be"},
		{"1e00000", "must be", "must be"},
		{".", "must be", "must be"},
		{"+", "must be", "must be"},
		{"", "is empty", "is empty"},
		{"\x1b[31m", `\x1b`, `\x1b`},
		{strings.Repeat("x", 1000), "…", "…"},
	} {
		n, err := number.Whole(c.text, math.MinInt, math.MaxInt)
		if got := shown(strconv.Itoa(n), err); got != c.whole && (err == nil || !strings.Contains(got, c.whole)) {
			t.Errorf("the whole number %q is %s, want %s", c.text, got, c.whole)
		}
		v, err := number.Real(c.text)
		want, parses := strconv.ParseFloat(c.real, 64)
		switch {
		case parses == nil && (err != nil || v != want || math.Signbit(v) != (want < 0)):
			t.Errorf("the number %q is %v (%v), want %v", c.text, v, err, want)
		case parses != nil && (err == nil || !strings.Contains(err.Error(), c.real)):
			t.Errorf("the number %q is %v (%v), want the error %q", c.text, v, err, c.real)
		}
	}
}

func shown(text string, err error) string {
	if err != nil {
		return err.Error()
	}
	return text
}

// TestWholeHoldsItsBounds: at the bounds and one beyond them.
func TestWholeHoldsItsBounds(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"0", "is 0, but must be a whole number from 1 to 8"},
		{"1", "1"},
		{"8", "8"},
		{"9", "is 9, but must be a whole number from 1 to 8"},
		{"1.5", "is 1.5, but must be a whole number from 1 to 8"},
		{"x", `is "x", but must be a whole number from 1 to 8`},
	} {
		n, err := number.Whole(c.text, 1, 8)
		if got := shown(strconv.Itoa(n), err); got != c.want {
			t.Errorf("%q is %s, want %s", c.text, got, c.want)
		}
	}
	if n, err := number.Whole("18446744073709551615", 0, uint64(math.MaxUint64)); n != math.MaxUint64 || err != nil {
		t.Errorf("2⁶⁴−1 is %d (%v)", n, err)
	}
	for _, text := range []string{"18446744073709551616", "-1", "1e20"} {
		if n, err := number.Whole(text, 0, uint64(math.MaxUint64)); err == nil || !strings.Contains(err.Error(), "from 0 to 18446744073709551615") {
			t.Errorf("%s is %d (%v)", text, n, err)
		}
	}
	for text, want := range map[string]string{"x": `is "x"`, "-1": "is -1"} {
		if _, err := number.Whole(text, 0, math.MaxInt); err == nil || err.Error() != want+", but must be a whole number from 0" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestDigitsHaveOneSpelling: where a text is kept, its numbers are digits alone.
func TestDigitsHaveOneSpelling(t *testing.T) {
	for text, want := range map[string]string{
		"7": "7", "0": "0", "+7": "write 7", "7.0": "write 7", "1e1": "write 10",
		"07": "write 7", "-0": "write 0", "100": "from 0 to 99", "": "is empty",
	} {
		n, err := number.Digits(text, 0, 99)
		if got := shown(strconv.Itoa(n), err); got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestFlags: the package flag and pflag read as every other entrance does.
func TestFlags(t *testing.T) {
	var n int
	var seed uint64
	var rate float64
	ours, theirs := flag.NewFlagSet("x", flag.ContinueOnError), pflag.NewFlagSet("x", pflag.ContinueOnError)
	ours.SetOutput(io.Discard)
	ours.Var(number.NewFlag(&n, 3), "n", "")
	theirs.Var(number.NewFlag(&seed, 7), "seed", "")
	theirs.Var(number.NewFlag(&rate, 0.5), "rate", "")
	if n != 3 || seed != 7 || rate != 0.5 {
		t.Errorf("the defaults are %d, %d and %g", n, seed, rate)
	}
	if err := ours.Parse([]string{"-n", "010"}); err == nil || !strings.Contains(err.Error(), "leading zero") {
		t.Errorf("-n 010 gives %d (%v)", n, err)
	}
	if err := ours.Parse([]string{"-n", "1e2"}); err != nil || n != 100 {
		t.Errorf("-n 1e2 gives %d (%v)", n, err)
	}
	if err := theirs.Parse([]string{"--seed", "18446744073709551615", "--rate=-1e-3"}); err != nil || seed != math.MaxUint64 || rate != -1e-3 {
		t.Errorf("the flags are %d and %g (%v)", seed, rate, err)
	}
	for name, want := range map[string]string{"seed": "uint64", "rate": "float64"} {
		if got := theirs.Lookup(name).Value.Type(); got != want {
			t.Errorf("--%s is of the type %s, want %s", name, got, want)
		}
	}
	ours.PrintDefaults() // asks a flag without a number for its text
}

// FuzzNumber: a text is refused in one line, or its number is the one that exact
// arithmetic reads.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"3", "1e3", "010", "0x10", "-.5e-3", "9007199254740993", "1e-400", "1_0", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, errWhole := number.Whole(text, math.MinInt64, int64(math.MaxInt64))
		v, errReal := number.Real(text)
		for _, err := range []error{errWhole, errReal} {
			if err != nil && (strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 400) {
				t.Errorf("%q gives the error %q", text, err)
			}
		}
		exact, ok := new(big.Rat).SetString(text)
		if (errWhole == nil || errReal == nil) && !ok {
			t.Fatalf("%q is no number, but is read as %d (%v), %g (%v)", text, n, errWhole, v, errReal)
		}
		if errWhole == nil && exact.Cmp(new(big.Rat).SetInt64(n)) != 0 {
			t.Errorf("%q is read as %d", text, n)
		}
		if errReal == nil {
			if nearest, _ := exact.Float64(); nearest != v || nearest == 0 && exact.Sign() != 0 {
				t.Errorf("%q is read as %g, want %g", text, v, nearest)
			}
		}
	})
}
