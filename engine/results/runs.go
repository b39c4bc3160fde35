package results

// A Run is what is known of one module copy when it has ended: a row of the
// table runs. See the package comment for its columns.
//
// A measured number that does not exist is NaN here and null in the file.
type Run struct {
	ID   string `parquet:"id"`   // of the copy: what it is and its seed
	Copy int    `parquet:"copy"` // its number in the order of the sweep
	Seed uint64 `parquet:"seed"`
	Parameters

	LastStep     int `parquet:"last_step"`              // the last step done
	DivergedStep int `parquet:"diverged_step,optional"` // −1 if the copy did not diverge

	State `prefix:""` // at the last step; of a diverged copy nothing
	THalf Times       `prefix:"t_half"` // steps until half of where theory says that it ends

	Prediction string    `parquet:"prediction"` // where the columns pred_… come from
	Predicted  Predicted `prefix:"pred_"`       // beside State, at the step Steps
	PredTHalf  Times     `prefix:"pred_t_half"` // beside THalf
}

// The kinds of prediction that a row's pred_… columns can hold.
const (
	// PredictionDiscrete: gradient descent step by step, started from the very
	// weights that the copy started from, without a parameter to fit.
	PredictionDiscrete = "discrete"
	// PredictionAsymptote: where learning ends; there are no times.
	PredictionAsymptote = "asymptote"
	// PredictionNone: theory has no prediction, and the columns are null.
	PredictionNone = "none"
)

// A State is what is measured of a network at one step.
type State struct {
	Train         Losses    `prefix:"train_loss"`
	Test          Losses    `prefix:"test_loss"` // NaN when every example is trained on
	Quadrants     Quadrants `prefix:"quadrant"`
	Modes         Kinds     `prefix:"mode"`
	Systematicity float64   `parquet:"systematicity,optional"`
}

// A Predicted state is what theory predicts of a network at one step. It has no test
// loss.
type Predicted struct {
	Train         Losses    `prefix:"train_loss"`
	Quadrants     Quadrants `prefix:"quadrant"`
	Modes         Kinds     `prefix:"mode"`
	Systematicity float64   `parquet:"systematicity,optional"`
}

// Losses are ½ · mean over examples of ‖y − ŷ‖², whole and by output block.
type Losses struct {
	Total float64 `parquet:",optional"`
	Omega float64 `parquet:"_omega,optional"` // over Ω_y's rows
	Gamma float64 `parquet:"_gamma,optional"` // over Γ_y's rows
}

// Quadrants are numbers that belong to the four blocks of a learned map, named
// input first.
type Quadrants struct {
	OmegaOmega float64 `parquet:"_omega_omega,optional"`
	GammaOmega float64 `parquet:"_gamma_omega,optional"`
	OmegaGamma float64 `parquet:"_omega_gamma,optional"`
	GammaGamma float64 `parquet:"_gamma_gamma,optional"`
}

// Kinds are numbers that belong to the kinds of mode, in the order of the
// paper's modes 1, 2 and 3 and of the fourth that exists where n_x < n: asked,
// left-out, other, not-given. Their columns end in _1 to _4.
type Kinds [4]float64

// Times are numbers of steps until each kind of mode and each quadrant is half
// of where it ends.
type Times struct {
	Modes     Kinds     `prefix:""`
	Quadrants Quadrants `prefix:""`
}
