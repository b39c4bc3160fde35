package linear

// A WeightlessRecorder is a Recorder that may do without the weights that copies end
// with. Where Weightless reports true, a backend may leave [Final.Weights] nil, so a
// device need not copy them to the host.
type WeightlessRecorder interface {
	Recorder
	Weightless() bool
}
