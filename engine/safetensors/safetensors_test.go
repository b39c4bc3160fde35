package safetensors_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"modspec/engine/safetensors"
)

func example() safetensors.File {
	return safetensors.File{
		Tensors: map[string]safetensors.Tensor{
			"b":     {Shape: []int{3}, Data: []float64{1, -2.5, math.Inf(1)}},
			"a.one": {Shape: []int{2, 1, 2}, Data: []float64{0.5, 0.25, -0.125, 1e-30}},
			"none":  {Shape: []int{0, 4}, Data: []float64{}},
		},
		Metadata: map[string]string{"epoch": "3"},
	}
}

// The numbers in the example are rounded to float32 as 1e-30 shows.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, double := range []bool{false, true} {
		f := example()
		f.Double = double
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := safetensors.Write(path, f); err != nil {
			t.Fatal(err)
		}
		got, err := safetensors.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if !double {
			f.Tensors["a.one"].Data[3] = float64(float32(1e-30))
		}
		if !reflect.DeepEqual(got, f) {
			t.Errorf("double %v: read back as %+v, want %+v", double, got, f)
		}
	}
}

// The bytes are those that the format asks for, written out by hand.
func TestTheBytesOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	f := safetensors.File{Tensors: map[string]safetensors.Tensor{"w": {Shape: []int{2}, Data: []float64{1, -2}}}}
	if err := safetensors.Write(path, f); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  `
	want := string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + "\x00\x00\x80\x3f\x00\x00\x00\xc0"
	if string(got) != want {
		t.Errorf("the file is %q, want %q", got, want)
	}
	if len(header)%8 != 0 {
		t.Error("the numbers do not start on a multiple of eight bytes")
	}
}

func file(header, body string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + body
}

func TestFaultsAreNamed(t *testing.T) {
	for _, c := range []struct{ what, data, want string }{
		{"empty", "", "too short to be a safetensors file"},
		{"cut in the header", file(`{"w":{}}`, "")[:12], "its header would have 8 bytes, but the file has 12"},
		{"no safetensors", "\x89PNG\r\n\x1a\n and more", "its header would have"},
		{"no JSON", file(`{"w"`, ""), "its header is damaged"},
		{"another type", file(`{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, "12345678"), `the tensor "w": its type is "I64"`},
		{"cut in the numbers", file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "1234"), "its bytes are 0 to 8, but must be 0 to 8 of 4"},
		{"too many numbers", file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "12345678"), "it has 8 bytes of numbers, but its header says 4"},
		{"a gap", file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "its bytes are 4 to 8, but must be 0 to 4"},
		{"a shape too large", file(`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, ""), "its shape is"},
		{"a negative shape", file(`{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}`, ""), "its shape is"},
		{"texts", file(`{"__metadata__":{"a":1}}`, ""), "its texts are damaged"},
	} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := safetensors.Read(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error is %v, want one with %q that names the file", c.what, err, c.want)
		}
	}
	bad := safetensors.File{Tensors: map[string]safetensors.Tensor{"w": {Shape: []int{2}, Data: []float64{1}}}}
	path := filepath.Join(t.TempDir(), "x")
	if err := safetensors.Write(path, bad); err == nil || !strings.Contains(err.Error(), "has shape [2], but 1 numbers") {
		t.Errorf("a shape that does not fit: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file that could not be written is there")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234")))
	f.Add([]byte(file(`{"w":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"__metadata__":{}}`, "12345678")))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := safetensors.Read(path)
		if err != nil {
			return
		}
		for name, tensor := range got.Tensors {
			count := 1
			for _, d := range tensor.Shape {
				count *= d
			}
			if count != len(tensor.Data) {
				t.Errorf("the tensor %q has shape %v and %d numbers", name, tensor.Shape, len(tensor.Data))
			}
		}
	})
}
