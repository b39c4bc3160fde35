package results

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// The bounds of a page, in bytes. The writer ends a data page at 256 KiB and the
// batch that fills it; a dictionary has at most a value for each row of a row group,
// 512 KiB of numbers. Texts take more, but each of them stands in a dictionary once.
const (
	maxPage       = 8 << 20
	maxPageHeader = 64 << 10
	// maxGroup bounds the pages of a row group together, because readers of rows
	// hold a page of each column at once. The writer's have about 20 MiB.
	maxGroup = 256 << 20
)

// EachPage gives the pages of a column of a row group to body, in their order; a
// page is only good until the next. What the pages say of themselves is compared
// with their bytes before the library reads them, so that none takes more memory
// than a page of this package's writer can.
func EachPage(ctx context.Context, file *parquet.File, group, column int, body func(parquet.Page) error) error {
	if _, err := checkChunk(file, group, column); err != nil {
		return err
	}
	pages := file.RowGroups()[group].ColumnChunks()[column].Pages()
	defer pages.Close()
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = body(page)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

// checkChunk checks the pages of a column of a row group, and returns how many bytes
// they have without compression.
func checkChunk(file *parquet.File, group, column int) (int64, error) {
	g := &file.Metadata().RowGroups[group]
	leaf := file.Root().Columns()[column]
	c := chunkCheckers.Get().(*chunkChecker)
	defer chunkCheckers.Put(c)
	c.file, c.rows, c.optional, c.text = file, g.NumRows, leaf.Optional(), leaf.Type().Kind() == parquet.ByteArray
	total, err := c.check(chunkBounds(&g.Columns[column].MetaData))
	if err != nil {
		err = fmt.Errorf("column %q: %w", leaf.Name(), err)
	}
	return total, err
}

// chunkCheckers keep their decoders and buffers.
var chunkCheckers = sync.Pool{New: func() any {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPage))
	if err != nil {
		panic(err) // the options are constants
	}
	return &chunkChecker{decoder: decoder}
}}

// A chunkChecker checks the pages of one column of a row group.
type chunkChecker struct {
	file     io.ReaderAt
	rows     int64 // of the row group
	optional bool  // whether values may be missing
	text     bool

	decoder     *zstd.Decoder
	page, plain []byte
	lengths     []int32
}

func (c *chunkChecker) check(at, end int64) (total int64, err error) {
	seen, dictionary := int64(0), false
	for at < end {
		h, length, err := c.header(at, end)
		if err != nil {
			return 0, fmt.Errorf("a page header: %w", err)
		}
		at += length
		if int64(h.CompressedPageSize) > end-at || min(h.CompressedPageSize, h.UncompressedPageSize) < 0 || max(h.CompressedPageSize, h.UncompressedPageSize) > maxPage {
			return 0, fmt.Errorf("a page is said to have %d bytes, and %d without compression; there are %d, and a page has at most %d", h.CompressedPageSize, h.UncompressedPageSize, end-at, maxPage)
		}
		c.page = resized(c.page, int(h.CompressedPageSize))
		if _, err := c.file.ReadAt(c.page, at); err != nil {
			return 0, err
		}
		at += int64(h.CompressedPageSize)
		total += int64(h.UncompressedPageSize)
		switch d := &h.DataPageHeaderV2; {
		case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid && !dictionary && seen == 0:
			dictionary = true
			err = c.dictionaryPage(&h.DictionaryPageHeader.V, int(h.UncompressedPageSize))
		case h.Type == format.DataPageV2 && d.Valid:
			if d.V.NumValues < 0 || int64(d.V.NumValues) > c.rows-seen {
				return 0, fmt.Errorf("a page is said to have %d values, but %d rows are left", d.V.NumValues, c.rows-seen)
			}
			seen += int64(d.V.NumValues)
			err = c.dataPage(&d.V, int(h.UncompressedPageSize), dictionary)
		default:
			err = fmt.Errorf("a page is of the kind %v, which does not belong there", h.Type)
		}
		if err != nil {
			return 0, err
		}
	}
	if seen != c.rows {
		return 0, fmt.Errorf("it has %d values for %d rows", seen, c.rows)
	}
	return total, nil
}

// header reads a page header and its length. It is short but for the least and the
// largest text of its page.
func (c *chunkChecker) header(at, end int64) (*format.PageHeader, int64, error) {
	for window := int64(512); ; window *= 8 {
		window = min(window, end-at, maxPageHeader)
		c.page = resized(c.page, int(window))
		if _, err := c.file.ReadAt(c.page, at); err != nil {
			return nil, 0, err
		}
		s := skimmer{data: c.page, listed: int64(len(c.page))}
		err := s.structure(1)
		if errors.Is(err, errCut) && window < min(end-at, maxPageHeader) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		h := new(format.PageHeader)
		return h, int64(s.at), thrift.Unmarshal(&thrift.CompactProtocol{}, c.page[:s.at], h)
	}
}

func (c *chunkChecker) dictionaryPage(h *format.DictionaryPageHeader, size int) error {
	if h.NumValues < 0 || int64(h.NumValues) > c.rows {
		return fmt.Errorf("its dictionary is said to have %d values for %d rows", h.NumValues, c.rows)
	}
	if h.Encoding != format.Plain {
		return unknownEncoding(h.Encoding)
	}
	if err := c.decompress(c.page, size); err != nil {
		return err
	}
	return c.plainValues(int(h.NumValues))
}

func (c *chunkChecker) dataPage(h *format.DataPageHeaderV2, size int, dictionary bool) error {
	levels, values := int(h.DefinitionLevelsByteLength), int(h.NumValues-h.NumNulls)
	if h.NumRows != h.NumValues || h.NumNulls < 0 || h.NumNulls > h.NumValues || h.RepetitionLevelsByteLength != 0 ||
		levels < 0 || levels > min(len(c.page), size) || (levels > 0) != (c.optional && h.NumValues > 0) || !c.optional && h.NumNulls != 0 {
		return errors.New("the counts of a page contradict one another")
	}
	if levels > 0 {
		present, err := countLevels(c.page[:levels], int(h.NumValues))
		if err != nil {
			return err
		}
		if present != values {
			return fmt.Errorf("a page has %d values, but is said to have %d", present, values)
		}
	}
	if h.IsCompressed.Valid && !h.IsCompressed.V {
		return errors.New("a page is not compressed, as none of this program is")
	}
	if err := c.decompress(c.page[levels:], size-levels); err != nil {
		return err
	}
	switch h.Encoding {
	case format.Plain:
		return c.plainValues(values)
	case format.DeltaLengthByteArray:
		return c.textValues(values)
	case format.RLEDictionary:
		if !dictionary {
			return errors.New("a page needs a dictionary, but there is none")
		}
		return c.codes(values)
	}
	return unknownEncoding(h.Encoding)
}

func unknownEncoding(e format.Encoding) error {
	return fmt.Errorf("a page is encoded as %v, as none of this program is", e)
}

// decompress fills plain, which must have so many bytes.
func (c *chunkChecker) decompress(data []byte, size int) (err error) {
	if c.plain, err = c.decoder.DecodeAll(data, c.plain[:0]); err != nil {
		return fmt.Errorf("a page cannot be decompressed: %w", err)
	}
	if len(c.plain) != size {
		return fmt.Errorf("a page has %d bytes without compression, but is said to have %d", len(c.plain), size)
	}
	return nil
}

// plainValues looks for so many values one after the other: eight bytes each, or
// texts behind their lengths.
func (c *chunkChecker) plainValues(values int) error {
	if !c.text {
		if len(c.plain) != 8*values {
			return fmt.Errorf("a page has %d bytes for %d numbers", len(c.plain), values)
		}
		return nil
	}
	rest := c.plain
	for range values {
		if len(rest) < 4 || uint64(binary.LittleEndian.Uint32(rest)) > uint64(len(rest)-4) {
			return errors.New("a text goes on behind its page")
		}
		rest = rest[4+binary.LittleEndian.Uint32(rest):]
	}
	if len(rest) != 0 {
		return fmt.Errorf("a page has %d bytes behind its texts", len(rest))
	}
	return nil
}

// textValues looks for the lengths of so many texts, packed as differences, and for
// the texts behind them.
func (c *chunkChecker) textValues(values int) error {
	rest := c.plain
	var head [3]uint64 // values of a block, parts of it, values
	for i := range head {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return errCut
		}
		head[i], rest = v, rest[n:]
	}
	if !c.text || head[2] != uint64(values) {
		return fmt.Errorf("a page has %d texts, but is said to have %d", head[2], values)
	}
	var err error
	if c.lengths, err = parquet.DeltaBinaryPacked.DecodeInt32(c.lengths[:0], c.plain); err != nil {
		return err
	}
	total := int64(0)
	for _, n := range c.lengths {
		if n < 0 {
			return fmt.Errorf("a text has the length %d", n)
		}
		total += int64(n)
	}
	if total > int64(len(c.plain)) {
		return errors.New("a text goes on behind its page")
	}
	return nil
}

// codes looks for so many places in a dictionary.
func (c *chunkChecker) codes(values int) error {
	if len(c.plain) == 0 {
		if values == 0 {
			return nil
		}
		return errCut
	}
	width := int(c.plain[0])
	if width > 32 {
		return fmt.Errorf("places in a dictionary have %d bits, but have at most 32", width)
	}
	return eachRun(c.plain[1:], width, values, func(int, []byte, bool) {})
}

// countLevels returns how many of the values of a page exist, by the bits that say
// so.
func countLevels(data []byte, values int) (int, error) {
	present, left := 0, values
	err := eachRun(data, 1, values, func(count int, bytes []byte, packed bool) {
		count = min(count, left)
		left -= count
		switch {
		case !packed:
			present += count * int(bytes[0]&1)
		default:
			for i := range (count + 7) / 8 {
				b := bytes[i]
				if count < 8*(i+1) {
					b &= 1<<(count-8*i) - 1
				}
				present += bits.OnesCount8(b)
			}
		}
	})
	return present, err
}

// eachRun walks over numbers of so many bits in Parquet's hybrid of runs and packed
// groups of eight. There must be as many as are wanted, and no more than the last
// group needs.
func eachRun(data []byte, width, values int, run func(count int, bytes []byte, packed bool)) error {
	left := int64(values)
	for len(data) > 0 {
		head, n := binary.Uvarint(data)
		if n <= 0 {
			return errCut
		}
		data = data[n:]
		packed := head&1 == 1
		count, size := int64(head>>1), int64(width+7)/8
		if count > int64(values)+7 {
			return fmt.Errorf("a run has %d values on a page of %d", count, values)
		}
		if packed {
			count, size = 8*count, count*int64(width)
		}
		if size > int64(len(data)) {
			return errCut
		}
		if left -= count; left <= -8 {
			return fmt.Errorf("a page of %d values has more", values)
		}
		if count > 0 {
			run(int(count), data[:size], packed)
		}
		data = data[size:]
	}
	if left > 0 {
		return fmt.Errorf("a page of %d values lacks %d", values, left)
	}
	return nil
}

func resized(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}
