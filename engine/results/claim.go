// Package results holds the results of a run: claims with their numbers, tables, where
// and how they were computed, and the files they are written to.
//
// Results are plain data. Packages that draw or serve them import this package and no
// package that trains.
package results

// A Claim is a statement of the paper (or of this project) with the number that was
// measured for it.
type Claim struct {
	ID        string   `json:"id"`               // study id, then a short name: "dense-dynamics/closer"
	Title     string   `json:"title"`            // the statement, one line
	Pass      bool     `json:"pass"`             // whether Measured stands in Relation to Threshold
	Measured  Number   `json:"measured"`         // what was computed now
	Relation  Relation `json:"relation"`         // how Measured must stand to Threshold
	Threshold Number   `json:"threshold"`        // the border between holding and failing
	Source    string   `json:"source"`           // section or equation of the paper, or the reason for the claim
	Detail    string   `json:"detail,omitempty"` // what exactly was measured, over what, in which unit
}

// Relation is how a measured value must stand to its threshold.
type Relation string

// The relations a claim can state.
const (
	AtMost  Relation = "<="
	AtLeast Relation = ">="
	Below   Relation = "<"
	Above   Relation = ">"
)

// NewClaim states that measured stands in relation to threshold and decides whether it
// does. A NaN never passes, and neither does an infinity: the claims file keeps both as
// null, so the verdict could not be checked after reading.
func NewClaim(id, title string, measured float64, relation Relation, threshold float64, source, detail string) Claim {
	return Claim{
		ID: id, Title: title,
		Pass:     holds(measured, relation, threshold),
		Measured: Number(measured), Relation: relation, Threshold: Number(threshold),
		Source: source, Detail: detail,
	}
}

// holds is Relation.Holds for numbers that a file can carry.
func holds(measured float64, relation Relation, threshold float64) bool {
	return finite(measured) && finite(threshold) && relation.Holds(measured, threshold)
}

// Holds reports whether a stands in relation r to b. It is false when either is
// NaN or r is unknown.
func (r Relation) Holds(a, b float64) bool {
	switch r {
	case AtMost:
		return a <= b
	case AtLeast:
		return a >= b
	case Below:
		return a < b
	case Above:
		return a > b
	}
	return false
}
