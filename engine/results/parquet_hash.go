package results

import (
	"crypto/sha256"
	"encoding/binary"
)

// A RowHasher hashes rows. It is not safe for use by several goroutines at once.
type RowHasher struct{ bytes []byte }

// Hash returns the SHA-256 of a row as it is read back from a file: the table's
// name and form, then every column in order but copy, which is a matter of the
// sweep and not of the result. Numbers are their 64 bits, big-endian; texts their
// length as such a number and their bytes; before a number that may be missing
// stands a byte, 0 where it is and 1 where not.
func (h *RowHasher) Hash(row *Row) [sha256.Size]byte {
	b := append(h.bytes[:0], row.table.Name...)
	b = append(b, ' ')
	b = append(b, formatName()...)
	for i := range row.values {
		c := &row.table.Columns[i]
		switch {
		case c.Name == CopyColumn:
			continue
		case c.Type == Text:
			text := row.values[i].ByteArray()
			b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
			b = append(b, text...)
			continue
		case c.Null && row.Null(i):
			b = append(b, 0)
			continue
		case c.Null:
			b = append(b, 1)
		}
		b = binary.BigEndian.AppendUint64(b, row.values[i].Uint64()) // of a float64 its bits
	}
	h.bytes = b
	return sha256.Sum256(b)
}
