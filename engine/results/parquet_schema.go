package results

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// tableFormat counts the forms that files have had. A reader of one form refuses every
// other, because a column that is read by a name of another meaning is worse than
// none.
const tableFormat = 1

func formatName() string { return strconv.Itoa(tableFormat) }

// The keys under which a file says what it holds.
const (
	tableKey  = "modspec.table"
	formatKey = "modspec.format"
	schemaKey = "modspec.schema"
)

// A tableSchema is the JSON under schemaKey.
type tableSchema struct {
	Kind    string `json:"kind,omitempty"`
	Columns Schema `json:"columns"`
}

// maxSchema is the bytes of a schema's JSON. A column takes some hundred.
const maxSchema = 1 << 20

// columnTypes are the types of columns as Parquet keeps them.
var columnTypes = [...]reflect.Type{Real: reflect.TypeFor[float64](), Whole: reflect.TypeFor[int64](), Seed: reflect.TypeFor[uint64](), Text: reflect.TypeFor[string]()}

// parquetSchema returns the table's form in a file, where the columns stand in their own
// order. Texts and parameters repeat from row to row and are kept by dictionary;
// measured numbers hardly ever do.
func (t *Table) parquetSchema() *parquet.Schema {
	fields := make([]reflect.StructField, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		tag := c.Name
		switch {
		case c.Null:
			tag += ",optional"
		case c.Name != IDColumn && c.Name != CopyColumn && (c.Role != Metric || c.Type != Real):
			tag += ",dict"
		}
		fields[i] = reflect.StructField{
			Name: fmt.Sprintf("C%d", i),
			Type: columnTypes[c.Type],
			Tag:  reflect.StructTag(fmt.Sprintf("parquet:%q", tag)),
		}
	}
	// The library keeps the order of a struct's fields, and no other's.
	return parquet.NewSchema(t.Name, parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}

// tableOf returns the table of a file, which must have the given name.
func tableOf(file *parquet.File, name string) (*Table, error) {
	if have, ok := file.Lookup(tableKey); !ok || have != name {
		return nil, fmt.Errorf("it holds table %q, not %q", clip(have), name)
	}
	if format, _ := file.Lookup(formatKey); format != formatName() {
		return nil, fmt.Errorf("its form is number %q, but this version reads form %d only; use the version of modspec that wrote it", clip(format), tableFormat)
	}
	plain, err := plainTable(file, name)
	if err != nil {
		return nil, err
	}
	t := plain
	text, ok := file.Lookup(schemaKey)
	switch {
	case !ok:
		t.guessRoles()
	case len(text) > maxSchema:
		return nil, fmt.Errorf("its schema has %d bytes, but has at most %d: it is damaged", len(text), maxSchema)
	default:
		var schema tableSchema
		if err := json.Unmarshal([]byte(text), &schema); err != nil {
			return nil, fmt.Errorf("its schema cannot be read: %w", err)
		}
		t = &Table{name, schema.Kind, schema.Columns}
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("its schema: %w", err)
	}
	if err := plain.SameColumns(t); err != nil {
		return nil, fmt.Errorf("its columns are not those of its schema: %w", err)
	}
	return t, nil
}

// plainTable returns a file's table as its Parquet schema alone tells it.
func plainTable(file *parquet.File, name string) (*Table, error) {
	t := &Table{Name: name}
	for _, f := range file.Schema().Fields() {
		c := Column{Name: f.Name(), Null: f.Optional(), Type: -1}
		if f.Leaf() && !f.Repeated() {
			c.Type = Type(slices.Index(parquetTypes[:], f.Type().String()))
		}
		if c.Type < 0 {
			return nil, fmt.Errorf("column %q holds %s, which no table does; use the version of modspec that wrote it", clip(f.Name()), clip(f.Type().String()))
		}
		t.Columns = append(t.Columns, c)
	}
	return t, nil
}

// parquetTypes are the names of columnTypes in Parquet.
var parquetTypes = func() (names [len(columnTypes)]string) {
	for i, t := range columnTypes {
		names[i] = parquet.SchemaOf(reflect.New(reflect.StructOf([]reflect.StructField{{Name: "C", Type: t}})).Interface()).Fields()[0].Type().String()
	}
	return names
}()

// What schemas say of some columns of linear networks.
var (
	legacyRanks = map[string]int{"systematicity": 1, "train_loss": 2, "t_half_1": 3}
	legacyWords = map[string][]string{
		"arch": {"dense", "shallow", "split", "partitioned", "custom"},
		"rule": {"gd", "hebbian", "anti-hebbian", "contrastive-hebbian", "predictive-coding"},
	}
)

// guessRoles gives the columns of a file without a schema their roles, by the names
// and the order that all such files have: files of earlier versions, which were all of
// linear networks.
func (t *Table) guessRoles() {
	frame := trajectoriesFrame
	if t.Name == RunsTable {
		frame = runsFrame
	}
	role := Metric
	for i := range t.Columns {
		c := &t.Columns[i]
		c.Role = role
		if known := frame.Index(c.Name); known >= 0 {
			c.Role, c.Label, c.Doc = frame[known].Role, frame[known].Label, frame[known].Doc
		}
		switch of, predicted := strings.CutPrefix(c.Name, "pred_"); {
		case c.Name == SeedColumn && t.Name == RunsTable:
			role = Parameter // what follows
		case c.Name == PrecisionColumn:
			role = Metric
		case legacyWords[c.Name] != nil && role == Parameter:
			c.Words = legacyWords[c.Name]
		case c.Name == "prediction":
			c.Role = Source
		case predicted && t.Columns.Index(of) >= 0:
			c.Role, c.Of = Prediction, of
		case strings.HasPrefix(c.Name, "t_half_"):
			rest := strings.TrimPrefix(c.Name, "t_half_")
			for _, of := range []string{"mode_" + rest, "quadrant_" + rest} {
				if t.Columns.Index(of) >= 0 {
					c.Role, c.Of, c.Unit = Time, of, "steps"
				}
			}
		}
		if t.Name == RunsTable {
			c.Rank = legacyRanks[c.Name]
		}
	}
}
