package linear_test

import (
	"slices"
	"strings"
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/results"
)

// TestColumnsAreThoseOfEarlierVersions: rows are hashed, and files are read, in this
// order.
func TestColumnsAreThoseOfEarlierVersions(t *testing.T) {
	metrics := "train_loss train_loss_omega train_loss_gamma test_loss test_loss_omega test_loss_gamma " +
		"quadrant_omega_omega quadrant_gamma_omega quadrant_omega_gamma quadrant_gamma_gamma mode_1 mode_2 mode_3 mode_4 systematicity"
	times := "t_half_1 t_half_2 t_half_3 t_half_4 t_half_omega_omega t_half_gamma_omega t_half_omega_gamma t_half_gamma_gamma"
	predicted := "pred_train_loss pred_train_loss_omega pred_train_loss_gamma pred_quadrant_omega_omega pred_quadrant_gamma_omega " +
		"pred_quadrant_omega_gamma pred_quadrant_gamma_gamma pred_mode_1 pred_mode_2 pred_mode_3 pred_mode_4 pred_systematicity " +
		"pred_t_half_1 pred_t_half_2 pred_t_half_3 pred_t_half_4 pred_t_half_omega_omega pred_t_half_gamma_omega pred_t_half_omega_gamma pred_t_half_gamma_gamma"
	for _, c := range []struct {
		name   string
		schema results.Schema
		want   string
	}{
		{"parameters", linear.Parameters, "bits nx ny kx ky r input_bits output_bits arch modules hidden depth rule gamma beta lr init_scale steps train_examples batch"},
		{"metrics", linear.Metrics, metrics},
		{"summary", linear.Summary, strings.Join([]string{metrics, times, "prediction", predicted}, " ")},
	} {
		if got := c.schema.Names(); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("the columns of the %s are\n%v, want\n%v", c.name, got, c.want)
		}
		for _, column := range c.schema {
			if column.Label == "" || column.Doc == "" {
				t.Errorf("the column %s has no label or no text that says what it is", column.Name)
			}
			if column.Of != "" && linear.Summary.Index(column.Of) < 0 {
				t.Errorf("the column %s is of the column %s, which is not there", column.Name, column.Of)
			}
		}
	}
}
