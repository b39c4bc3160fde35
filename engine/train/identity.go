package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"modspec/engine/random"
	"modspec/engine/results"
)

// DefaultKind is the kind of sweep files that name none, and of identities without a
// line for it.
const DefaultKind = "linear"

// pointPrefix versions what is hashed: a change to the encoding of what was there
// before takes a new number.
const pointPrefix = "modspec point 1\n"

// AppendParameters appends the lines that identify the parameters of a model
// ([Model.Parameters]), one a parameter in the order of the kind's schema: its name,
// "=" and its value, whole numbers in decimal, real ones as the 16 hexadecimal digits
// of their IEEE 754 bits, texts as Go quotes them. Kinds other than [DefaultKind] have
// a line kind="…" before them. Where continued is true the number of steps is left out,
// so that a longer run is the shorter one continued.
func AppendParameters(b []byte, k Kind, values []results.Value, continued bool) []byte {
	if name := k.Name(); name != DefaultKind {
		b = append(strconv.AppendQuote(append(b, "kind="...), name), '\n')
	}
	for i, c := range k.Parameters() {
		if continued && c.Name == StepsParameter {
			continue
		}
		b = append(append(b, c.Name...), '=')
		switch v := values[i]; c.Type {
		case results.Text:
			b = strconv.AppendQuote(b, v.Text)
		case results.Real:
			b = hex.AppendEncode(b, binary.BigEndian.AppendUint64(nil, math.Float64bits(v.Number)))
		default:
			b = strconv.AppendInt(b, int64(v.Number), 10)
		}
		b = append(b, '\n')
	}
	return b
}

// PointHash returns the number under which the runs of a model draw their randomness:
// the first 64 bits, big-endian, of the SHA-256 of "modspec point 1\n" and the lines of
// [AppendParameters] without steps.
//
// Steps are left out so that a longer run is the shorter one continued, and the
// precision so that float32 starts from the rounded weights of float64. All else is
// in, so different models are independent of each other.
func PointHash(k Kind, values []results.Value) uint64 {
	sum := sha256.Sum256(AppendParameters([]byte(pointPrefix), k, values, true))
	return binary.BigEndian.Uint64(sum[:])
}

// Stream returns the randomness of a run: its initial weights, and what is drawn in
// training. Equal parameters and seed give equal randomness, in a sweep or one network
// at a time.
func Stream(k Kind, values []results.Value, seed uint64) random.Stream {
	return random.Stream{Seed: seed, Point: PointHash(k, values)}
}
