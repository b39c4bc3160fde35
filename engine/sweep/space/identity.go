package space

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
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

// copyPrefix versions what is hashed. A change to the encoding of what was there before
// takes a new number, so that an id of one version is never one of another.
const copyPrefix = "modspec copy 1\n"

// CopyID returns the id of the run of a model with the given precision and seed: the
// first 128 bits of the SHA-256 of
//
//	modspec copy 1
//	bits=3
//	…
//	precision="float32"
//	seed=0
//
// with the lines of [train.AppendParameters], the precision as Go quotes it and the seed
// in decimal. Every line ends with a newline.
//
// The encoding is fixed: ids of the same parameters stay what they are in later
// versions. A parameter added later gets a line only where it differs from what
// all runs before it had.
func CopyID(k train.Kind, parameters []results.Value, precision string, seed uint64) ID {
	return copyID(appendLines([]byte(copyPrefix), k, parameters, precision), seed)
}

// appendLines appends the lines of a model but for the seed's.
func appendLines(b []byte, k train.Kind, parameters []results.Value, precision string) []byte {
	b = train.AppendParameters(b, k, parameters, false)
	return append(strconv.AppendQuote(append(b, "precision="...), precision), '\n')
}

// appendModel is appendLines for a model of a file.
func appendModel(b []byte, f *spec.File, m train.Model) []byte {
	return appendLines(b, f.Kind, m.Parameters(), f.Precision)
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
