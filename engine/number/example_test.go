package number_test

import (
	"fmt"

	"modspec/engine/number"
)

func ExampleFormat() {
	for _, v := range []float64{0.0312345, 300, 1.3e-12, -2} {
		fmt.Println(number.Format(v))
	}
	// Output:
	// 0.03123
	// 300
	// 1.3·10⁻¹²
	// −2
}
