package theory

import "modspec/engine/dataset"

// Unlearned returns the training loss that no learning takes away from modules with
// these views, over the rows of Ω_y and over those of Γ_y. The direction of Y that
// belongs to a Walsh function has power μ_y; where the inputs of the module that writes
// it have none (μ_x = 0), ½ μ_y/P of loss stays, and so does all of an output block
// that no module writes. Views must write different outputs.
func Unlearned(p dataset.Point, views []dataset.View) (omega, gamma float64) {
	written := dataset.None
	for _, v := range views {
		written |= v.Writes
	}
	for _, v := range append([]dataset.View{{Reads: dataset.None, Writes: dataset.Both &^ written}}, views...) {
		for kind := Asked; kind <= NotGiven; kind++ {
			sets := Sets(p, v, kind)
			if len(sets) == 0 || p.InputPower(sets[0], v.Reads) > 0 {
				continue
			}
			half := float64(len(sets)) / (2 * float64(p.Examples()))
			omega += half * p.OutputPower(sets[0], v.Writes&dataset.Omega)
			gamma += half * p.OutputPower(sets[0], v.Writes&dataset.Gamma)
		}
	}
	return omega, gamma
}
