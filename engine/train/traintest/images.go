package traintest

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"modspec/engine/kind/images"
	"modspec/engine/mnist"
)

// Digits writes a set of made-up digits into a new folder and returns where it is. The
// classes of digits follow no pattern of places. Another salt gives other digits.
func Digits(t testing.TB, train, test int, salt byte) string {
	t.Helper()
	folder := t.TempDir()
	numbers := func(v ...int) (out []byte) {
		for _, n := range v {
			out = binary.BigEndian.AppendUint32(out, uint32(n))
		}
		return out
	}
	for name, count := range map[string]int{"train": train, "t10k": test} {
		pixels, labels := numbers(0x803, count, mnist.Side, mnist.Side), numbers(0x801, count)
		for i := range count {
			labels = append(labels, byte((i*i+3*i/7+len(name))%mnist.Classes))
			for at := range mnist.Side * mnist.Side {
				pixels = append(pixels, byte(i*31+at*(i+3)*(at%5+1))^salt)
			}
		}
		for what, data := range map[string][]byte{"images-idx3": pixels, "labels-idx1": labels} {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%s-ubyte", name, what)), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

// Images are cases of the kind images: one tower for all outputs with convolutions,
// and one for each block, with withheld numbers and batches of which the last of an
// epoch is smaller. Windows are nearly as large as the images: few places keep the suite
// quick, and shapes of convolutions are the business of package programtest.
//
// A rate of 1e30 would not do for a run that diverges: its first step may leave no ReLU
// above 0, and then the last biases alone grow, by a factor of twice the rate at each
// step. The square of 1e200 is beyond float64.
func Images(t testing.TB) []Case {
	folder := Digits(t, 20, 12, 0)
	at := func(lr string, more map[string]string) map[string]string {
		s := map[string]string{"data": folder, "digits": "2", "train": "6", "test": "3", "withhold": "3", "batch": "4", "lr": lr, "steps": "3", "init_scale": "0.1"}
		for name, value := range more {
			s[name] = value
		}
		return s
	}
	both := map[string]string{"arch": "4@28x55>relu>3@1x2>relu>both", "momentum": "0.5"}
	blocks := map[string]string{"arch": "5>relu>compositional;3@28x55>relu>non-compositional"}
	return []Case{
		{"images, one tower", images.Kind{}, []map[string]string{at("1e-4", both), at("2e-4", both)}, at("1e200", both)},
		{"images, a tower for each block", images.Kind{}, []map[string]string{at("1e-4", blocks)}, at("1e200", blocks)},
	}
}
