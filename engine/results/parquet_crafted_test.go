package results

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// craftedLimit is how many bytes reading a crafted file of some kilobytes may
// allocate: a page of the largest size, compressed and not, some times over. What is
// not bounded takes gigabytes.
const craftedLimit = 8 * maxPage

// bounded runs read and reports how many bytes it allocated if they are too many.
func bounded(t *testing.T, name string, read func() error) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read()
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > craftedLimit {
		t.Errorf("%s: %d MiB were allocated", name, taken>>20)
	}
	return err
}

// withFooter returns a file with another footer.
func withFooter(pages, footer []byte, length uint32) []byte {
	data := append(bytes.Clone(pages), footer...)
	data = binary.LittleEndian.AppendUint32(data, length)
	return append(data, magic...)
}

// TestCraftedFooters: a footer that claims more than its file can hold took all
// memory, or overflowed the stack, before the library read it.
func TestCraftedFooters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.parquet")
	writeRows(t, path, randomRows[TrajectoryPoint](t, 5))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	length := int(binary.LittleEndian.Uint32(whole[len(whole)-footerEnding:]))
	pages, footer := whole[:len(whole)-footerEnding-length], whole[len(whole)-footerEnding-length:len(whole)-footerEnding]
	// changed writes the footer anew.
	changed := func(change func(*format.FileMetaData)) []byte {
		var m format.FileMetaData
		if err := thrift.Unmarshal(&thrift.CompactProtocol{}, footer, &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		b, err := thrift.Marshal(&thrift.CompactProtocol{}, m)
		if err != nil {
			t.Fatal(err)
		}
		return withFooter(pages, b, uint32(len(b)))
	}
	chunk := func(m *format.FileMetaData, i int) *format.ColumnMetaData { return &m.RowGroups[0].Columns[i].MetaData }
	raw := func(b ...byte) []byte { return withFooter(pages, b, uint32(len(b))) }
	huge := binary.AppendUvarint(nil, math.MaxInt32)
	for _, c := range []struct {
		name string
		data []byte
		want string // in the error; "" for a file that is read
	}{
		{"unchanged", whole, ""},
		{"written anew", changed(func(*format.FileMetaData) {}), ""},
		{"4 GiB long", withFooter(pages, footer, math.MaxUint32), "its footer would have 4294967295 bytes"},
		{"one byte too long", withFooter(pages, footer, uint32(len(whole)-footerEnding-len(magic)+1)), "its footer would have"},
		{"as long as the file", withFooter(pages, footer, uint32(len(whole)-footerEnding-len(magic))), "no Parquet file"},
		{"empty", withFooter(pages, nil, 0), "cut short"},
		{"seven bytes", []byte("PAR1PAR"), "too few"},
		{"another ending", append(bytes.Clone(whole[:len(whole)-1]), '2'), "it ends in"},
		{"2³¹ row groups", raw(append([]byte{0x49, 0xfc}, huge...)...), "cut short"},
		{"2³¹ columns", raw(append([]byte{0x29, 0xfc}, huge...)...), "cut short"},
		{"2³¹ bytes of text", raw(append([]byte{0x68}, huge...)...), "cut short"},
		{"many empty row groups", raw(append(append([]byte{0x49, 0xfc}, binary.AppendUvarint(nil, 1000)...), make([]byte, 1001)...)...), "it lists 1000 structures"},
		{"many empty row groups in a large footer", raw(append(append([]byte{0x49, 0xfc}, binary.AppendUvarint(nil, maxListed+1)...), make([]byte, footerElement*(maxListed+2))...)...), "it lists 131073 structures"},
		{"too many columns", raw(append(append([]byte{0x29, 0xfc}, binary.AppendUvarint(nil, maxColumns+2)...), make([]byte, 16*maxColumns)...)...), "it lists 1026 structures"},
		{"nested structures", raw(bytes.Repeat([]byte{0x1c}, 1<<20)...), "nested"},
		{"nested lists", raw(append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 1<<20)...)...), "nested"},
		{"2³¹ rows", changed(func(m *format.FileMetaData) { m.NumRows = 1 << 31 }), "5"},
		{"2³¹ rows in a group", changed(func(m *format.FileMetaData) {
			m.NumRows, m.RowGroups[0].NumRows = 1<<31, 1<<31
			for i := range m.RowGroups[0].Columns {
				chunk(m, i).NumValues = 1 << 31
			}
		}), "2147483648 rows"},
		{"negative rows", changed(func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = -5, -5 }), "-5"},
		{"more values than rows", changed(func(m *format.FileMetaData) { chunk(m, 3).NumValues++ }), "6 values"},
		{"another codec", changed(func(m *format.FileMetaData) { chunk(m, 3).Codec = format.Snappy }), "SNAPPY"},
		{"a column behind the pages", changed(func(m *format.FileMetaData) {
			chunk(m, len(m.RowGroups[0].Columns)-1).TotalCompressedSize += int64(len(whole))
		}), "must be within"},
		{"a column of 2⁶² bytes", changed(func(m *format.FileMetaData) { chunk(m, 3).TotalCompressedSize = math.MaxInt64 }), "must be within"},
		{"a column at a negative place", changed(func(m *format.FileMetaData) { chunk(m, 1).DataPageOffset = -8 }), "must be within"},
		{"two columns at one place", changed(func(m *format.FileMetaData) { *chunk(m, 4) = *chunk(m, 3) }), "must be within"},
		{"a row group twice", changed(func(m *format.FileMetaData) {
			m.NumRows, m.RowGroups = 10, append(m.RowGroups, m.RowGroups[0])
		}), "must be within"},
	} {
		if err := os.WriteFile(path, c.data, 0o666); err != nil {
			t.Fatal(err)
		}
		n := 0
		err := bounded(t, c.name, func() (err error) {
			n, err = readAll[TrajectoryPoint](path)
			return err
		})
		var damaged *DamagedError
		switch {
		case c.want == "" && (err != nil || n != 5):
			t.Errorf("%s: %d rows, %v", c.name, n, err)
		case c.want != "" && (!errors.As(err, &damaged) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: the error is %v, want a DamagedError of one line with %q", c.name, err, c.want)
		}
	}
}

// TestCraftedPages: a page header, a run of levels or of places in a dictionary, or
// the lengths of texts could announce gigabytes in some bytes.
func TestCraftedPages(t *testing.T) {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	const rows = 20
	page := func(h format.PageHeader, body []byte) []byte {
		if h.CompressedPageSize == 0 {
			h.CompressedPageSize = int32(len(body))
		}
		b, err := thrift.Marshal(&thrift.CompactProtocol{}, h)
		if err != nil {
			t.Fatal(err)
		}
		return append(b, body...)
	}
	// data is a data page; change, if any, has the last word on its header.
	data := func(encoding format.Encoding, values, nulls int, levels, plain []byte, change func(*format.PageHeader)) []byte {
		h := format.PageHeader{Type: format.DataPageV2, UncompressedPageSize: int32(len(levels) + len(plain))}
		h.DataPageHeaderV2.Valid = true
		h.DataPageHeaderV2.V = format.DataPageHeaderV2{
			NumValues: int32(values), NumNulls: int32(nulls), NumRows: int32(values), Encoding: encoding, DefinitionLevelsByteLength: int32(len(levels)),
		}
		h.DataPageHeaderV2.V.IsCompressed.Valid, h.DataPageHeaderV2.V.IsCompressed.V = true, true
		if change != nil {
			change(&h)
		}
		return page(h, append(bytes.Clone(levels), encoder.EncodeAll(plain, nil)...))
	}
	dictionary := func(values int, plain []byte) []byte {
		h := format.PageHeader{Type: format.DictionaryPage, UncompressedPageSize: int32(len(plain))}
		h.DictionaryPageHeader.Valid = true
		h.DictionaryPageHeader.V = format.DictionaryPageHeader{NumValues: int32(values), Encoding: format.Plain}
		return page(h, encoder.EncodeAll(plain, nil))
	}
	run := func(count uint64, value ...byte) []byte { return append(binary.AppendUvarint(nil, count<<1), value...) }
	packed := func(groups uint64, b ...byte) []byte { return append(binary.AppendUvarint(nil, groups<<1|1), b...) }
	numbers := make([]byte, 8*rows)
	two := dictionary(2, numbers[:16])
	const plainDictionary format.Encoding = 2 // of files that no version of this program wrote
	codes := func(b []byte) []byte {
		return append(bytes.Clone(two), data(format.RLEDictionary, rows, 0, nil, append([]byte{1}, b...), nil)...)
	}
	lengths := func(count, first int64, texts string) []byte { // all of one length
		b := binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(nil, 128), 4), uint64(count))
		return append(append(binary.AppendVarint(b, first), 0, 0, 0, 0, 0), texts...)
	}
	plain := func(change func(*format.PageHeader)) []byte { return data(format.Plain, rows, 0, nil, numbers, change) }
	for _, c := range []struct {
		name           string
		optional, text bool
		pages          []byte
		want           string
	}{
		{"numbers", false, false, plain(nil), ""},
		{"two pages", false, false, append(data(format.Plain, 8, 0, nil, numbers[:64], nil), data(format.Plain, 12, 0, nil, numbers[64:], nil)...), ""},
		{"one value less", false, false, data(format.Plain, rows-1, 0, nil, numbers[8:], nil), "19 values for 20 rows"},
		{"one value more", false, false, data(format.Plain, rows+1, 0, nil, append(numbers, numbers[:8]...), nil), "20 rows are left"},
		{"2³¹ values", false, false, data(format.Plain, math.MaxInt32, 0, nil, numbers, nil), "20 rows are left"},
		{"a number less than said", false, false, data(format.Plain, rows, 0, nil, numbers[8:], nil), "152 bytes for 20 numbers"},
		{"2 GiB compressed", false, false, plain(func(h *format.PageHeader) { h.CompressedPageSize = math.MaxInt32 }), "2147483647 bytes"},
		{"2 GiB without compression", false, false, plain(func(h *format.PageHeader) { h.UncompressedPageSize = math.MaxInt32 }), "2147483647 without compression"},
		{"one byte over the largest page", false, false, plain(func(h *format.PageHeader) { h.UncompressedPageSize = maxPage + 1 }), "at most 8388608"},
		{"one byte over the largest page with compression", false, false, append(plain(func(h *format.PageHeader) { h.CompressedPageSize = maxPage + 1 }), make([]byte, maxPage+1)...), "at most 8388608"},
		{"the largest page said", false, false, plain(func(h *format.PageHeader) { h.UncompressedPageSize = maxPage }), "but is said to have 8388608"},
		{"64 MiB in little", false, false, data(format.Plain, rows, 0, nil, make([]byte, 64<<20), func(h *format.PageHeader) { h.UncompressedPageSize = 160 }), "cannot be decompressed"},
		{"another encoding", false, false, data(format.DeltaBinaryPacked, rows, 0, nil, numbers, nil), "DELTA_BINARY_PACKED"},
		{"another kind of page", false, false, plain(func(h *format.PageHeader) { h.Type = format.DataPage }), "does not belong there"},
		{"no compression", false, false, plain(func(h *format.PageHeader) { h.DataPageHeaderV2.V.IsCompressed.V = false }), "not compressed"},
		{"a longer header", false, false, plain(func(h *format.PageHeader) { h.DataPageHeaderV2.V.Statistics.MaxValue = make([]byte, 5000) }), ""},
		{"too long a header", false, false, plain(func(h *format.PageHeader) { h.DataPageHeaderV2.V.Statistics.MaxValue = make([]byte, maxPageHeader) }), "page header"},

		{"levels in a run", true, false, data(format.Plain, rows, 0, run(rows, 1), numbers, nil), ""},
		{"all missing", true, false, data(format.Plain, rows, rows, run(rows, 0), nil, nil), ""},
		{"levels packed", true, false, data(format.Plain, rows, 8, packed(3, 0xff, 0, 0xff), numbers[:96], nil), ""},
		{"2³¹ levels", true, false, data(format.Plain, rows, 0, run(math.MaxInt32, 1), numbers, nil), "a run has 2147483647 values"},
		{"levels beyond the values", true, false, data(format.Plain, rows, 0, append(run(rows, 1), run(8, 1)...), numbers, nil), "has more"},
		{"levels that lack one", true, false, data(format.Plain, rows, 0, run(rows-1, 1), numbers, nil), "lacks 1"},
		{"fewer values than levels say", true, false, data(format.Plain, rows, 1, run(rows, 1), numbers[8:], nil), "20 values, but is said to have 19"},
		{"levels that go on", true, false, data(format.Plain, rows, 0, packed(3, 0xff), numbers, nil), "cut short"},
		{"no levels", true, false, data(format.Plain, rows, 0, nil, numbers, nil), "contradict"},
		{"levels of a column without", false, false, data(format.Plain, rows, 0, run(rows, 1), numbers, nil), "contradict"},

		{"places in a dictionary", false, false, codes(packed(3, 0, 1, 2)), ""},
		{"2³¹ places", false, false, codes(run(math.MaxInt32, 1)), "a run has 2147483647 values"},
		{"many runs of places", false, false, codes(bytes.Repeat(run(rows, 1), 1000)), "has more"},
		{"places without a dictionary", false, false, codes(run(rows, 1))[len(two):], "there is none"},
		{"two dictionaries", false, false, append(bytes.Clone(two), codes(run(rows, 1))...), "does not belong there"},
		{"a dictionary of 2³¹ values", false, false, dictionary(math.MaxInt32, numbers), "2147483647 values for 20 rows"},
		{"a dictionary of one value less", false, false, dictionary(2, numbers[:8]), "8 bytes for 2 numbers"},
		{"places as format 1 encodes them", false, false, append(bytes.Clone(two), data(plainDictionary, rows, 0, nil, append([]byte{1}, run(rows, 1)...), nil)...), "PLAIN_DICTIONARY"},
		{"places of 33 bits", false, false, append(bytes.Clone(two), data(format.RLEDictionary, rows, 0, nil, append([]byte{33}, run(rows, 0, 0, 0, 0, 0)...), nil)...), "33 bits"},

		{"texts", false, true, data(format.DeltaLengthByteArray, rows, 0, nil, lengths(rows, 2, strings.Repeat("ab", rows)), nil), ""},
		{"2³¹ texts", false, true, data(format.DeltaLengthByteArray, rows, 0, nil, lengths(math.MaxInt32, 2, ""), nil), "2147483647 texts"},
		{"texts of 2 GiB", false, true, data(format.DeltaLengthByteArray, rows, 0, nil, lengths(rows, math.MaxInt32, "ab"), nil), "goes on behind"},
		{"texts of a negative length", false, true, data(format.DeltaLengthByteArray, rows, 0, nil, lengths(rows, -1, "ab"), nil), "the length -1"},
		{"a text of 4 GiB in a dictionary", false, true, dictionary(1, []byte{0xff, 0xff, 0xff, 0xff, 'a'}), "goes on behind"},
	} {
		checker := chunkCheckers.New().(*chunkChecker)
		checker.file, checker.rows, checker.optional, checker.text = bytes.NewReader(c.pages), rows, c.optional, c.text
		err := bounded(t, c.name, func() error {
			_, err := checker.check(0, int64(len(c.pages)))
			return err
		})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}
