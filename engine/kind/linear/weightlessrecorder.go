package linear

// A WeightlessRecorder is a Recorder that may do without the weights that copies end
// with. Where Weightless reports true, a backend may leave [Final.Weights] nil, which
// spares one with memory of its own bringing them out of it.
type WeightlessRecorder interface {
	Recorder
	Weightless() bool
}
