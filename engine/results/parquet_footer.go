package results

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// The Parquet library does not check the lengths that a file states: it allocates a
// footer, a list or a page of the stated length before it reads it, and follows nested
// structures by recursion. A few crafted bytes could take all memory of the machine or
// overflow the stack, which ends the process. So a file is compared with what it can
// hold, and with what this package's writer makes, before the library sees it.
const (
	// maxGroupRows is the rows of a row group: twice those of the largest that the
	// writer makes, which ends one with the batch that fills it.
	maxGroupRows = 1 << 17
	// maxFooter is the bytes of a footer. The writer's take 15 kB for a row group of
	// the widest table, so this is a file of some thousand of them.
	maxFooter = 64 << 20
	// footerElement is the least bytes of a footer for each structure listed in it,
	// on average. The writer's have 13 or more, and those of the library take up to
	// 700 bytes of memory each.
	footerElement = 8
	// maxListed is the structures of a whole footer. The writer's have some hundred for
	// a row group, of which a part has about 65.
	maxListed = 1 << 17
)

// The end of a file: the footer, its length in four bytes, and four letters.
const (
	magic        = "PAR1"
	footerEnding = 8
)

// checkFooter compares what the end of a file says with the file. It returns where
// the footer begins.
func checkFooter(f io.ReaderAt, size int64) (int64, error) {
	var ending [footerEnding]byte
	if size < int64(len(magic))+footerEnding {
		return 0, fmt.Errorf("it has %d bytes, too few for a Parquet file", size)
	}
	if _, err := f.ReadAt(ending[:], size-footerEnding); err != nil {
		return 0, err
	}
	if string(ending[4:]) != magic {
		return 0, fmt.Errorf("it ends in %q, not in %q", ending[4:], magic)
	}
	length := int64(binary.LittleEndian.Uint32(ending[:]))
	from := size - footerEnding - length
	if from < int64(len(magic)) {
		return 0, fmt.Errorf("its footer would have %d bytes, but the file has %d", length, size)
	}
	if length > maxFooter {
		return 0, fmt.Errorf("its footer has %d bytes, but has at most %d in a file of this program", length, maxFooter)
	}
	footer := make([]byte, length)
	if _, err := f.ReadAt(footer, from); err != nil {
		return 0, err
	}
	s := skimmer{data: footer, listed: min(length/footerElement+1, maxListed)}
	if err := s.structure(0); err != nil {
		return 0, fmt.Errorf("its footer: %w", err)
	}
	return from, nil
}

// checkGroups compares the row groups that a footer describes with the file, whose
// pages end where the footer begins. They follow one another, so that no byte of
// the file stands for more than one page.
func checkGroups(m *format.FileMetaData, end int64) error {
	rows, at := int64(0), int64(len(magic))
	for i := range m.RowGroups {
		g := &m.RowGroups[i]
		if g.NumRows < 0 || g.NumRows > maxGroupRows {
			return fmt.Errorf("row group %d has %d rows, but has at most %d in a file of this program", i+1, g.NumRows, maxGroupRows)
		}
		rows += g.NumRows
		for j := range g.Columns {
			c := &g.Columns[j].MetaData
			from, to := chunkBounds(c)
			switch {
			case c.NumValues != g.NumRows:
				return fmt.Errorf("row group %d has %d rows, but %d values of column %d", i+1, g.NumRows, c.NumValues, j+1)
			case c.Codec != format.Zstd:
				return fmt.Errorf("column %d is compressed by %v, but by %v in a file of this program", j+1, c.Codec, format.Zstd)
			case from < at || to < from || to > end:
				return fmt.Errorf("column %d of row group %d is said to be at bytes %d to %d, but must be within %d to %d", j+1, i+1, from, to, at, end)
			}
			at = to
		}
	}
	if rows != m.NumRows {
		return fmt.Errorf("it says that it has %d rows, but its row groups have %d", m.NumRows, rows)
	}
	return nil
}

// chunkBounds returns where the pages of a column of a row group are, as the library
// finds them.
func chunkBounds(c *format.ColumnMetaData) (from, to int64) {
	from = c.DataPageOffset
	if c.DictionaryPageOffset != 0 {
		from = c.DictionaryPageOffset
	}
	if c.TotalCompressedSize < 0 || c.TotalCompressedSize > 1<<62 {
		return from, -1
	}
	return from, from + c.TotalCompressedSize
}

// The kinds of value in Thrift's compact protocol, in which Parquet's footers and
// page headers are written.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

// maxNesting is how deep the structures of footers and page headers are nested, and
// some more.
const maxNesting = 16

// schemaField is the field of a footer that lists its columns.
const schemaField = 2

var (
	errCut    = errors.New("it is cut short")
	errNested = fmt.Errorf("its structures are nested more than %d deep", maxNesting)
)

// A skimmer walks over a structure of Thrift's compact protocol and keeps nothing
// of it: it only makes sure that all it announces is there.
type skimmer struct {
	data   []byte
	at     int
	listed int64 // structures that lists may still announce
}

func (s *skimmer) byte() (byte, error) {
	if s.at >= len(s.data) {
		return 0, errCut
	}
	s.at++
	return s.data[s.at-1], nil
}

// number reads an unsigned number.
func (s *skimmer) number() (uint64, error) {
	v, n := binary.Uvarint(s.data[s.at:])
	switch {
	case n == 0:
		return 0, errCut
	case n < 0:
		return 0, errors.New("it has a number of more than 64 bits")
	}
	s.at += n
	return v, nil
}

// structure walks over a structure, whose first byte is next.
func (s *skimmer) structure(depth int) error {
	if depth > maxNesting {
		return errNested
	}
	field := int64(0)
	for {
		b, err := s.byte()
		if err != nil || b == thriftStop {
			return err
		}
		if delta := int64(b >> 4); delta != 0 {
			field += delta
		} else {
			v, err := s.number()
			if err != nil {
				return err
			}
			field = int64(v>>1) ^ -int64(v&1)
		}
		most := s.listed
		if depth == 0 && field == schemaField {
			most = min(most, maxColumns+1)
		}
		if kind := b & 0xf; kind != thriftTrue && kind != thriftFalse { // those are the value too
			if err := s.value(kind, depth, most); err != nil {
				return err
			}
		}
	}
}

// value walks over a value. A list announces at most so many structures.
func (s *skimmer) value(kind byte, depth int, most int64) error {
	skip := uint64(0)
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		skip = 1
	case thriftDouble:
		skip = 8
	case thriftInt16, thriftInt32, thriftInt64:
		_, err := s.number()
		return err
	case thriftBinary:
		n, err := s.number()
		if err != nil {
			return err
		}
		skip = n
	case thriftList, thriftSet:
		return s.list(depth, most)
	case thriftStruct:
		return s.structure(depth + 1)
	default: // neither footers nor page headers have maps
		return fmt.Errorf("it has a value of the unknown kind %d", kind)
	}
	if skip > uint64(len(s.data)-s.at) {
		return errCut
	}
	s.at += int(skip)
	return nil
}

func (s *skimmer) list(depth int, most int64) error {
	if depth > maxNesting {
		return errNested
	}
	b, err := s.byte()
	if err != nil {
		return err
	}
	count, kind := uint64(b>>4), b&0xf
	if count == 0xf {
		if count, err = s.number(); err != nil {
			return err
		}
	}
	if count > uint64(len(s.data)-s.at) { // each takes a byte or more
		return errCut
	}
	if kind == thriftStruct {
		if int64(count) > most {
			return fmt.Errorf("it lists %d structures, but has room for at most %d", count, most)
		}
		s.listed -= int64(count)
	}
	for range count {
		if err := s.value(kind, depth+1, s.listed); err != nil {
			return err
		}
	}
	return nil
}
