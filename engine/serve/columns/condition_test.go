package columns

import (
	"math"
	"strings"
	"testing"
)

func TestConditionsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "must have the form",
		"kx":                        "must have the form",
		"=3":                        "must have the form",
		"kx!3":                      "must have the form",
		"kx = 3":                    "no column",
		"no=3":                      "no column",
		"kx=three":                  "must be a finite number",
		"kx=NaN":                    "must be a finite number",
		"kx<Inf":                    "must be a finite number",
		"kx<":                       "no value",
		"arch<dense":                "only = and !=",
		"seed=007":                  "leading zero; write 7",
		"lr=0x1p-4":                 "must be a finite number",
		"lr=1e-400":                 "nearer to 0",
		"sed=1":                     `did you mean "seed"?`,
		"id!=00":                    "only id=HEX",
		"id=":                       "only id=HEX",
		strings.Repeat("x", 10_000): "must have the form",
	} {
		_, err := ParseCondition(linearRuns, text)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%q gives %v, want a short error with %q", text, err, want)
		}
	}
}

func TestConditionValues(t *testing.T) {
	for _, c := range []struct {
		text    string
		numbers []Entry
		want    string
	}{
		{"kx=3", []Entry{{3, "3"}, {2, "2"}}, "yn"},
		{"kx=3.0", []Entry{{3, "3"}}, "y"},
		{"kx!=3", []Entry{{3, "3"}, {2, "2"}}, "ny"},
		{"kx>=3", []Entry{{3, "3"}, {4, "4"}, {2.5, "2.5"}}, "yyn"},
		{"kx<=-1e3", []Entry{{-1000, "-1000"}, {-999, "-999"}}, "yn"},
		{"arch=a=b", []Entry{{0, "a=b"}, {0, "a"}}, "yn"},
		{"modules=", []Entry{{0, ""}, {0, "x"}}, "yn"},
		{"modules!=", []Entry{{0, ""}, {0, "x"}}, "ny"},
		// The two seeds are one float64.
		{"seed=18446744073709551615", []Entry{{1 << 64, "18446744073709551615"}, {1 << 64, "18446744073709551614"}}, "yn"},
		{"seed<18446744073709551615", []Entry{{1 << 64, "18446744073709551615"}, {1 << 64, "18446744073709551614"}}, "ny"},
		{"seed>=9007199254740993", []Entry{{1 << 53, "9007199254740993"}, {1 << 53, "9007199254740992"}}, "yn"},
		{"seed>=6.5", []Entry{{6, "6"}, {7, "7"}}, "ny"}, // the bound of a bin
		{"seed>-1", []Entry{{0, "0"}}, "y"},
		{"seed!=9007199254740993", []Entry{{1 << 53, "9007199254740993"}, {1 << 53, "9007199254740992"}}, "ny"},
		{"lr=1e-5", []Entry{{1e-5, "1e-05"}}, "y"}, // the command line compared texts
		{"lr=0.00001", []Entry{{1e-5, "1e-05"}}, "y"},
		{"kx!=3", []Entry{{math.NaN(), ""}}, "y"},
		{"kx<=3", []Entry{{math.NaN(), ""}}, "n"},
		{"seed=1e+06", []Entry{{1e6, "1000000"}, {1e6, ""}}, "yy"},
	} {
		parsed, err := ParseCondition(linearRuns, c.text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range c.numbers {
			if parsed.meets(e) {
				got += "y"
			} else {
				got += "n"
			}
		}
		if got != c.want {
			t.Errorf("%s says %s of %v, want %s", c.text, got, c.numbers, c.want)
		}
	}
}

func TestTooManyConditions(t *testing.T) {
	c, err := ParseCondition(linearRuns, "kx=1")
	if err != nil {
		t.Fatal(err)
	}
	list := make([]Condition, MaxConditions+1)
	for i := range list {
		list[i] = c
	}
	if _, err := NewFilter(list); err == nil {
		t.Error("too many conditions are taken")
	}
	if _, err := NewFilter(make([]Condition, 1)); err == nil {
		t.Error("a condition that was never read is taken")
	}
}

// FuzzParseCondition: whatever is asked, it is refused in one short line, or it is
// a condition that a filter takes.
func FuzzParseCondition(f *testing.F) {
	for _, text := range []string{"kx=3", "r>=0.5", "diverged_step!=", "arch=dense", "id=00ff", "kx<=x", "=", "seed=-1", "lr=1e999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(linearRuns, text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%q gives the error %q", text, err)
			}
			return
		}
		if c.Column+c.Operator != text[:len(c.Column+c.Operator)] {
			t.Errorf("%q is read as %+v", text, c)
		}
		if _, err := NewFilter([]Condition{c}); err != nil {
			t.Error(err)
		}
		c.meets(Entry{1, "1"})
	})
}
