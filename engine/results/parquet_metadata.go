package results

import (
	"fmt"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/regularfile"
)

// Metadata returns a text that [Writer.SetMetadata] put into the footer of a table's
// file, or "" if there is none of that key. The error names the file.
func Metadata[T Row](path, key string) (value string, err error) {
	f, size, err := regularfile.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading %w", err)
	}
	defer f.Close()
	err = UseTable[T](f, path, size, func(file *parquet.File) error {
		value, _ = file.Lookup(key)
		return nil
	})
	return value, err
}
