package programs

import "testing"

// What a step of a mixture takes: its products are those of the program, it moves less
// than operation by operation, and it is few launches. The counts that do not follow from
// others are those that this test first saw; a change that raises them should say why.
func TestCountOfAMixture(t *testing.T) {
	for _, rules := range []int{8, 32} {
		training := mixture{rules: rules, encoding: 32, width: 128, batch: 256}.training(t)
		report, err := Count(training, Options{})
		if err != nil {
			t.Fatal(err)
		}
		cost := training.Step.Cost()
		t.Logf("%d rules, start: %v", rules, report.Start)
		t.Logf("%d rules, step: %v; without fusion %d operations and %d bytes", rules, report.Step, len(training.Step.Nodes), 4*(cost.Read+cost.Written))
		t.Logf("%d rules, observe: %v", rules, report.Observe)
		for _, runs := range []int{1, 16, 64, 1024} {
			s := report.Step.Seconds(runs, H200)
			t.Logf("%d rules, %d runs: at least %.3g s a step, %.3g run-steps/s, %.0f %% of the products' peak", rules, runs, s,
				float64(runs)/s, 100*float64(runs)*float64(report.Step.Products)/H200.Products/s)
		}
		if report.Step.Products != cost.Products {
			t.Errorf("the plan has %d multiply-adds, the program %d", report.Step.Products, cost.Products)
		}
		if unfused := 4 * (cost.Read + cost.Written); 2*report.Step.Bytes > unfused {
			t.Errorf("the plan moves %d bytes, more than half of the %d without fusion", report.Step.Bytes, unfused)
		}
		if report.Step.Launches > 35 {
			t.Errorf("a step is %d launches, but was 35", report.Step.Launches)
		}
	}
}
