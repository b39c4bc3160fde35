//go:build gpu

package cuda

// mostModules is the most modules of a copy that the fused kernels train: with two
// blocks on either side no more can share no output.
const mostModules = 2

// shape is what decides how an item is trained. Items of one launch have one shape.
type shape struct {
	layers  int
	widths  [maxLayers + 1]int64 // inputs, hidden units ..., outputs
	coords  int64
	rule    int64 // sum of rule flags
	modes   int64
	reduced bool // whether there is a Q
	still   bool // whether weights lie outside the coordinates
}

// signature is the shapes of a copy's modules.
type signature struct {
	count   int
	modules [mostModules]shape
}

// outputs is how many outputs the module has.
func (s *shape) outputs() int64 { return s.widths[s.layers] }

// fields is how many numbers a record has.
func (s *shape) fields() int64 { return fieldFirstMode + s.modes }

// columns is how many columns layer l has in the coordinates of training.
func (s *shape) columns(l int) int64 {
	if l == 0 {
		return s.coords
	}
	return s.widths[l]
}

// plainWeights is how many weights the module has in plain coordinates.
func (s *shape) plainWeights() int64 {
	n := int64(0)
	for l := range s.layers {
		n += s.widths[l+1] * s.widths[l]
	}
	return n
}

// stateReals is how many weights an item has in training, state_offset of layout.cuh
// for all layers.
func (s *shape) stateReals() int64 {
	n := int64(0)
	for l := range s.layers {
		n += s.widths[l+1] * s.columns(l)
	}
	return n
}

// stepWork is about the number of multiply-adds of a step.
func (s *shape) stepWork() int64 {
	if s.layers == 1 {
		return 2 * s.outputs() * s.coords
	}
	return 3 * s.stateReals() * s.coords
}

// recordWork is about the number of multiply-adds of a record: the whole map, its
// part outside the coordinates, answers and modes.
func (s *shape) recordWork() int64 {
	n := s.outputs() * s.widths[0] * s.coords
	if s.still && s.layers > 1 {
		n += s.outputs() * s.widths[0] * s.widths[1]
	}
	return n + s.modes*s.outputs()*s.coords
}

// upTo4 is n rounded up to a multiple of 4.
func upTo4(n int64) int64 { return (n + 3) / 4 * 4 }

// oddRow is the length of a row in shared memory; odd of layout.cuh.
func oddRow(n int64) int64 { return n | 1 }

// widestHidden is the width of the widest hidden layer, 0 without one.
func (s *shape) widestHidden() int64 {
	n := int64(0)
	for l := 1; l < s.layers; l++ {
		n = max(n, s.widths[l])
	}
	return n
}

// scratchReals is the room that a group of lanes needs; scratch_reals of layout.cuh.
func (s *shape) scratchReals() int64 {
	maps, carries := int64(1), int64(1)
	if s.layers == 1 {
		maps = 2
	}
	if s.layers > 2 {
		carries = 2
	}
	return maps*upTo4(s.outputs()*s.coords) + upTo4(s.outputs()*s.widths[0]) +
		carries*s.widestHidden()*upTo4(s.outputs()) + 16
}

// sharedReals is the shared memory of an item in the general kernels; shared_layout
// of layout.cuh.
func (s *shape) sharedReals() int64 {
	row := oddRow(s.coords)
	n := s.widths[1] * row // where the first layer is written next
	var most [2]int64
	for l := range s.layers {
		n += s.widths[l+1] * oddRow(s.columns(l))
		if l > 0 {
			n += s.widths[l+1] * row
			most[l&1] = max(most[l&1], s.widths[l+1])
		}
	}
	n += (most[0] + most[1] + s.outputs()) * row
	n += s.coords
	if s.rule != 0 {
		n += s.coords
	}
	if s.rule&ruleGamma != 0 {
		n += s.outputs() * (oddRow(s.outputs()) + oddRow(s.widths[s.layers-1]))
	}
	if s.rule&ruleHebbian != 0 {
		widest := int64(0)
		for l := range s.layers - 1 {
			widest = max(widest, s.columns(l))
		}
		n += s.coords * oddRow(widest)
	}
	if s.rule&ruleAnti != 0 {
		n += s.widestHidden()
	}
	return upTo4(n)
}

// startShared is the shared memory, in bytes, of a warp that draws initial weights;
// init_shared_bytes of init.cu.
func (s *shape) startShared() int64 {
	if !s.reduced {
		return 0
	}
	rows := int64(1)
	if s.widths[0] < 512 {
		rows = (512 + s.widths[0] - 1) / s.widths[0]
	}
	return rows * (s.widths[0] + s.coords) * 8
}
