// Package safetensors writes and reads tensors in the safetensors format, which
// Python's libraries of machine learning read as it is.
//
// A file is the length of a header (8 bytes, little-endian), the header (JSON: of
// each tensor its type, shape and place, and texts under "__metadata__"), and the
// numbers, row after row, little-endian, without gaps.
//
// A file that this package writes has its own checksum under "__metadata__", as the
// text "sha256": the SHA-256 of the file with 64 zeros in the checksum's place. [Read]
// reads such files alone, so that a damaged one is never taken for whole; [ReadAny]
// reads those of other programs too.
package safetensors

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"modspec/engine/regularfile"
)

// A Tensor is numbers in rows of rows: Data has as many as the product of Shape.
type Tensor struct {
	Shape []int
	Data  []float64
}

// A File is named tensors and texts that say what they are.
type File struct {
	// Double keeps the numbers as float64; otherwise they are rounded to float32.
	Double   bool
	Tensors  map[string]Tensor
	Metadata map[string]string // without the checksum, which Write adds and Read checks
}

// maxHeader is the largest header that is read: the format's own limit.
const maxHeader = 100 << 20

// entry is a tensor in the header.
type entry struct {
	Type    string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// The types that are written and read, and their sizes.
var sizes = map[string]int64{"F32": 4, "F64": 8}

// metadataKey is the one name that no tensor may have.
const metadataKey = "__metadata__"

// sumKey is the text that holds the checksum.
const sumKey = "sha256"

// noSum stands where the checksum will be.
var noSum = strings.Repeat("0", 2*sha256.Size)

// withSum puts a checksum where another is. The quotes keep it from any other text,
// in which they would be escaped.
func withSum(header []byte, old, new string) []byte {
	place := `"` + sumKey + `":"`
	return bytes.Replace(header, []byte(place+old+`"`), []byte(place+new+`"`), 1)
}

// Write writes a file. Tensors stand in the order of their names, so that equal
// contents make equal files. A tensor whose numbers do not fit its shape is an error,
// before anything is written.
func Write(w io.Writer, f File) error {
	header, err := f.header()
	if err != nil {
		return err
	}
	sum := sha256.New()
	buffered := bufio.NewWriter(sum)
	if err := errors.Join(f.encode(buffered, header), buffered.Flush()); err != nil {
		return err
	}
	header = withSum(header, noSum, hex.EncodeToString(sum.Sum(nil)))
	return f.encode(w, header)
}

// encode writes the file with a header.
func (f File) encode(w io.Writer, header []byte) error {
	if err := binary.Write(w, binary.LittleEndian, uint64(len(header))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	var number [8]byte
	for _, name := range slices.Sorted(maps.Keys(f.Tensors)) {
		for _, v := range f.Tensors[name].Data {
			used := number[:8]
			if f.Double {
				binary.LittleEndian.PutUint64(used, math.Float64bits(v))
			} else {
				used = number[:4]
				binary.LittleEndian.PutUint32(used, math.Float32bits(float32(v)))
			}
			if _, err := w.Write(used); err != nil {
				return err
			}
		}
	}
	return nil
}

// header returns the JSON of the header, filled up with blanks so that the numbers
// start on a multiple of eight bytes, as the format asks. In place of the checksum it
// has zeros.
func (f File) header() ([]byte, error) {
	kind := "F32"
	if f.Double {
		kind = "F64"
	}
	texts := map[string]string{}
	maps.Copy(texts, f.Metadata)
	texts[sumKey] = noSum
	all := map[string]any{metadataKey: texts}
	at := int64(0)
	for _, name := range slices.Sorted(maps.Keys(f.Tensors)) {
		t := f.Tensors[name]
		count := int64(1)
		for _, d := range t.Shape {
			count *= int64(d)
		}
		if name == metadataKey || count != int64(len(t.Data)) {
			return nil, fmt.Errorf("the tensor %q has shape %v, but %d numbers", name, t.Shape, len(t.Data))
		}
		all[name] = entry{kind, t.Shape, [2]int64{at, at + count*sizes[kind]}}
		at += count * sizes[kind]
	}
	header, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return append(header, bytes.Repeat([]byte(" "), (8-len(header)%8)%8)...), nil
}

// Read reads a file of float32 or float64 tensors that Write made, whose numbers take
// so many bytes at most. Its errors name the file and what is wrong with it: cut
// short, too large, damaged, of another type, without a checksum. One that wraps an
// [fs.PathError] is the system's and says nothing about the content, and a
// [regularfile.Error] says that it is no file.
func Read(path string, most int64) (File, error) { return open(path, most, true) }

// ReadAny is Read for files of any program. A file that has no checksum is taken as it
// is; one that has must agree with it.
func ReadAny(path string, most int64) (File, error) { return open(path, most, false) }

func open(path string, most int64, checked bool) (File, error) {
	f, size, err := regularfile.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	out, err := read(bufio.NewReader(f), size, most, checked)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

func read(from io.Reader, size, most int64, checked bool) (File, error) {
	var length uint64
	if err := binary.Read(from, binary.LittleEndian, &length); err != nil {
		return File{}, errors.New("it is too short to be a safetensors file")
	}
	if length > maxHeader || int64(length) > size-8 {
		return File{}, fmt.Errorf("its header would have %d bytes, but the file has %d; it is cut short or no safetensors file", length, size)
	}
	// A sparse file can be larger than any memory.
	body := size - 8 - int64(length)
	if body > most {
		return File{}, fmt.Errorf("it has %d bytes of numbers, but may have at most %d", body, most)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(from, header); err != nil {
		return File{}, err
	}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(header, &raw); err != nil {
		return File{}, fmt.Errorf("its header is damaged: %w", err)
	}
	out := File{Tensors: map[string]Tensor{}, Metadata: map[string]string{}}
	var list []named
	for name, text := range raw {
		if name == metadataKey {
			if err := json.Unmarshal(text, &out.Metadata); err != nil {
				return File{}, fmt.Errorf("its texts are damaged: %w", err)
			}
			continue
		}
		n := named{name: name}
		if err := json.Unmarshal(text, &n.entry); err != nil {
			return File{}, fmt.Errorf("the tensor %q: %w", name, err)
		}
		list = append(list, n)
	}
	want, has := out.Metadata[sumKey]
	if !has && checked {
		return File{}, errors.New("it has no checksum (sha256 in __metadata__), so it cannot be told whether it is whole")
	}
	delete(out.Metadata, sumKey)
	sum := sha256.New()
	if err := binary.Write(sum, binary.LittleEndian, length); err != nil {
		return File{}, err
	}
	sum.Write(withSum(header, want, noSum))
	from = io.TeeReader(from, sum)
	slices.SortFunc(list, func(a, b named) int { return slices.Compare(a.Offsets[:], b.Offsets[:]) })
	at := int64(0)
	for _, n := range list {
		t, err := n.read(from, at, body)
		if err != nil {
			return File{}, fmt.Errorf("the tensor %q: %w", n.name, err)
		}
		at = n.Offsets[1]
		out.Double = out.Double || n.Type == "F64"
		out.Tensors[n.name] = t
	}
	if at != body {
		return File{}, fmt.Errorf("it has %d bytes of numbers, but its header says %d", body, at)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); has && got != want {
		return File{}, fmt.Errorf("its checksum is %q, but its content has %s; it was changed after it was written", want, got)
	}
	return out, nil
}

// named is a tensor in a header, with its name.
type named struct {
	name string
	entry
}

// read reads the tensor's numbers, which must follow what came before and lie
// within the file.
func (n *named) read(from io.Reader, at, body int64) (Tensor, error) {
	size, known := sizes[n.Type]
	if !known {
		return Tensor{}, fmt.Errorf("its type is %q, but only F32 and F64 are read", n.Type)
	}
	count := int64(1)
	for _, d := range n.Shape {
		if d < 0 || d > 0 && count > body/int64(d) {
			return Tensor{}, fmt.Errorf("its shape is %v, but the file has %d bytes of numbers", n.Shape, body)
		}
		count *= int64(d)
	}
	if n.Offsets[0] != at || n.Offsets[1]-n.Offsets[0] != count*size || n.Offsets[1] > body {
		return Tensor{}, fmt.Errorf("its bytes are %d to %d, but must be %d to %d of %d", n.Offsets[0], n.Offsets[1], at, at+count*size, body)
	}
	numbers := make([]byte, count*size)
	if _, err := io.ReadFull(from, numbers); err != nil {
		return Tensor{}, err
	}
	t := Tensor{Shape: n.Shape, Data: make([]float64, count)}
	for i := range t.Data {
		if size == 8 {
			t.Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(numbers[8*i:]))
		} else {
			t.Data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(numbers[4*i:])))
		}
	}
	return t, nil
}
