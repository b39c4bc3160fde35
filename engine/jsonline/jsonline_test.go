package jsonline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"modspec/engine/jsonline"
)

type value struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Share float64 `json:"share"`
}

var example = value{"a \"b\"\n", -3, 0.1}

func encode(t *testing.T, bound string) []byte {
	t.Helper()
	line, err := jsonline.Encode(example, []byte(bound))
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// The line is JSON as encoding/json writes it, and its sum that of the standard
// library over the bytes that it is bound to and the line without the sum.
func TestALineIsJSONWithItsSum(t *testing.T) {
	for _, bound := range []string{"", "experiment"} {
		line := string(encode(t, bound))
		content, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		sum := crc32.Checksum(append([]byte(bound), content...), crc32.MakeTable(crc32.Castagnoli))
		if want := fmt.Sprintf("%s,\"sum\":\"%08x\"}\n", strings.TrimSuffix(string(content), "}"), sum); line != want {
			t.Errorf("bound to %q: the line is %q, want %q", bound, line, want)
		}
		var got value
		if err := jsonline.Decode([]byte(line[:len(line)-1]), &got, []byte(bound)); err != nil || got != example {
			t.Errorf("bound to %q: read back as %+v, %v", bound, got, err)
		}
	}
}

// No bit can be flipped and no byte be cut off, and a line of one experiment is none
// of another.
func TestALineThatWasChangedIsRefused(t *testing.T) {
	line := encode(t, "experiment")
	line = line[:len(line)-1]
	refused := func(what string, line []byte, bound string) {
		t.Helper()
		var got value
		if err := jsonline.Decode(line, &got, []byte(bound)); err == nil {
			t.Errorf("%s: %q was read as %+v", what, line, got)
		}
	}
	for bit := range 8 * len(line) {
		damaged := bytes.Clone(line)
		damaged[bit/8] ^= 1 << (bit % 8)
		refused(fmt.Sprint("bit ", bit), damaged, "experiment")
	}
	for length := range line {
		refused(fmt.Sprint("cut to ", length), line[:length], "experiment")
	}
	refused("another experiment's", line, "another")
	refused("without a bound", line, "")
	more, err := jsonline.Encode(struct {
		value
		More int `json:"more"`
	}{example, 1}, []byte("experiment"))
	if err != nil {
		t.Fatal(err)
	}
	refused("a field that is not known", more[:len(more)-1], "experiment")
}
