package linear

import "modspec/engine/network"

// A StartRecorder is a Recorder that receives initial weights. A backend that has them
// in memory reports them, in float64 whatever the precision of its training, before
// anything else of the copy; they are only good until the call returns. The recorder
// need not draw them again, which for a short run costs as much as a third of the
// training.
type StartRecorder interface {
	Recorder
	Start(copy int, w *network.Weights) error
}
