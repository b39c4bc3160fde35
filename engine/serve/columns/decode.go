package columns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// maxCodes is how many values a dictionary can have. Codes are 16 bits; a column
// that has nearly as many values as they can tell apart gains little from them.
const maxCodes = 1 << 14

// An Entry is a value of a dictionary.
type Entry struct {
	Number float64 // NaN in a column of texts
	Text   string  // as people write it; exact also for whole numbers beyond 2⁵³
}

// A decoded column of one part: codes into entries, or, where the column is kept
// as it is or has too many values for a dictionary, the numbers themselves.
type decoded struct {
	entries []Entry
	codes   []uint16
	values  []float64
}

// A decoder reads one column of one part.
type decoder struct {
	decoded
	name     string
	numeric  bool
	coded    bool
	unsigned bool // whole numbers are unsigned
	index    map[parquetKey]uint16
	buffer   []parquet.Value
}

// parquetKey identifies a value of a column.
type parquetKey struct {
	bits uint64
	text string
}

// errTooManyTexts is a column of texts that no dictionary can hold.
var errTooManyTexts = fmt.Errorf("it has more than %d different texts, too many for a view", maxCodes)

// decode reads a column of a file.
func decode(ctx context.Context, file *parquet.File, leaf int, name string, kind results.Type, coded bool) (decoded, error) {
	d := &decoder{name: name, numeric: kind != results.Text, coded: coded, unsigned: kind == results.Seed, index: map[parquetKey]uint16{}}
	rows := int(file.NumRows())
	if coded {
		d.codes = make([]uint16, 0, rows)
	} else {
		d.values = make([]float64, 0, rows)
	}
	for group := range file.RowGroups() {
		if err := results.EachPage(ctx, file, group, leaf, d.page); err != nil {
			return decoded{}, fmt.Errorf("column %q: %w", name, err)
		}
	}
	if got := max(len(d.codes), len(d.values)); got != rows {
		return decoded{}, fmt.Errorf("column %q has %d values for %d rows: the file is damaged", name, got, rows)
	}
	return d.decoded, nil
}

// page reads a page: in one go where it is made of whole arrays, else value by
// value.
func (d *decoder) page(page parquet.Page) error {
	switch {
	case page.Dictionary() != nil && len(page.DefinitionLevels()) == 0:
		return d.dictionaryPage(page)
	case d.codes == nil && page.Dictionary() == nil && page.Type().Kind() == parquet.Double:
		return d.doublePage(page)
	}
	return d.eachValue(page)
}

// dictionaryPage translates a page's own codes, into the decoder's or, where it
// keeps none, into numbers.
func (d *decoder) dictionaryPage(page parquet.Page) error {
	dictionary := page.Dictionary()
	data := page.Data()
	own := data.Int32()
	translated := make([]uint16, 0, min(dictionary.Len(), maxCodes))
	for i := 0; d.codes != nil && i < dictionary.Len(); i++ {
		code, ok := d.code(dictionary.Index(int32(i)))
		if !ok {
			if err := d.spill(); err != nil {
				return err
			}
		}
		translated = append(translated, code)
	}
	if d.codes != nil {
		for _, i := range own {
			d.codes = append(d.codes, translated[i])
		}
		return nil
	}
	numbers := make([]float64, dictionary.Len())
	for i := range numbers {
		v := dictionary.Index(int32(i))
		numbers[i] = d.number(&v)
	}
	for _, i := range own {
		d.values = append(d.values, numbers[i])
	}
	return nil
}

// doublePage copies the numbers of a page and puts NaN where there is none.
func (d *decoder) doublePage(page parquet.Page) error {
	data, levels := page.Data(), page.DefinitionLevels()
	values := data.Double()
	if len(levels) == 0 {
		if int64(len(values)) != page.NumValues() {
			return d.eachValue(page)
		}
		d.values = append(d.values, values...)
		return nil
	}
	at := 0
	for _, level := range levels {
		v := math.NaN()
		if level > 0 {
			if at >= len(values) {
				return errors.New("it has fewer numbers than it says: the file is damaged")
			}
			v = values[at]
			at++
		}
		d.values = append(d.values, v)
	}
	return nil
}

// eachValue reads values one at a time.
func (d *decoder) eachValue(page parquet.Page) error {
	if d.buffer == nil {
		d.buffer = make([]parquet.Value, 1024)
	}
	return eachOf(page, d.buffer, d.add)
}

func (d *decoder) add(v *parquet.Value) error {
	if d.codes != nil {
		code, ok := d.code(*v)
		if ok {
			d.codes = append(d.codes, code)
			return nil
		}
		if err := d.spill(); err != nil {
			return err
		}
	}
	d.values = append(d.values, d.number(v))
	return nil
}

// spill converts what was read to plain numbers.
func (d *decoder) spill() error {
	if !d.numeric {
		return errTooManyTexts
	}
	d.values = plain(d.entries, d.codes, cap(d.codes))
	d.entries, d.codes, d.index = nil, nil, nil
	return nil
}

// plain returns the numbers that codes stand for.
func plain(entries []Entry, codes []uint16, capacity int) []float64 {
	values := make([]float64, 0, max(capacity, len(codes)))
	for _, c := range codes {
		values = append(values, entries[c].Number)
	}
	return values
}

// code returns the code of a value, a new one for a new value; false if there is
// no room for it.
func (d *decoder) code(v parquet.Value) (uint16, bool) {
	key := parquetKey{}
	switch {
	case v.IsNull():
		key.bits = math.Float64bits(math.NaN())
	case v.Kind() == parquet.ByteArray:
		key.text = string(v.ByteArray())
	default:
		key.bits = v.Uint64()
	}
	if code, ok := d.index[key]; ok {
		return code, true
	}
	if len(d.entries) == maxCodes {
		return 0, false
	}
	code := uint16(len(d.entries))
	d.index[key] = code
	d.entries = append(d.entries, Entry{d.number(&v), d.text(&v)})
	return code, true
}

// number returns a value as a number: NaN for a text and for one that does not
// exist.
func (d *decoder) number(v *parquet.Value) float64 {
	if v.IsNull() {
		return math.NaN()
	}
	switch v.Kind() {
	case parquet.Double:
		return v.Double()
	case parquet.Int64:
		if d.unsigned {
			return float64(v.Uint64())
		}
		return float64(v.Int64())
	}
	return math.NaN()
}

func (d *decoder) text(v *parquet.Value) string {
	if v.IsNull() {
		return ""
	}
	switch v.Kind() {
	case parquet.ByteArray:
		return string(v.ByteArray())
	case parquet.Int64:
		if d.unsigned {
			return strconv.FormatUint(v.Uint64(), 10)
		}
		return strconv.FormatInt(v.Int64(), 10)
	}
	return numberText(d.number(v))
}

// numberText writes a number as people write it, and "" for one that does not
// exist.
func numberText(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
