package space_test

import (
	"reflect"
	"strings"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// dense is the paper's dense setting, the defaults of modspec train.
var dense = sweeptest.Parameters{
	Bits: 3, NX: 3, NY: 1, KX: 3, KY: 1, R: 1, InputBits: "0,1,2", OutputBits: "0",
	Arch: "dense", Hidden: 50, Depth: 1, Rule: "gd", LR: 0.16, InitScale: 0.0002,
	Steps: 300, TrainExamples: 8, Batch: 8,
}

func copyID(p sweeptest.Parameters, seed uint64) space.ID {
	return space.CopyID(model.Kind, p.Values(), "float32", seed)
}

// TestGoldenIdentity: ids are for ever. The values are the SHA-256 of the text
// in CopyID's documentation, computed with another program.
func TestGoldenIdentity(t *testing.T) {
	if got, want := copyID(dense, 7).String(), "833cf0fea96239ca64766c5e2322b406"; got != want {
		t.Errorf("the id is %s, want %s", got, want)
	}
	if got, want := train.PointHash(model.Kind, dense.Values()), uint64(0x8f89f4686de4ecaa); got != want {
		t.Errorf("the point is %x, want %x", got, want)
	}
	if got := train.Stream(model.Kind, dense.Values(), 7); got.Seed != 7 || got.Point != train.PointHash(model.Kind, dense.Values()) {
		t.Errorf("the stream is %+v", got)
	}
}

// TestEveryParameterIsIdentity changes each field of the parameters by itself: a
// field that is added and forgotten in the encoding is found here. Steps and
// precision alone leave the point, and so the initial weights, as they are.
func TestEveryParameterIsIdentity(t *testing.T) {
	ids := map[space.ID]string{copyID(dense, 0): "nothing", copyID(dense, 1): "the seed",
		space.CopyID(model.Kind, dense.Values(), "float64", 0): "the precision"}
	points := map[uint64]string{train.PointHash(model.Kind, dense.Values()): "nothing"}
	kind := reflect.TypeOf(dense)
	for i := range kind.NumField() {
		changed := dense
		name := kind.Field(i).Name
		switch field := reflect.ValueOf(&changed).Elem().Field(i); field.Kind() {
		case reflect.Int:
			field.SetInt(field.Int() + 1)
		case reflect.Float64:
			field.SetFloat(field.Float() + 0x1p-20)
		case reflect.String:
			field.SetString(field.String() + "0")
		default:
			t.Fatalf("the field %s is a %v, which identities do not have", name, field.Kind())
		}
		id := copyID(changed, 0)
		if same, taken := ids[id]; taken {
			t.Errorf("changing %s gives the id of changing %s", name, same)
		}
		ids[id] = name
		point := train.PointHash(model.Kind, changed.Values())
		same, taken := points[point]
		if free := name == "Steps"; taken != free {
			t.Errorf("changing %s gives the point of changing %q: %v", name, same, taken)
		}
		points[point] = name
	}
}

// TestTextsDoNotRunTogether: no text can pass for the next line.
func TestTextsDoNotRunTogether(t *testing.T) {
	a, b := dense, dense
	a.Arch, a.Modules = "x\"\nmodules=\"", ""
	b.Arch, b.Modules = "x", "\"\nmodules=\""
	if copyID(a, 0) == copyID(b, 0) {
		t.Error("two settings have one id")
	}
}

func TestParseID(t *testing.T) {
	id := copyID(dense, 0)
	if got, err := space.ParseID(id.String()); err != nil || got != id {
		t.Errorf("ParseID gives %v, %v", got, err)
	}
	text := id.String()
	for _, bad := range []string{"", text[1:], text + "0", strings.Repeat("x", 32), strings.ToUpper(text)} {
		if _, err := space.ParseID(bad); err == nil {
			t.Errorf("ParseID takes %q", bad)
		}
	}
}
