package results

import (
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"
)

// Metadata returns a text that [Writer.SetMetadata] put into the footer of a file,
// or "" if there is none of that key. The error names the file.
func Metadata(path, key string) (value string, err error) {
	err = guarded(func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return fmt.Errorf("it is cut short, damaged or no Parquet file: %w", err)
		}
		value, _ = file.Lookup(key)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return value, nil
}
