package results

// Parameters are everything that decides what a module copy is, but for its seed: one
// point of a sweep, fully resolved, so that a reader needs no defaults. The names are
// those of modspec train's flags, with underscores.
type Parameters struct {
	Bits          int     `json:"bits" parquet:"bits"`                     // n
	NX            int     `json:"nx" parquet:"nx"`                         // n_x
	NY            int     `json:"ny" parquet:"ny"`                         // n_y
	KX            int     `json:"kx" parquet:"kx"`                         // k_x
	KY            int     `json:"ky" parquet:"ky"`                         // k_y
	R             float64 `json:"r" parquet:"r"`                           // r
	InputBits     string  `json:"input_bits" parquet:"input_bits"`         // rows of Ω_x, "0,1,2"
	OutputBits    string  `json:"output_bits" parquet:"output_bits"`       // rows of Ω_y
	Arch          string  `json:"arch" parquet:"arch"`                     // dense, shallow, split, partitioned or custom
	Modules       string  `json:"modules" parquet:"modules"`               // the modules of a custom architecture, else empty
	Hidden        int     `json:"hidden" parquet:"hidden"`                 // units in each hidden layer
	Depth         int     `json:"depth" parquet:"depth"`                   // hidden layers; 0 for shallow
	Rule          string  `json:"rule" parquet:"rule"`                     // learning rule
	Gamma         float64 `json:"gamma" parquet:"gamma"`                   // γ
	Beta          float64 `json:"beta" parquet:"beta"`                     // β
	LR            float64 `json:"lr" parquet:"lr"`                         // η
	InitScale     float64 `json:"init_scale" parquet:"init_scale"`         // σ
	Steps         int     `json:"steps" parquet:"steps"`                   // updates
	TrainExamples int     `json:"train_examples" parquet:"train_examples"` // the first so many; P for all
	Batch         int     `json:"batch" parquet:"batch"`                   // examples in a step; TrainExamples for all
	Precision     string  `json:"precision" parquet:"precision"`           // float32 or float64
}
