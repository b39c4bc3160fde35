package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the check of some bytes. It is masked because a CRC of data that
// holds its own CRC checks little.
func masked(data []byte) uint32 {
	return bits.RotateLeft32(crc32.Checksum(data, castagnoli), -15) + 0xa282ead8
}

// appendRecord appends an event as a record.
func appendRecord(to, event []byte) []byte {
	start := len(to)
	to = binary.LittleEndian.AppendUint64(to, uint64(len(event)))
	to = binary.LittleEndian.AppendUint32(to, masked(to[start:]))
	to = append(to, event...)
	return binary.LittleEndian.AppendUint32(to, masked(event))
}
