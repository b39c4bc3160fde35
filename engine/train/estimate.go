package train

// A Place says how a backend trains, as far as costs depend on it.
type Place struct {
	Plain     bool   // the reference: linear networks in plain coordinates, with Σ_x whole, and many times the work
	Device    bool   // a device, which trains very many runs side by side
	Lanes     int    // runs that the vectors of the cpu backend hold; 0 means the widest's
	Threads   int    // cores that train
	Precision string // "float32" or "float64"
}

// Work is the floating-point operations of one run, a multiply-add counting two.
type Work struct {
	Start   float64 // drawing the initial values and what else is done once
	Step    float64 // one update
	Observe float64 // one recording
}

// A Load is a job as far as memory depends on it.
type Load struct {
	Runs       float64
	Settings   float64 // different models among them
	Recordings float64 // of a run
}

// An Estimator is a model that estimates itself what training it costs. The costs of
// other models are those of their programs.
type Estimator interface {
	Model
	// Work returns the work of a run.
	Work(p Place) Work
	// Memory returns the bytes that are alive at once while a job trains, without what
	// is recorded, and how many of its runs are in training at a time.
	Memory(p Place, l Load) (bytes, training float64)
	// Numbers returns how many numbers of a recording and of a run that has ended are
	// not null.
	Numbers() (recording, run int)
	// Fits returns an error if a backend has to form an array that is too large to be
	// formed at once: its name, its size, the limit and what to change.
	Fits(p Place) error
}
