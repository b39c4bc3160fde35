package study

// Where a claim comes from, in one wording throughout. A section is named by its
// topic as well as its number.
const (
	paperDatasets   = "paper, section 3: the space of datasets and its spectrum"
	paperDynamics   = "paper, section 4: learning dynamics"
	paperModularity = "paper, section 5: modular networks"
	paperMotivating = "paper, appendix A: motivating example"
	paperRules      = "paper, appendix: other learning rules"
	paperRank       = "paper: sampling training examples of full rank"

	beyondDiscrete   = "beyond the paper: dynamics of discrete steps from computed starts"
	beyondDirections = "beyond the paper: a start for every direction of a mode"
	beyondLeastNorm  = "beyond the paper: minimum-norm map"
	beyondSeeds      = "beyond the paper: seeds that differ, where the published script restarts from one"
	beyondIterated   = "beyond the paper: iterated learning in linear networks, a question of Vani et al. 2021"
	beyondLifetime   = "beyond the paper: lifetime of a mode over generations, e^{x−L}/x with x = 2ηλT and L = ln(a/a(0))"
)
