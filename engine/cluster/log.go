package cluster

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"modspec/engine/regularfile"
)

const (
	logLines = 5       // that are shown of a log
	logBytes = 1 << 13 // that are read of it, from its end
)

// log returns the newest log of a shard and its last lines. There is none if the
// shard was never started.
func (s *Submission) log(dir string, shard *ShardStatus) (path string, end []string) {
	names := []string{}
	if shard.Job != "" {
		names = append(names, shard.Job)
	}
	for i := len(s.Sent) - 1; i >= 0; i-- {
		if sent := &s.Sent[i]; sent.Job != "" && sent.has(shard.index) {
			names = append(names, fmt.Sprintf("%s_%d", sent.Job, shard.index))
		}
	}
	for _, name := range names {
		if path, end := lastLines(filepath.Join(dir, LogsName, name+".out")); path != "" {
			return path, end
		}
	}
	return "", nil
}

// lastLines returns the last lines of a file with its path, or nothing if it cannot be
// read. Control characters are left out, since a terminal would interpret them.
func lastLines(path string) (string, []string) {
	f, size, err := regularfile.Open(path)
	if err != nil {
		return "", nil
	}
	defer f.Close()
	from := max(0, size-logBytes)
	data, err := io.ReadAll(io.NewSectionReader(f, from, logBytes))
	if err != nil {
		return "", nil
	}
	lines := strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' || r == '\r' })
	if from > 0 && len(lines) > 1 {
		lines = lines[1:] // the first began before what was read
	}
	shown := []string{}
	for _, line := range lines {
		line = strings.TrimSpace(strings.Map(printable, line))
		if line != "" {
			shown = append(shown, line)
		}
	}
	return path, shown[max(0, len(shown)-logLines):]
}

func printable(r rune) rune {
	if r == '\t' || r == utf8.RuneError {
		return ' '
	}
	if !unicode.IsPrint(r) {
		return -1
	}
	return r
}
