package results

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"reflect"
)

// A RowHasher hashes rows of one table. It is not safe for use by several
// goroutines at once.
type RowHasher[T Row] struct {
	table *table
	bytes []byte
}

// NewRowHasher returns a hasher of a table's rows.
func NewRowHasher[T Row]() *RowHasher[T] { return &RowHasher[T]{table: tableOf[T]()} }

// Hash returns the SHA-256 of a row as it is read back from a file: the table's
// name and form, then every column in order but copy, which is a matter of the
// sweep and not of the result. Numbers are their 64 bits, big-endian; texts their
// length as such a number and their bytes; before a number that may be missing
// stands a byte, 0 where it is and 1 where not.
func (h *RowHasher[T]) Hash(row *T) [sha256.Size]byte {
	b := append(h.bytes[:0], h.table.name...)
	b = append(b, ' ')
	b = append(b, formatName()...)
	v := reflect.ValueOf(row).Elem()
	for i := range h.table.columns {
		c := &h.table.columns[i]
		if c.name == "copy" {
			continue
		}
		field := c.of(v)
		var bits uint64
		missing := false
		switch c.kind {
		case reflect.Float64:
			bits, missing = math.Float64bits(field.Float()), !finite(field.Float())
		case reflect.Int:
			bits, missing = uint64(field.Int()), field.Int() < 0
		case reflect.Uint64:
			bits = field.Uint()
		default:
			b = binary.BigEndian.AppendUint64(b, uint64(field.Len()))
			b = append(b, field.String()...)
			continue
		}
		if c.optional {
			if missing {
				b = append(b, 0)
				continue
			}
			b = append(b, 1)
		}
		b = binary.BigEndian.AppendUint64(b, bits)
	}
	h.bytes = b
	return sha256.Sum256(b)
}
