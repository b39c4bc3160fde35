package safetensors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"modspec/engine/safetensors"
)

// most bounds the numbers of these files, in bytes.
const most = 1 << 20

func example() safetensors.File {
	return safetensors.File{
		Tensors: map[string]safetensors.Tensor{
			"b":     {Shape: []int{3}, Data: []float64{1, -2.5, math.Inf(1)}},
			"a.one": {Shape: []int{2, 1, 2}, Data: []float64{0.5, 0.25, -0.125, 1e-30}},
			"none":  {Shape: []int{0, 4}, Data: []float64{}},
			"a":     {Shape: []int{0}, Data: []float64{}}, // begins where a.one does
		},
		Metadata: map[string]string{"epoch": "3"},
	}
}

func write(t *testing.T, path string, f safetensors.File) {
	t.Helper()
	var out bytes.Buffer
	if err := safetensors.Write(&out, f); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The numbers in the example are rounded to float32 as 1e-30 shows.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, double := range []bool{false, true} {
		f := example()
		f.Double = double
		path := filepath.Join(t.TempDir(), "x.safetensors")
		write(t, path, f)
		got, err := safetensors.Read(path, most)
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
	write(t, path, f)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"sha256":"` + zeros + `"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}     `
	want := sealed(file(header, "\x00\x00\x80\x3f\x00\x00\x00\xc0"))
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

// zeros stand where a file's checksum belongs, and are what it is taken over.
var zeros = strings.Repeat("0", 64)

// sealed puts a file's checksum into it.
func sealed(data string) string {
	sum := sha256.Sum256([]byte(data))
	return strings.Replace(data, `"sha256":"`+zeros, `"sha256":"`+hex.EncodeToString(sum[:]), 1)
}

// tensors is a header with a checksum, still to be sealed, and some tensors.
func tensors(list string) string { return `{"__metadata__":{"sha256":"` + zeros + `"},` + list + `}` }

func TestFaultsAreNamed(t *testing.T) {
	for _, c := range []struct{ what, data, want string }{
		{"empty", "", "too short to be a safetensors file"},
		{"cut in the header", file(`{"w":{}}`, "")[:12], "its header would have 8 bytes, but the file has 12"},
		{"no safetensors", "\x89PNG\r\n\x1a\n and more", "its header would have"},
		{"no JSON", file(`{"w"`, ""), "its header is damaged"},
		{"another type", file(tensors(`"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}`), "12345678"), `the tensor "w": its type is "I64"`},
		{"cut in the numbers", file(tensors(`"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), "1234"), "its bytes are 0 to 8, but must be 0 to 8 of 4"},
		{"too many numbers", file(tensors(`"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`), "12345678"), "it has 8 bytes of numbers, but its header says 4"},
		{"a gap", file(tensors(`"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), "12345678"), "its bytes are 4 to 8, but must be 0 to 4"},
		{"a shape too large", file(tensors(`"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}`), ""), "its shape is"},
		{"a negative shape", file(tensors(`"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}`), ""), "its shape is"},
		{"a product of a shape that is 0 after it ran over", file(tensors(`"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[8,8]}`), "12345678"), `"w": its shape is`},
		{"one number more than the file", file(tensors(`"w":{"dtype":"F32","shape":[9],"data_offsets":[0,8]}`), "12345678"), "its shape is [9]"},
		{"as many numbers as bytes", file(tensors(`"w":{"dtype":"F32","shape":[8],"data_offsets":[0,8]}`), "12345678"), "its bytes are 0 to 8, but must be 0 to 32"},
		{"a header one byte longer than the file", "\x01\x00\x00\x00\x00\x00\x00\x00", "its header would have 1 bytes, but the file has 8"},
		{"a header whose length is no int64", "\x00\x00\x00\x00\x00\x00\x00\x80", "its header would have 9223372036854775808 bytes"},
		{"no checksum", file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"), "it has no checksum"},
		{"a short checksum", file(`{"__metadata__":{"sha256":"0"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"), `its checksum is "0"`},
		{"texts", file(`{"__metadata__":{"a":1}}`, ""), "its texts are damaged"},
	} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := safetensors.Read(path, most); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error is %v, want one with %q that names the file", c.what, err, c.want)
		}
	}
	bad := safetensors.File{Tensors: map[string]safetensors.Tensor{"w": {Shape: []int{2}, Data: []float64{1}}}}
	var out bytes.Buffer
	if err := safetensors.Write(&out, bad); err == nil || !strings.Contains(err.Error(), "has shape [2], but 1 numbers") || out.Len() > 0 {
		t.Errorf("a shape that does not fit: %v, after %d bytes", err, out.Len())
	}
}

// Files of other programs have no checksum and are read by ReadAny alone. One that has
// a checksum must agree with it there too.
func TestFilesOfOtherPrograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	plain := `{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	for _, c := range []struct{ name, data, want string }{
		{"no checksum", file(plain, "\x00\x00\x80\x3f\x00\x00\x00\xc0"), ""},
		{"no texts", file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "\x00\x00\x80\x3f\x00\x00\x00\xc0"), ""},
		{"a checksum", sealed(file(tensors(`"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), "\x00\x00\x80\x3f\x00\x00\x00\xc0")), ""},
		{"another checksum", file(tensors(`"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), "12345678"), "it was changed after it was written"},
		{"cut short", file(plain, "1234"), "its bytes are 0 to 8, but must be 0 to 8 of 4"},
	} {
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := safetensors.ReadAny(path, most)
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		case c.want == "" && (err != nil || !reflect.DeepEqual(got.Tensors["w"], safetensors.Tensor{Shape: []int{2}, Data: []float64{1, -2}})):
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

// A header may fill the file, and a tensor without numbers needs none: these are
// whole.
func TestTheSmallestFilesAreRead(t *testing.T) {
	for _, header := range []string{
		`{"__metadata__":{"sha256":"` + zeros + `"}}`,
		tensors(`"w":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]}`),
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(sealed(file(header, ""))), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := safetensors.Read(path, most); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
}

// A sparse file whose header names as many numbers as it has bytes was read into
// memory, whatever its size.
func TestNumbersAreBounded(t *testing.T) {
	const numbers = 200 << 30
	path := filepath.Join(t.TempDir(), "x")
	header := file(tensors(fmt.Sprintf(`"w":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}`, numbers/4, numbers)), "")
	if err := os.WriteFile(path, []byte(header), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(header))+numbers); err != nil {
		t.Skip("no sparse files: ", err)
	}
	if _, err := safetensors.Read(path, most); err == nil || !strings.Contains(err.Error(), "it has 214748364800 bytes of numbers, but may have at most 1048576") {
		t.Errorf("the error is %v", err)
	}
	exact := sealed(file(tensors(`"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), "12345678"))
	if err := os.WriteFile(path, []byte(exact), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := safetensors.Read(path, 8); err != nil {
		t.Error(err)
	}
	if _, err := safetensors.Read(path, 7); err == nil {
		t.Error("8 bytes of numbers were read where 7 are allowed")
	}
}

// The longest header that the format allows is read, and here found to be nothing
// but zeros; one byte more is not.
func TestTheLongestHeader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for length, want := range map[int64]string{
		100 << 20:   "its header is damaged",
		100<<20 + 1: "its header would have 104857601 bytes",
	} {
		if err := os.WriteFile(path, binary.LittleEndian.AppendUint64(nil, uint64(length)), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 8+length); err != nil { // which takes no room on the disk
			t.Fatal(err)
		}
		if _, err := safetensors.Read(path, most); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: the error is %v, want one with %q", length, err, want)
		}
	}
}

// Every flipped bit is noticed, and so is a block of zeros: among the numbers
// neither was, and training went on from other numbers.
func TestDamageIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	write(t, path, example())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noticed := func(what string, at int, damaged []byte) {
		if err := os.WriteFile(path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := safetensors.Read(path, most); err == nil {
			t.Errorf("%s at byte %d of %d gave %+v", what, at, len(whole), got)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for at := range whole {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1 << random.IntN(8)
		noticed("a flipped bit", at, damaged)
		damaged = bytes.Clone(whole)
		clear(damaged[at:min(at+4, len(damaged))])
		if at%4 == 0 && !bytes.Equal(damaged, whole) {
			noticed("zeros", at, damaged)
			noticed("the end", at, whole[:at])
		}
	}
	noticed("more", len(whole), append(bytes.Clone(whole), 0))
}

func FuzzRead(f *testing.F) {
	f.Add(tensors(`"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`), "1234")
	f.Add(tensors(`"w":{"dtype":"F64","shape":[],"data_offsets":[0,8]}`), "12345678")
	f.Fuzz(func(t *testing.T, header, body string) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(sealed(file(header, body))), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := safetensors.Read(path, most)
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
