// Package jsonline writes values as lines of JSON that end with a checksum of
// themselves, and reads them back:
//
//	{"event":"part",…,"sum":"1a2b3c4d"}
//
// The sum is the CRC-32C of the line without it, {"event":"part",…}, after the bytes
// that the line is bound to, if any: a line that is bound to an experiment does not
// fit another one.
package jsonline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// SumLength is the length of ,"sum":"1a2b3c4d"}.
const SumLength = len(`,"sum":"1a2b3c4d"}`)

// ending returns what a line ends in whose content, a JSON object, is given.
func ending(bound, content []byte) string {
	sum := crc32.Update(crc32.Checksum(bound, castagnoli), castagnoli, content)
	return fmt.Sprintf(`,"sum":"%08x"}`, sum)
}

// Encode returns a value, which JSON must write as an object of one field or more,
// as a line with its newline.
func Encode(v any, bound []byte) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	end := ending(bound, content)
	return append(append(content[:len(content)-1], end...), '\n'), nil
}

// A ChecksumError is a line that does not fit its checksum, or has none: it is not as
// it was written.
type ChecksumError struct{ text string }

func (e *ChecksumError) Error() string { return e.text }

// Decode reads a line without its newline into a value. The error is a [ChecksumError],
// or says that the line holds what the value does not have.
func Decode(line []byte, v any, bound []byte) error {
	body := len(line) - SumLength
	if body < 1 {
		return &ChecksumError{"it has no checksum"}
	}
	content := append(line[:body:body], '}')
	if want := ending(bound, content); string(line[body:]) != want {
		return &ChecksumError{fmt.Sprintf("it ends in %q, but its content has %q", line[body:], want)}
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	return d.Decode(v)
}
