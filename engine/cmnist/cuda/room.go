//go:build gpu

package cuda

// room hands out parts of memory that is allocated in one piece. It is laid out twice:
// from 0, which says how much it takes, and from where it then lies.
type room struct{ next uint64 }

// roomAlign is where parts begin: the driver's own alignment.
const roomAlign = 256

// take returns where the next part begins.
func (r *room) take(bytes int64) uint64 {
	at := r.next
	r.next += uint64(bytes+roomAlign-1) / roomAlign * roomAlign
	return at
}
