package results

// A TrajectoryPoint is what was recorded of one module copy at one step: a row of
// the table trajectories. See the package comment for its columns.
type TrajectoryPoint struct {
	ID   string `parquet:"id"`   // of the copy, as in the table runs
	Copy int    `parquet:"copy"` // its number in the order of the sweep
	Step int    `parquet:"step"`
	State
}
