package cuda

// Alignment is where every part of a [Layout] begins: that of the driver's allocations.
const Alignment = 256

// A Layout divides device memory that is allocated in one piece. Parts are laid out
// twice: from address 0, which gives the size, and from the address of the memory.
type Layout struct{ Next uint64 }

// Take returns where the next part begins.
func (l *Layout) Take(bytes int64) uint64 {
	at := l.Next
	l.Next += uint64(bytes+Alignment-1) / Alignment * Alignment
	return at
}

// CeilDiv returns ⌈a/b⌉ for a ≥ 0 and b > 0.
func CeilDiv(a, b int) int { return (a + b - 1) / b }
