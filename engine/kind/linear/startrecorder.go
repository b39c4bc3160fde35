package linear

import "modspec/engine/network"

// A StartRecorder is a Recorder that wants to see initial weights. A backend that
// has them at hand tells them, in float64 whatever the precision of its training,
// before anything else of the copy; they are only good until the call returns.
// It spares the recorder drawing them again, which for a short run costs as much
// as a third of the training.
type StartRecorder interface {
	Recorder
	Start(copy int, w *network.Weights) error
}
