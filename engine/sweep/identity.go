package sweep

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"modspec/engine/number"
	"modspec/engine/random"
	"modspec/engine/results"
)

// An ID names a module copy: what it is and its seed, and nothing of where, when
// or in which sweep it was trained. Two sweeps that share a copy share its id.
type ID [16]byte

// String returns the id as 32 lower-case hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads what [ID.String] writes.
func ParseID(text string) (ID, error) {
	var id ID
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) || hex.EncodeToString(raw) != text {
		return id, fmt.Errorf("the id %s must be %d lower-case hexadecimal digits", number.Quote(text), 2*len(id))
	}
	return ID(raw), nil
}

// The versioned prefixes of what is hashed. A change to the encoding of what was
// there before takes a new number, so that an id of one version is never one of
// another.
const (
	copyPrefix  = "modspec copy 1\n"
	pointPrefix = "modspec point 1\n"
)

// CopyID returns the id of the copy with the given parameters and seed: the first
// 128 bits of the SHA-256 of
//
//	modspec copy 1
//	bits=3
//	…
//	seed=0
//
// one line a parameter in the order of results.Parameters, under the names of
// their JSON form: whole numbers in decimal, real ones as the 16 hexadecimal
// digits of their IEEE 754 bits, texts as Go quotes them; then the seed in
// decimal. Every line ends with a newline.
//
// The encoding is fixed: ids of the same parameters stay what they are in later
// versions. A parameter added later gets a line only where it differs from what
// all copies before it had.
func CopyID(p results.Parameters, seed uint64) ID {
	return copyID(appendParameters([]byte(copyPrefix), &p, everyParameter), seed)
}

// copyID is CopyID from the lines of the parameters, which the copies of a point
// share. It writes behind text, within its capacity or in a new array.
func copyID(text []byte, seed uint64) ID {
	text = append(text, "seed="...)
	text = strconv.AppendUint(text, seed, 10)
	text = append(text, '\n')
	sum := sha256.Sum256(text)
	return ID(sum[:len(ID{})])
}

// PointHash returns the number under which a point draws its randomness: the
// first 64 bits, big-endian, of the SHA-256 of "modspec point 1\n" and the lines
// of [CopyID] without steps, precision and seed.
//
// Steps are left out so that a longer run is the shorter one continued, and the
// precision so that float32 starts from the rounded weights of float64. All
// else is in, so the points of a sweep are independent of each other.
func PointHash(p results.Parameters) uint64 {
	sum := sha256.Sum256(appendParameters([]byte(pointPrefix), &p, startParameters))
	return binary.BigEndian.Uint64(sum[:])
}

// Stream returns the randomness of a copy: its starting weights and the order of
// its batches. Whoever trains with the same parameters and seed, in a sweep or
// one network at a time, gets the same weights from it.
func Stream(p results.Parameters, seed uint64) random.Stream {
	return random.Stream{Seed: seed, Point: PointHash(p)}
}

// Which parameters an encoding has.
const (
	everyParameter  = true
	startParameters = false
)

// appendParameters appends the lines of the parameters. A test keeps it in step
// with the fields of results.Parameters.
func appendParameters(b []byte, p *results.Parameters, every bool) []byte {
	whole := func(name string, v int) {
		b = append(append(b, name...), '=')
		b = append(strconv.AppendInt(b, int64(v), 10), '\n')
	}
	float := func(name string, v float64) {
		b = append(append(b, name...), '=')
		b = hex.AppendEncode(b, binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
		b = append(b, '\n')
	}
	text := func(name, v string) {
		b = append(append(b, name...), '=')
		b = append(strconv.AppendQuote(b, v), '\n')
	}
	whole("bits", p.Bits)
	whole("nx", p.NX)
	whole("ny", p.NY)
	whole("kx", p.KX)
	whole("ky", p.KY)
	float("r", p.R)
	text("input_bits", p.InputBits)
	text("output_bits", p.OutputBits)
	text("arch", p.Arch)
	text("modules", p.Modules)
	whole("hidden", p.Hidden)
	whole("depth", p.Depth)
	text("rule", p.Rule)
	float("gamma", p.Gamma)
	float("beta", p.Beta)
	float("lr", p.LR)
	float("init_scale", p.InitScale)
	if every {
		whole("steps", p.Steps)
	}
	whole("train_examples", p.TrainExamples)
	whole("batch", p.Batch)
	if every {
		text("precision", p.Precision)
	}
	return b
}
