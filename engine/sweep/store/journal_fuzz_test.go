package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"testing"

	"modspec/engine/jsonline"
)

// seal ends each line of a text in its checksum, so that what a fuzzer makes of the
// content is read and not refused for its sum.
func seal(text []byte) []byte {
	var sealed []byte
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if body, ok := bytes.CutSuffix(line, []byte("}")); ok {
			sealed = append(sealed, body...)
			sealed = fmt.Appendf(sealed, ",\"sum\":\"%08x\"}\n", crc32.Checksum(line, castagnoli))
		}
	}
	return sealed
}

// unseal is the inverse of seal.
func unseal(text []byte) []byte {
	var open []byte
	for line := range bytes.Lines(text) {
		open = append(append(open, line[:len(line)-1-jsonline.SumLength]...), "}\n"...)
	}
	return open
}

// FuzzJournal: whatever the lines of a journal hold, reading them ends without a
// panic; what is accepted is written again as lines that say the same; and a bit
// flipped in these ends the reading at its line, and changes nothing of what those
// before it say. Before, a fuzzer's lines all failed at their checksums, and a
// stretch such as [5,5,2⁶³−1] made the reader panic.
func FuzzJournal(f *testing.F) {
	text := unseal(someJournal(f))
	f.Add(text, uint32(0))
	f.Add(bytes.ReplaceAll(text, []byte("[4,4,1]"), []byte("[4,4,9223372036854775807]")), uint32(1))
	one := bytes.ReplaceAll(text, []byte("[5,9,2]"), []byte("[5,5,9223372036854775807]"))
	f.Add(bytes.ReplaceAll(one, []byte(`"rows":3`), []byte(`"rows":1`)), uint32(2))
	for line := range bytes.Lines(text) {
		f.Add(append(bytes.Clone(text[:bytes.IndexByte(text, '\n')+1]), line...), uint32(len(line)))
	}
	f.Fuzz(func(t *testing.T, data []byte, flip uint32) {
		readEvents(bytes.NewReader(data), &record{})
		r := &record{}
		var events []event
		// A set of numbers takes the room of the largest: not too much of it here.
		_, err := eachLine(bytes.NewReader(seal(data)), func(_ int, line []byte) error {
			e, err := decodeEvent(line)
			if err == nil && e.Sweep != nil && e.Sweep.Copies > 1<<16 {
				err = errors.New("too many copies")
			}
			if err == nil {
				err = r.apply(e)
			}
			if err == nil {
				events = append(events, e)
			}
			return err
		})
		if err != nil && r.sweep == nil {
			return
		}
		var written []byte
		for _, e := range events {
			line, err := encodeEvent(e)
			if err != nil {
				t.Fatalf("an event that was read cannot be written: %v", err)
			}
			again, err := decodeEvent(line[:len(line)-1])
			if twice, _ := encodeEvent(again); err != nil || !bytes.Equal(line, twice) {
				t.Fatalf("%s is read as %s, %v", line, twice, err)
			}
			written = append(written, line...)
		}
		same := &record{}
		if whole, err := readEvents(bytes.NewReader(written), same); err != nil || whole != int64(len(written)) {
			t.Fatalf("%d of %d bytes written are read: %v", whole, len(written), err)
		}
		if err == nil && !sameRecord(r, same) {
			t.Fatalf("written and read again, %+v is %+v", r, same)
		}

		if len(written) == 0 {
			return
		}
		bit := int(flip % uint32(8*len(written)))
		changed := bytes.Clone(written)
		changed[bit/8] ^= 1 << (bit % 8)
		before := bytes.LastIndexByte(written[:bit/8], '\n') + 1
		damaged, intact := &record{}, &record{}
		whole, err := readEvents(bytes.NewReader(changed), damaged)
		if whole != int64(before) || err == nil && bit/8 != len(written)-1 {
			t.Fatalf("bit %d flipped, %d bytes are read, %v; want %d", bit, whole, err, before)
		}
		if _, err := readEvents(bytes.NewReader(written[:before]), intact); err != nil || !sameRecord(damaged, intact) {
			t.Fatalf("bit %d flipped, the lines before it say %+v instead of %+v, %v", bit, damaged, intact, err)
		}
	})
}

// sameRecord compares what two journals tell.
func sameRecord(a, b *record) bool { return plain(a) == plain(b) }

func plain(r *record) string {
	text, err := json.Marshal([]any{r.sweep, r.parts, r.began, r.shards, r.sessions, r.done.Sorted(), r.lastPart, r.failures, r.failure})
	return fmt.Sprintf("%s%v", text, err)
}
