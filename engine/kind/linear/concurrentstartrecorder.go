package linear

// A ConcurrentStartRecorder is a StartRecorder that accepts initial weights from
// several goroutines. Where ConcurrentStarts reports true, a backend may call Start for
// different copies at once, and beside a call of another method about another copy; for
// each copy Start still comes first. What a recorder does with initial weights often
// takes longer than all its other work.
type ConcurrentStartRecorder interface {
	StartRecorder
	ConcurrentStarts() bool
}
