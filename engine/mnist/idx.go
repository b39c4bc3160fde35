package mnist

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"modspec/engine/regularfile"
)

// The magic numbers of the IDX format: two zero bytes, the type of the elements
// (8: unsigned bytes) and the number of dimensions.
const (
	labelsMagic = 0x00000801
	imagesMagic = 0x00000803
)

// maxPixels bounds what one file may unpack to: 2³⁰ pixels are over a million
// images of 28 × 28, and a gzip file can claim far more than it should.
const maxPixels = 1 << 30

// Images are grey pictures of one size. Pixel (row, column) of image i is
// Pixels[(i·Rows + row)·Columns + column], 0 for background to 255 for ink.
type Images struct {
	Count, Rows, Columns int
	Pixels               []byte
}

// Image returns the pixels of image i, row after row. The caller must not change
// them.
func (m *Images) Image(i int) []byte {
	size := m.Rows * m.Columns
	return m.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// transpose exchanges rows and columns of every image.
func (m *Images) transpose() {
	turned := make([]byte, len(m.Pixels))
	size := m.Rows * m.Columns
	for at, v := range m.Pixels {
		image, row, column := at/size, at%size/m.Columns, at%m.Columns
		turned[image*size+column*m.Rows+row] = v
	}
	m.Rows, m.Columns, m.Pixels = m.Columns, m.Rows, turned
}

// ReadImages reads a file of images in the IDX format, gzipped or not. Its errors
// name the file.
func ReadImages(path string) (*Images, error) {
	dims, data, err := readIDX(path, "images", imagesMagic, 3)
	if err != nil {
		return nil, err
	}
	return &Images{Count: dims[0], Rows: dims[1], Columns: dims[2], Pixels: data}, nil
}

// ReadLabels reads a file of labels in the IDX format, gzipped or not. Its errors
// name the file.
func ReadLabels(path string) ([]byte, error) {
	_, data, err := readIDX(path, "labels", labelsMagic, 1)
	return data, err
}

// readIDX reads the dimensions and bytes of a file, which must hold exactly as
// many as its header says.
func readIDX(path, what string, magic uint32, dimensions int) ([]int, []byte, error) {
	f, size, err := regularfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	var start [2]byte
	if _, err := io.ReadFull(f, start[:]); err != nil {
		return nil, nil, fmt.Errorf("%s: too short to hold %s in the IDX format", path, what)
	}
	from, most := io.MultiReader(bytes.NewReader(start[:]), f), size
	if start == [2]byte{0x1f, 0x8b} {
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		defer unpacked.Close()
		from, most = unpacked, maxUnpacked*most
	}
	dims, data, err := decode(from, most, what, magic, dimensions)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return dims, data, nil
}

// maxUnpacked is how many bytes a byte of gzip can stand for: two bits of deflate are
// 258 bytes at most.
const maxUnpacked = 1032

// decode reads from a file that has at most so many bytes.
func decode(from io.Reader, most int64, what string, magic uint32, dimensions int) ([]int, []byte, error) {
	header := make([]byte, 4+4*dimensions)
	short := fmt.Sprintf("it ends within the header of %d bytes", len(header))
	if _, err := io.ReadFull(from, header[:4]); err != nil {
		return nil, nil, broken(err, short)
	}
	if got := binary.BigEndian.Uint32(header); got != magic {
		return nil, nil, fmt.Errorf("it starts with 0x%08x, but a file of %s in the IDX format starts with 0x%08x", got, what, magic)
	}
	if _, err := io.ReadFull(from, header[4:]); err != nil {
		return nil, nil, broken(err, short)
	}
	dims, total := make([]int, dimensions), int64(1)
	for i := range dims {
		dims[i] = int(binary.BigEndian.Uint32(header[4+4*i:]))
		if dims[i] == 0 {
			return nil, nil, fmt.Errorf("its header says %v, but no dimension may be 0", dims[:i+1])
		}
		if total *= int64(dims[i]); total > maxPixels {
			return nil, nil, fmt.Errorf("its header says more than %d bytes of %s, which is the most that is read", maxPixels, what)
		}
	}
	// A header that promises more than the file has takes no memory.
	data := make([]byte, min(total, most))
	got, err := io.ReadFull(from, data)
	short = fmt.Sprintf("it ends after %d of %d bytes of %s", got, total, what)
	if err != nil {
		return nil, nil, broken(err, short)
	}
	if int64(got) < total {
		return nil, nil, errors.New(short)
	}
	switch _, err := io.ReadFull(from, make([]byte, 1)); {
	case err == nil:
		return nil, nil, fmt.Errorf("it goes on after the %d bytes of %s that its header says", total, what)
	case err != io.EOF:
		return nil, nil, broken(err, short)
	}
	return dims, data, nil
}

// broken returns what is wrong with a file that could not be read on: that it was
// cut short, or what the reader says of it.
func broken(err error, short string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(short)
	}
	return err
}
