package tensorboard

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// crc32c is the CRC by its definition, bit by bit: x³² + the Castagnoli polynomial,
// reflected.
func crc32c(data []byte) uint32 {
	c := ^uint32(0)
	for _, b := range data {
		c ^= uint32(b)
		for range 8 {
			if c&1 == 1 {
				c = c>>1 ^ 0x82f63b78
			} else {
				c >>= 1
			}
		}
	}
	return ^c
}

// The check values are those of RFC 3720, appendix B.4.
func TestChecks(t *testing.T) {
	ascending := make([]byte, 32)
	for i := range ascending {
		ascending[i] = byte(i)
	}
	for _, c := range []struct {
		data []byte
		crc  uint32
	}{{make([]byte, 32), 0x8a9136aa}, {ascending, 0x46dd794e}, {[]byte("123456789"), 0xe3069283}} {
		if got := crc32c(c.data); got != c.crc {
			t.Fatalf("the test's own CRC of %x is %#x, want %#x", c.data, got, c.crc)
		}
		if got, want := masked(c.data), (c.crc>>15|c.crc<<17)+0xa282ead8; got != want {
			t.Errorf("masked %x is %#x, want %#x", c.data, got, want)
		}
	}
}

// A field is one field of a protocol buffer: its number, and its bytes or its number.
type field struct {
	number int
	bytes  []byte
	value  uint64
}

// fields takes a message apart.
func fields(t *testing.T, b []byte) []field {
	t.Helper()
	var list []field
	varint := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			t.Fatalf("no varint in %x", b)
		}
		b = b[n:]
		return v
	}
	for len(b) > 0 {
		tag := varint()
		f := field{number: int(tag >> 3)}
		switch tag & 7 {
		case 0:
			f.value = varint()
		case 1:
			f.value, b = binary.LittleEndian.Uint64(b), b[8:]
		case 2:
			n := varint()
			f.bytes, b = b[:n], b[n:]
		case 5:
			f.value, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			t.Fatalf("wire type %d", tag&7)
		}
		list = append(list, f)
	}
	return list
}

// events reads the one event file of a run, and checks every check.
func events(t *testing.T, run string) [][]field {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(run, "events.out.tfevents.*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("event files: %v, %v", names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	unmask := func(c uint32) uint32 { c -= 0xa282ead8; return c>>17 | c<<15 }
	var list [][]field
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		if got, want := unmask(binary.LittleEndian.Uint32(b[8:])), crc32c(b[:8]); got != want {
			t.Fatalf("check of a length is %#x, want %#x", got, want)
		}
		data := b[12:][:n]
		if got, want := unmask(binary.LittleEndian.Uint32(b[12+n:])), crc32c(data); got != want {
			t.Fatalf("check of an event is %#x, want %#x", got, want)
		}
		list = append(list, fields(t, data))
		b = b[16+n:]
	}
	return list
}

func TestWriter(t *testing.T) {
	run := filepath.Join(t.TempDir(), "a", "run")
	if has, err := Holds(run); has || err != nil {
		t.Fatalf("a folder that is not there holds events: %v, %v", has, err)
	}
	before := time.Now()
	w, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	w.Text("parameters", "r is 1 & η")
	w.Scalars(0, Scalar{"loss/train", 0.5})
	w.Scalars(300, Scalar{"loss/train", 1.0 / 3}, Scalar{"modes/1", math.NaN()}, Scalar{"S", -1e-7}, Scalar{"huge", 1e300})
	w.Scalars(301, Scalar{"loss/train", math.NaN()})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if has, err := Holds(run); !has || err != nil {
		t.Errorf("the run holds events: %v, %v", has, err)
	}
	list := events(t, run)
	if len(list) != 4 { // the version, a text, two steps; nothing of the step without a number
		t.Fatalf("%d events", len(list))
	}
	for i, e := range list {
		at := math.Float64frombits(e[0].value)
		// The clock's time in microseconds.
		if e[0].number != 1 || at < float64(before.UnixMicro())/1e6 || at > float64(time.Now().UnixMicro())/1e6 {
			t.Errorf("event %d is of %v, field %d", i, at, e[0].number)
		}
	}
	if v := list[0][1]; v.number != 3 || string(v.bytes) != "brain.Event:2" {
		t.Errorf("the version is field %d, %q", v.number, v.bytes)
	}
	if len(list[2]) != 2 || list[2][1].number != 5 {
		t.Errorf("step 0 is written out: %v", list[2])
	}
	if s := list[3][1]; s.number != 2 || s.value != 300 {
		t.Errorf("the step is field %d, %d", s.number, s.value)
	}
	values := fields(t, list[3][2].bytes)
	if len(values) != 2 {
		t.Fatalf("%d values, want the two that float32 has", len(values))
	}
	for i, want := range []struct {
		tag   string
		value float32
	}{{"loss/train", 1.0 / 3}, {"S", -1e-7}} {
		v := fields(t, values[i].bytes)
		if string(v[0].bytes) != want.tag || v[0].number != 1 || v[1].number != 2 || math.Float32frombits(uint32(v[1].value)) != want.value {
			t.Errorf("value %d: %q, %v", i, v[0].bytes, math.Float32frombits(uint32(v[1].value)))
		}
	}
	text := fields(t, fields(t, list[1][1].bytes)[0].bytes)
	tensor, metadata := fields(t, text[1].bytes), fields(t, text[2].bytes)
	if text[1].number != 8 || tensor[0].value != 7 || tensor[2].number != 8 || string(tensor[2].bytes) != "r is 1 & η" {
		t.Errorf("the text's tensor: %v", tensor)
	}
	if plugin := fields(t, metadata[0].bytes); text[2].number != 9 || metadata[0].number != 1 || string(plugin[0].bytes) != "text" {
		t.Errorf("the text's plugin: %v", metadata)
	}
}

// A session's start has its step and its status, and stands before all numbers.
func TestStart(t *testing.T) {
	for _, step := range []int{0, 7} {
		run := t.TempDir()
		w, err := Open(run)
		if err != nil {
			t.Fatal(err)
		}
		w.Start(step)
		w.Scalars(step, Scalar{"x", 1})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		list := events(t, run)
		if len(list) != 3 {
			t.Fatalf("%d events, want the version, the start and a number", len(list))
		}
		start := list[1][1:]
		if step > 0 {
			if start[0].number != 2 || start[0].value != uint64(step) {
				t.Errorf("the start's step is %v, want %d", start[0], step)
			}
			start = start[1:]
		}
		if len(start) != 1 || start[0].number != 7 {
			t.Fatalf("the start has %v, want a session log", start)
		}
		if status := fields(t, start[0].bytes); len(status) != 1 || status[0].number != 1 || status[0].value != 1 {
			t.Errorf("the session log is %v, want status 1", status)
		}
	}
}

func TestOpenRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "run")); err == nil {
		t.Error("a run was opened below a file")
	}
	if _, err := Holds(filepath.Join(file, "run")); err == nil {
		t.Error("a folder below a file was looked into")
	}
}

// The first error stays, and Close returns it.
func TestFirstErrorStays(t *testing.T) {
	w, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close()
	w.Scalars(1, Scalar{"x", 1})
	if w.Flush() == nil || w.Close() == nil {
		t.Error("what was written to a closed file was not missed")
	}
}
